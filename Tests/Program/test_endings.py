"""A run that ends by itself says why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from program import murmur_binary
from support.waiting import START_SECONDS

# It scores the same for ever.
TRAIN = """
from pathlib import Path
from murmuration import Worker

with Worker() as worker:
    while worker.training:
        path = worker.checkpoint_path(".json")
        Path(path).write_text("{}")
        worker.report(worker.target_step, 1.0, checkpoint=path)
"""


@pytest.fixture
def train(tmp_path: Path) -> list[str]:
    (tmp_path / "space.csv").write_text("rate,0.01,1,log\n")
    script = tmp_path / "train.py"
    script.write_text(TRAIN)
    return ["--", sys.executable, str(script)]


def murmur(project: Path, *arguments: str) -> str:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    done = subprocess.run(
        [str(binary), *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=4 * START_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run(project: Path, train: list[str], *options: str) -> str:
    return murmur(
        *(project, "run", "--space", "space.csv", "--population-size", "6", "--workers", "2"),
        *(*options, *train),
    )


def test_a_run_ends_when_its_budget_is_used_up(tmp_path: Path, train: list[str]) -> None:
    said = run(tmp_path, train, "--report-budget", "30")
    assert "Ended: 6 members" in said
    assert "report_budget (30) is used up" in said
    assert "report_budget (30) is used up" in murmur(tmp_path, "explain", "0")
    assert "ended" in murmur(tmp_path, "history", "--events")


def test_a_run_ends_on_a_plateau(tmp_path: Path, train: list[str]) -> None:
    said = run(tmp_path, train, "--plateau", "8")
    assert "Ended: 6 members" in said
    assert "nothing was gained beyond noise in its last intervals (plateau 8)" in said
