"""Populations that are ended from outside, and coordinators that die."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bowl
import pytest
from cluster import Cluster
from support.waiting import wait_until

import murmuration.ray
from murmuration import ServerError, Worker
from murmuration.events import Ended
from murmuration.ray import Result

PATIENCE_SECONDS = 60.0


def run(train: Any, folder: Path, **settings: Any) -> Result:
    return murmuration.ray.run(
        train,
        space=bowl.SPACE,
        workers=2,
        resources={"CPU": 0.5},
        checkpoints=folder / "checkpoints",
        data=folder / "data",
        **{**bowl.SETTINGS, **settings},
    )


def test_a_population_is_watched_and_ended_from_outside(cluster: Cluster, tmp_path: Path) -> None:
    trains = tmp_path / "trains"

    def train(worker: Worker) -> None:
        def go_slowly(worker: Worker) -> None:
            if worker.step > 0:
                trains.touch()
            time.sleep(0.02)

        bowl.descend(worker, go_slowly)

    def watch_and_end() -> None:
        wait_until(trains.exists, "a member is at its second interval")
        board = tmp_path / "board"
        place = ["--data", str(tmp_path / "data")]
        with board.open("wb") as file:
            watch = subprocess.Popen([os.environ["MURMUR_BIN"], "watch", *place], stdout=file)
        try:
            wait_until(lambda: "training 2" in board.read_text(), board.read_text)
        finally:
            subprocess.run([os.environ["MURMUR_BIN"], "end", *place], check=True)
            watch.kill()
            watch.wait()

    with ThreadPoolExecutor() as executor:
        ended = executor.submit(watch_and_end)
        # It would go on for days.
        result = run(train, tmp_path, max_steps=10_000_000)
        ended.result()
    assert not result.leaderboard.finished
    assert result.best is not None
    assert any(isinstance(each.kind, Ended) for each in result.history)


def test_a_coordinator_that_dies_is_told_and_the_same_call_goes_on(
    cluster: Cluster, tmp_path: Path
) -> None:
    hold, trains, answers = tmp_path / "hold", tmp_path / "trains", tmp_path / "answers"
    hold.touch()

    def train(worker: Worker) -> None:
        def wait_as_told(worker: Worker) -> None:
            if worker.step > 0 and hold.exists():
                trains.touch()
                time.sleep(PATIENCE_SECONDS)

        bowl.descend(worker, wait_as_told, bowl.writing_down(answers))

    def kill() -> None:
        wait_until(trains.exists, "a member is at its second interval")
        os.kill(int((tmp_path / "data" / "lock").read_text()), signal.SIGKILL)

    with ThreadPoolExecutor() as executor:
        killed = executor.submit(kill)
        with pytest.raises(ServerError, match="has ended by itself"):
            run(train, tmp_path)
        killed.result()
    assert answers.exists()
    hold.unlink()
    result = run(train, tmp_path)
    assert result.leaderboard.finished
    assert bowl.check_answered(answers, result.history) > 0
