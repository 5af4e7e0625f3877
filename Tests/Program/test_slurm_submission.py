"""What `murmur slurm` leaves when it gets no further. The commands of Slurm are stand-ins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from program import Murmur, murmur_binary
from support.waiting import STOP_SECONDS, wait_until

# Each tells what it was asked, and then does what its file says.
COMMAND = """#!/bin/sh
echo "$(basename "$0") $*" >> "$ASKED"
[ -f "$0.does" ] && . "$0.does"
exit 0
"""


def binary() -> Path:
    found = murmur_binary()
    assert found is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    return found


@dataclass
class Cluster:
    directory: Path

    def __post_init__(self) -> None:
        self.bin.mkdir()
        for name in ("sbatch", "squeue", "scancel", "scontrol"):
            command = self.bin / name
            command.write_text(COMMAND)
            command.chmod(0o755)
        self.does("sbatch", 'wc -l < "$ASKED"')
        (self.directory / "space.csv").write_text("rate,0.01,1,log\n")

    @property
    def bin(self) -> Path:
        return self.directory / "bin"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def asked(self) -> list[str]:
        file = self.directory / "asked"
        return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []

    def does(self, name: str, script: str) -> None:
        (self.bin / f"{name}.does").write_text(script + "\n")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "ASKED": str(self.directory / "asked"),
        }
        return subprocess.Popen(
            [str(binary()), "slurm", *arguments],
            cwd=self.directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        said, complained = process.communicate(timeout=STOP_SECONDS)
        return process.returncode, said, complained

    def submit(self) -> tuple[int, str, str]:
        return self.run(*SUBMISSION)


SUBMISSION = ("--workers=2", "--space=space.csv", "--data=data", "--", sys.executable, "-c", "")


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


def test_a_submission_is_noted(cluster: Cluster) -> None:
    code, said, complained = cluster.submit()
    assert (code, complained) == (0, "")
    assert said.startswith("Submitted space: job 1 is the coordinator, and job 2 is an array of 2")
    record = json.loads((cluster.data / "slurm.json").read_text())
    assert record["jobs"] == {"coordinator": "1", "workers": "2"}
    assert cluster.asked == ["sbatch", "sbatch"]


def test_what_cannot_be_noted_is_withdrawn(cluster: Cluster) -> None:
    cluster.does("sbatch", 'wc -l < "$ASKED"; rm -f data/slurm.json; mkdir -p data/slurm.json/x')
    code, _, complained = cluster.submit()
    assert code == 1
    assert "slurm.json cannot be written" in complained
    assert cluster.asked == ["sbatch", "sbatch", "scancel", "scancel"]
    assert not cluster.data.exists()


def test_a_job_that_stays_after_another_was_refused_is_named(cluster: Cluster) -> None:
    cluster.does("sbatch", '[ "$(wc -l < "$ASKED")" = 1 ] && echo 7 || { echo no >&2; exit 1; }')
    cluster.does("scancel", "echo away >&2; exit 1")
    code, _, complained = cluster.submit()
    assert code == 1
    assert complained.splitlines() == [
        "Job 7 may be in the queue; scancel ends it. Slurm's scancel refuses this: away.",
        "Error: Slurm's sbatch refuses this: no.",
    ]


def test_a_run_that_was_interrupted_goes_on_only_with_a_population(cluster: Cluster) -> None:
    process = cluster.start(*SUBMISSION)
    wait_until(lambda: (cluster.data / "secret").exists(), "the directory is made")
    process.kill()
    process.communicate(timeout=STOP_SECONDS)
    code, said, complained = cluster.submit()
    if code == 0:
        # It came to that before it was killed.
        assert "space" in Murmur(binary(), cluster.data).murmur("list")
    else:
        assert (code, said) == (1, "")
        assert "is not empty, and holds no run of murmur slurm" in complained
        assert "sbatch" not in cluster.asked


@pytest.mark.parametrize("command", [("cancel", "data"), SUBMISSION], ids=["cancel", "submit"])
def test_a_record_that_cannot_be_read_is_not_taken_for_none(
    command: tuple[str, ...], cluster: Cluster
) -> None:
    # As that of another user, which a test that runs as root could read.
    (cluster.data / "slurm.json").mkdir(parents=True)
    code, said, complained = cluster.run(*command)
    assert (code, said) == (1, "")
    assert complained == (
        f"Error: The file {cluster.data}/slurm.json cannot be read; do this as the user who "
        "submitted the run, or name another directory.\n"
    )
