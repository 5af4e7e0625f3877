"""Drivers as processes of their own: submitted as a job, killed, interrupted, and without room."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import GPUS, RAY, Cluster
from support.waiting import wait_until

HERE = Path(__file__).parent
PATIENCE_SECONDS = 180.0


def ray(*arguments: str) -> str:
    done = subprocess.run(
        [str(RAY), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def submitted(cluster: Cluster, *options: str, **variables: str) -> str:
    variables["MURMUR_BIN"] = os.environ["MURMUR_BIN"]
    return ray(
        *("job", "submit", "--address", f"http://{cluster.dashboard}", *options),
        *("--working-dir", str(HERE), "--runtime-env-json", json.dumps({"env_vars": variables})),
        *("--", sys.executable, "bowl.py"),
    )


def driver(cluster: Cluster, log: Path, **variables: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "RAY_ADDRESS": cluster.address, **variables}
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, str(HERE / "bowl.py")], stdout=file, stderr=file, env=environment
        )


def test_a_job_is_submitted(cluster: Cluster, tmp_path: Path) -> None:
    said = submitted(cluster, BOWL_CHECKPOINTS=str(tmp_path))
    assert "finished: True, best: member" in said
    assert "succeeded" in said


@pytest.mark.parametrize("is_job", [False, True], ids=["killed", "a job that is stopped"])
def test_a_driver_that_is_ended_leaves_nothing(
    cluster: Cluster, tmp_path: Path, *, is_job: bool
) -> None:
    def workings() -> list[str]:
        return [each for each in cluster.processes() if re.search("Trainer| serve ", each)]

    # Those of the tests before may still be ending.
    wait_until(lambda: not workings(), lambda: str(workings()))
    trains, log = tmp_path / "trains", tmp_path / "log"
    variables = {"BOWL_CHECKPOINTS": str(tmp_path), "BOWL_TRAINS_FOREVER": str(trains)}
    if is_job:
        submitted(cluster, "--no-wait", "--submission-id=bowl", **variables)
        wait_until(trains.exists, lambda: "nothing trains")
        assert len(workings()) >= 2
        ray("job", "stop", "--address", f"http://{cluster.dashboard}", "bowl")
    else:
        process = driver(cluster, log, **variables)
        wait_until(trains.exists, log.read_text)
        assert len(workings()) >= 2
        process.kill()
        process.wait()
    wait_until(lambda: not workings(), lambda: str(workings()))


def test_without_room_it_is_said_and_an_interrupt_ends_all(
    cluster: Cluster, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    process = driver(
        cluster,
        said,
        BOWL_CHECKPOINTS=str(tmp_path),
        BOWL_RESOURCES=json.dumps({"GPU": GPUS + 1}),
        TMPDIR=str(tmp_path),
    )
    sentence = re.compile(
        rf"0 of 2 workers run, and the others wait for 1 CPU, {GPUS + 1} GPU each: no node of this "
        r"cluster has so much; ask for less with resources=\{…\}, or add a node\. Of the whole "
        rf"cluster there is free: \d CPU, {GPUS} GPU\."
    )
    wait_until(
        lambda: process.poll() is not None or sentence.search(said.read_text()) is not None,
        said.read_text,
    )
    assert process.poll() is None, said.read_text()
    assert list(tmp_path.glob("murmuration-*"))
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) != 0
    assert "KeyboardInterrupt" in said.read_text()
    # The coordinator has ended, and its temporary directory is gone with it.
    assert not list(tmp_path.glob("murmuration-*"))
    assert not list(tmp_path.glob(".murmuration-*"))
