"""Drivers as processes of their own: submitted as a job, interrupted, and without room."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import Cluster

HERE = Path(__file__).parent
PATIENCE_SECONDS = 180.0


def test_a_job_is_submitted(cluster: Cluster, tmp_path: Path) -> None:
    ray = Path(sys.executable).with_name("ray")
    variables = {"BOWL_CHECKPOINTS": str(tmp_path), "MURMUR_BIN": os.environ["MURMUR_BIN"]}
    pairs = ", ".join(f'"{name}": "{value}"' for name, value in variables.items())
    done = subprocess.run(
        [
            *(str(ray), "job", "submit", "--address", f"http://{cluster.dashboard}"),
            *("--working-dir", str(HERE), "--runtime-env-json", f'{{"env_vars": {{{pairs}}}}}'),
            *("--", sys.executable, "bowl.py"),
        ],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "finished: True, best: member" in done.stdout
    assert "succeeded" in done.stdout


def test_without_room_it_is_said_and_an_interrupt_ends_all(
    cluster: Cluster, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "BOWL_CHECKPOINTS": str(tmp_path),
        "BOWL_RESOURCES": '{"GPU": 1}',
        "RAY_ADDRESS": cluster.address,
        "TMPDIR": str(tmp_path),
    }
    said = tmp_path / "said"
    with said.open("wb") as log:
        driver = subprocess.Popen(
            [sys.executable, str(HERE / "bowl.py")], stdout=log, stderr=log, env=environment
        )
    sentence = re.compile(
        r"0 of 2 workers run, and the others wait for 1 CPU, 1 GPU each: no node of this cluster "
        r"has so much; ask for less with resources=\{…\}, or add a node\. Of the whole cluster "
        r"there is free: \d CPU, 0 GPU\."
    )
    until = time.monotonic() + PATIENCE_SECONDS
    while not sentence.search(said.read_text()):
        assert driver.poll() is None, said.read_text()
        assert time.monotonic() < until, said.read_text()
        time.sleep(0.2)
    assert list(tmp_path.glob("murmuration-*"))
    driver.send_signal(signal.SIGINT)
    assert driver.wait(PATIENCE_SECONDS) != 0
    assert "KeyboardInterrupt" in said.read_text()
    # The coordinator has ended, and its temporary directory is gone with it.
    assert not list(tmp_path.glob("murmuration-*"))
    assert not list(tmp_path.glob(".murmuration-*"))
