"""Processes of mpirun that are one worker, or several workers of several processes each."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from populations import journal, settled
from program import Murmur
from support.libraries import installed
from support.waiting import STOP_SECONDS, wait_until

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        shutil.which("mpirun") is None, reason="mpirun is not here: apt-get install openmpi-bin"
    ),
]

WORKER = Path(__file__).with_name("mpi_worker.py")
SPACE = "name,min,max,scale\nlr,0.001,0.1,log\n"
TOGETHER_SECONDS = 200.0


@pytest.fixture(autouse=True)
def mpi() -> None:
    installed("mpi4py", "pip install mpi4py")


def mpirun(ranks: int) -> list[str]:
    # By itself Python lets the others wait for a rank that failed; so started, it ends them.
    return ["mpirun", "-n", str(ranks), sys.executable, "-m", "mpi4py", str(WORKER)]


def environment(murmur: Murmur, checkpoints: Path, **others: str) -> dict[str, str]:
    open_mpi = {
        # More ranks than processors, and nothing beyond this machine.
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "OMPI_MCA_btl": "self,vader",
        "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
        "OMPI_MCA_oob_tcp_if_include": "lo",
        # A waiting rank leaves the processor to others.
        "OMPI_MCA_mpi_yield_when_idle": "1",
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    }
    places = {"MURMUR_URL": murmur.url, "MURMUR_CHECKPOINTS": str(checkpoints)}
    return {**os.environ, **open_mpi, **places, **others}


def create(murmur: Murmur, tmp_path: Path, members: int = 4, steps: int = 8) -> None:
    (tmp_path / "space.csv").write_text(SPACE)
    options = ["--population-size", str(members), "--max-steps", str(steps), "--interval", "2"]
    space = str(tmp_path / "space.csv")
    murmur.murmur("create", "p", "--space", space, *options, "--min-population-size", "2")


def heard(said: str, ranks: range) -> list[list[str]]:
    # Two ranks may end up on one line.
    lines = re.findall(r"rank (\d+) ((?:heard|ends:) .*?) *(?=rank \d|$)", said, re.MULTILINE)
    return [[told for rank, told in lines if rank == str(each)] for each in ranks]


@pytest.mark.parametrize(("ranks", "group"), [(2, 2), (4, 4), (4, 2)])
def test_a_population_is_trained_to_its_end(
    murmur: Murmur, tmp_path: Path, ranks: int, group: int
) -> None:
    create(murmur, tmp_path)
    done = subprocess.run(
        mpirun(ranks),
        env=environment(murmur, tmp_path / "checkpoints", GROUP=str(group)),
        capture_output=True,
        text=True,
        timeout=TOGETHER_SECONDS,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    workers = [range(first, first + group) for first in range(0, ranks, group)]
    for each in workers:
        # All ranks of a worker heard the same, in the same order, to the end.
        told, *others = heard(done.stdout, each)
        assert told[-1].startswith("ends: "), said
        assert all(other == told for other in others), said
    reports = sum(
        line.startswith("heard ") for each in workers for line in heard(done.stdout, each)[0]
    )
    assert reports == 4 * 8 / 2
    names = settled(murmur, "SELECT DISTINCT detail FROM event WHERE kind = 'leased'")
    assert len(names) == len(workers)
    assert journal(murmur, "SELECT count(*) FROM event WHERE kind = 'declined'") == [(0,)]


def test_what_one_rank_cannot_load_is_declined_for_all(murmur: Murmur, tmp_path: Path) -> None:
    create(murmur, tmp_path, members=6, steps=20)
    done = subprocess.run(
        mpirun(2),
        env=environment(murmur, tmp_path / "checkpoints", WORSE="1"),
        capture_output=True,
        text=True,
        timeout=TOGETHER_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first, second = heard(done.stdout, range(2))
    assert first == second
    reasons = journal(murmur, "SELECT detail FROM event WHERE kind = 'declined'")
    assert reasons
    assert all("this rank cannot load it" in str(reason) for (reason,) in reasons)


def test_a_rank_that_fails_ends_the_job(murmur: Murmur, tmp_path: Path) -> None:
    create(murmur, tmp_path, members=1, steps=9999)
    done = subprocess.run(
        mpirun(2),
        env=environment(murmur, tmp_path / "checkpoints", FAIL="1/5"),
        capture_output=True,
        text=True,
        timeout=TOGETHER_SECONDS,
    )
    assert done.returncode != 0
    assert "RuntimeError: this rank fails" in done.stderr
    # Rank 0 reported what it had been asked for until then.
    assert heard(done.stdout, range(2))[0] != []


@pytest.mark.skipif(sys.platform != "linux", reason="it looks for processes as Linux has them")
def test_a_rank_that_is_killed_ends_the_job(murmur: Murmur, tmp_path: Path) -> None:
    create(murmur, tmp_path, members=1, steps=999999)
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            mpirun(2),
            env=environment(murmur, tmp_path / "checkpoints"),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        reports = "SELECT count(*) FROM event WHERE kind = 'reported'"
        wait_until(lambda: journal(murmur, reports) > [(2,)], (tmp_path / "log").read_text)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[-1]), signal.SIGKILL)
        assert process.wait(STOP_SECONDS) != 0, (tmp_path / "log").read_text()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
