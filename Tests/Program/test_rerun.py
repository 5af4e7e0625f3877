"""`murmur rerun` on the journals of real trainings."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from populations import create, train
from program import Murmur

STRATEGIES = {
    "async": (),
    "sync": ("--mode", "synchronous"),
    "islands": ("--selection", "islands", "--frequencies", "1,2"),
    "archive": ("--selection", "archive", "--archive", "3"),
    "pb2": ("--exploration", "pb2"),
    "mean": ("--ranking", "mean", "--window", "3", "--selection", "tournament"),
}


@pytest.fixture
def trained(murmur: Murmur) -> Murmur:
    for name, options in STRATEGIES.items():
        create(murmur, name, "--population-size", "8", "--max-steps", "12", *options)
        train(f"{murmur.url}/{name}")
    return murmur


def rerun(murmur: Murmur, directory: Path) -> subprocess.CompletedProcess[str]:
    command = [str(murmur.binary), "rerun", str(directory)]
    return subprocess.run(command, capture_output=True, text=True)


def test_each_strategy_decides_again_as_it_did_also_after_restarts(trained: Murmur) -> None:
    beside = rerun(trained, trained.data)
    assert beside.returncode == 0, beside.stdout + beside.stderr
    lines = beside.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == list(STRATEGIES)
    for line in lines:
        assert line.endswith(" decisions, all as before.")
        assert int(line.split()[1]) > 8 * 12
    trained.kill()
    trained.start()
    create(trained, "later", "--population-size", "8", "--max-steps", "12")
    train(f"{trained.url}/later")
    trained.stop()
    after = rerun(trained, trained.data)
    assert after.returncode == 0, after.stdout + after.stderr
    assert after.stdout.startswith(beside.stdout)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("UPDATE event SET verdict = replace(verdict, 'copiers', 'donors')", "then, at event"),
        ("UPDATE event SET explored = donor_hyperparameters", "then, at event"),
        (
            "UPDATE population SET specification = replace(specification, 'seed: ', 'seed: 1')",
            "now:",
        ),
    ],
)
def test_another_decision_is_told(trained: Murmur, tmp_path: Path, change: str, word: str) -> None:
    trained.stop()
    copy = tmp_path / "copy"
    copy.mkdir(mode=0o700)
    shutil.copy(trained.data / "journal.sqlite", copy / "journal.sqlite")
    with closing(sqlite3.connect(copy / "journal.sqlite")) as database, database:
        assert database.execute(change).rowcount > 0
    done = rerun(trained, copy)
    assert done.returncode == 1
    assert word in done.stdout
    assert "recorded: " in done.stdout
    assert f"in {copy}," in done.stderr
    assert "could not be decided on again as before" in done.stderr


def test_a_pruned_journal_goes_on_from_what_is_left(trained: Murmur) -> None:
    trained.stop()
    pruned = [str(trained.binary), "prune", str(trained.data), "--keep-events", "150"]
    subprocess.run(pruned, check=True, capture_output=True)
    done = rerun(trained, trained.data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "were pruned, and what came of them is taken as it is." in done.stdout


def test_what_is_no_directory_of_a_coordinator_is_refused(murmur: Murmur, tmp_path: Path) -> None:
    done = rerun(murmur, tmp_path / "nowhere")
    assert done.returncode == 1
    assert "There is no directory" in done.stderr
    assert rerun(murmur, murmur.data).stdout.startswith("There is no population in ")
