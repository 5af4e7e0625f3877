"""A schedule that is replayed is the line that it came from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from program import murmur_binary
from support.waiting import START_SECONDS

SPACE = "rate,0.01,1,log\nmomentum,0.1,0.9,linear\n"

# What it scores depends on the hyperparameters of each step, and on nothing else.
TRAIN = """
import json
from pathlib import Path
from murmuration import Worker, restored

def load(path):
    return json.loads(Path(path).read_text())

def fresh():
    return {"step": 0, "value": 0.0}

with Worker() as worker:
    state = restored(worker, load, fresh)
    while worker.training:
        rate, momentum = worker.hyperparameters["rate"], worker.hyperparameters["momentum"]
        for step in range(state["step"], worker.target_step):
            state["value"] += (1 - state["value"]) * 0.1 * rate ** (0.01 * step) * momentum
        state["step"] = worker.target_step
        path = worker.checkpoint_path(".json")
        Path(path).write_text(json.dumps(state))
        if worker.report(worker.target_step, state["value"], checkpoint=path).loads:
            state = restored(worker, load, fresh)
"""


@pytest.fixture
def train(tmp_path: Path) -> list[str]:
    (tmp_path / "space.csv").write_text(SPACE)
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


def line(text: str) -> list[tuple[int, dict[str, float]]]:
    """Where each set of hyperparameters ended, whoever trained with it."""
    segments: list[tuple[int, dict[str, float]]] = []
    for segment in json.loads(text)["segments"]:
        if segments and segments[-1][1] == segment["hyperparameters"]:
            segments.pop()
        segments.append((segment["end"], segment["hyperparameters"]))
    return segments


def best(project: Path, data: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(murmur(project, "best", "--json", "--data", data))
    return found


def test_a_replay_goes_the_line_that_its_schedule_came_from(
    tmp_path: Path, train: list[str]
) -> None:
    size = ["--population-size", "8", "--interval", "3", "--max-steps", "30", "--workers", "3"]
    murmur(tmp_path, "run", "--space", "space.csv", *size, "--data", "first", *train)
    told = murmur(tmp_path, *("schedule", "--best", "--out", "s.json", "--data", "first"))
    assert "Wrote s.json" in told
    schedule = (tmp_path / "s.json").read_text()
    assert len(line(schedule)) > 1

    replay = ["run", "--replay", "s.json", "--interval", "4", "--data", "again"]
    said = murmur(tmp_path, *replay, *train)
    assert "follows a schedule" in said
    replayed = murmur(tmp_path, *("schedule", "--best", "--json", "--data", "again"))
    assert line(replayed) == line(schedule)
    assert best(tmp_path, "again")["score"] == best(tmp_path, "first")["score"]


def test_a_file_without_a_schedule_is_not_replayed(tmp_path: Path, train: list[str]) -> None:
    binary = murmur_binary()
    done = subprocess.run(
        [str(binary), "run", "--replay", "space.csv", *train],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert done.returncode != 0
    # It does not tell anybody to write over a space.
    assert done.stderr == (
        "Error: The file space.csv has no schedule; name one that murmur schedule --best --out "
        "FILE has written.\n"
    )
