"""Processes of torchrun that are one worker."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from populations import journal
from program import Murmur, murmur_binary
from support.libraries import PYTORCH, installed
from support.repository import REPOSITORY
from support.waiting import STOP_SECONDS, wait_until

EXAMPLES = REPOSITORY / "Examples"
RANKS = 2


@pytest.fixture(autouse=True)
def torch() -> None:
    installed("torch", PYTORCH)
    installed("sklearn", PYTORCH)


def torchrun(script: Path) -> list[str]:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return [*launcher, "--nproc-per-node", str(RANKS), str(script)]


def environment(**others: str) -> dict[str, str]:
    # A machine's own name may lead nowhere.
    return {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "PYTHONUNBUFFERED": "1", **others}


def test_the_example_trains_a_population(tmp_path: Path) -> None:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    arguments = [
        *(str(binary), "run", "--data", str(tmp_path / "runs")),
        *("--space", str(EXAMPLES / "digits_torch.yaml")),
        *("--population-size", "3", "--interval", "2", "--max-steps", "4", "--workers", "1"),
        *("--", *torchrun(EXAMPLES / "digits_ddp.py")),
    ]
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=300, cwd=tmp_path, env=environment()
    )
    log = (tmp_path / "runs/0001/logs/worker-0.log").read_text()
    assert done.returncode == 0, done.stdout + done.stderr + log
    assert "Finished: 3 members" in done.stdout
    # All ranks heard the same, in the same order.
    # Unbuffered Python writes a line and its end apart, and another rank may come between.
    told = r"rank (\d), (member \d+, step \d+: \w+?)(?=rank \d,|\W|$)"
    lines = re.findall(told, log)
    by_rank = [[told for rank, told in lines if rank == str(each)] for each in range(RANKS)]
    assert len(by_rank[0]) >= 6
    assert by_rank[0] == by_rank[1]
    actions = Counter(told.split(": ")[1] for told in by_rank[0])
    # Members share the worker, so that each of them goes on from its checkpoint, in both ranks.
    assert actions["switch"] >= 3
    assert "declined" not in log
    score = next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("score"))
    assert float(score) > 0.3


@contextmanager
def launched(murmur: Murmur, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    places = {"MURMUR_URL": murmur.url, "MURMUR_CHECKPOINTS": str(tmp_path / "checkpoints")}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            torchrun(EXAMPLES / "digits_ddp.py"),
            env=environment(**places),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ranks_of(launcher: int) -> list[int]:
    """The launcher's processes that train, as Linux lists them."""
    found = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    return [
        int(each) for each in found if b"digits_ddp" in Path(f"/proc/{each}/cmdline").read_bytes()
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="it looks for processes as Linux has them")
def test_a_rank_that_dies_ends_the_job_and_its_member_is_given_back(
    murmur: Murmur, tmp_path: Path
) -> None:
    space = str(EXAMPLES / "digits_torch.yaml")
    murmur.murmur("create", "p", "--space", space, "--population-size", "1", "--max-steps", "9999")
    reports = "SELECT count(*) FROM event WHERE kind = 'reported'"
    with launched(murmur, tmp_path) as process:
        wait_until(lambda: journal(murmur, reports) > [(2,)], (tmp_path / "log").read_text)
        os.kill(ranks_of(process.pid)[-1], signal.SIGKILL)
        assert process.wait(STOP_SECONDS) != 0, (tmp_path / "log").read_text()
    released = "SELECT detail FROM event WHERE kind = 'released'"
    wait_until(lambda: journal(murmur, released) != [], "its member is given back")
    assert journal(murmur, released) != [("lapsed",)]
