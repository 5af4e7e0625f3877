"""Populations on a real Ray cluster of this machine."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any

import bowl
import pytest
from conftest import Cluster

import murmuration.ray
from murmuration import InvalidError, TrainingError, Worker
from murmuration.events import Event, Leased, Reported
from murmuration.ray import Result

HALF = {"CPU": 0.5}
PATIENCE_SECONDS = 60.0
# Of a coordinator that is told nothing else.
LEASE_SECONDS = 60.0


def reports(result: Result) -> list[tuple[Event, Reported]]:
    return [(each, each.kind) for each in result.history if isinstance(each.kind, Reported)]


def test_a_population_is_trained_to_its_end(cluster: Cluster, tmp_path: Path) -> None:
    checkpoints = tmp_path / "checkpoints"
    result = murmuration.ray.run(
        bowl.descend,
        space=bowl.SPACE,
        workers=4,
        resources=HALF,
        checkpoints=checkpoints,
        **bowl.SETTINGS,
    )
    assert result.leaderboard.finished
    assert len(result.leaderboard.entries) == 6
    scores = [kind.score for _, kind in reports(result)]
    assert result.best is not None
    assert result.best.score == max(scores)
    assert bowl.load(str(result.best.checkpoint)) == -result.best.score
    # The schedule leads to it without a gap.
    assert (result.schedule[0].start, result.schedule[-1].end) == (0, result.best.step)
    assert all(one.end == other.start for one, other in pairwise(result.schedule))
    # Nothing but checkpoints is left in their directory.
    assert all(each.suffix == ".json" for each in checkpoints.iterdir())
    workers = {each.kind.worker for each in result.history if isinstance(each.kind, Leased)}
    assert workers <= {f"{os.uname().nodename.partition('.')[0]}/{number}" for number in range(4)}


def test_a_run_goes_on_in_its_directory(cluster: Cluster, tmp_path: Path) -> None:
    def once(**settings: Any) -> Result:
        return murmuration.ray.run(
            bowl.descend,
            space=bowl.SPACE,
            workers=2,
            resources=HALF,
            checkpoints=tmp_path / "checkpoints",
            data=tmp_path / "data",
            **settings,
        )

    first = once(**bowl.SETTINGS)
    again = once()
    assert again.best == first.best
    assert again.leaderboard.finished


def test_a_killed_actors_member_is_taken_over_at_once(cluster: Cluster, tmp_path: Path) -> None:
    note, killed = tmp_path / "note", threading.Event()
    at: list[float] = []

    def train(worker: Worker) -> None:
        def wait_to_be_killed(worker: Worker) -> None:
            if worker.step > 0 and not note.exists():
                # Others see it whole or not at all.
                part = note.with_suffix(f".{os.getpid()}")
                part.write_text(f"{os.getpid()} {worker.member}")
                part.rename(note)
                time.sleep(PATIENCE_SECONDS)

        bowl.descend(worker, wait_to_be_killed)

    def kill() -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not note.exists() and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(int(note.read_text().split()[0]), signal.SIGKILL)
        at.append(time.time())
        killed.set()

    killer = threading.Thread(target=kill)
    killer.start()
    # One worker, so that nobody else can take the member over.
    result = murmuration.ray.run(
        train,
        space=bowl.SPACE,
        workers=1,
        resources=HALF,
        checkpoints=tmp_path / "checkpoints",
        **bowl.SETTINGS,
    )
    killer.join()
    assert killed.is_set()
    member = int(note.read_text().split()[1])
    leased = [
        each.time.timestamp() - at[0]
        for each in result.history
        if each.member == member and isinstance(each.kind, Leased)
    ]
    waited = min(each for each in leased if each > 0)
    print(f"member {member} was taken over {waited:.1f} s after its worker was killed")
    assert waited < LEASE_SECONDS / 2
    assert result.leaderboard.finished


def test_what_training_raises_is_told_with_its_place(
    cluster: Cluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def train(worker: Worker) -> None:
        def fail(worker: Worker) -> None:
            if worker.step >= 4:
                raise ZeroDivisionError("the loss is none")

        bowl.descend(worker, fail)

    with pytest.raises(TrainingError, match="ZeroDivisionError: the loss is none") as raised:
        murmuration.ray.run(
            train,
            space=bowl.SPACE,
            workers=2,
            resources=HALF,
            checkpoints=tmp_path,
            max_failures=1,
            **bowl.SETTINGS,
        )
    assert raised.value.member in range(6)
    assert raised.value.step == 4
    assert "bowl.py" in str(raised.value)
    assert raised.value.result.best.step == 4
    assert "failed, and is started again: ZeroDivisionError: the loss is none (mem" in caplog.text


def test_a_function_that_reports_nothing_is_told(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="returned without a report"):
        murmuration.ray.run(
            lambda worker: None,
            space=bowl.SPACE,
            workers=1,
            resources=HALF,
            checkpoints=tmp_path,
            max_failures=0,
            **bowl.SETTINGS,
        )


def test_what_cannot_be_run_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    def run(train: Any = bowl.descend, workers: int = 1, **options: Any) -> None:
        given = {"space": bowl.SPACE, "checkpoints": tmp_path, **options}
        murmuration.ray.run(train, workers=workers, **given)

    with pytest.raises(InvalidError, match="the run would never end: give max_steps"):
        run()
    with pytest.raises(InvalidError, match=r"make one of Ray Tune's trainables with murmuration\."):
        run(bowl.Bowl, max_steps=2)
    with pytest.raises(InvalidError, match="give checkpoints=DIR, one that all nodes share"):
        run(checkpoints=None, max_steps=2)
    with pytest.raises(InvalidError, match="There are 0 workers"):
        run(workers=0, max_steps=2)


def test_ray_shows_no_secret(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ray.util import state

    secret = "S3CRET-that-nobody-may-see-0123"
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size: secret)
    shown: list[str] = []

    def look() -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not (tmp_path / "trains").exists() and time.monotonic() < until:
            time.sleep(0.05)
        for each in (state.list_actors, state.list_tasks, state.list_workers, state.list_objects):
            shown.append(str(each(detail=True, limit=1000)))
        token = Path(os.environ["HOME"], ".ray", "auth_token").read_text().strip()
        for page in ("logical/actors", "api/jobs/", "nodes?view=details"):
            asked = urllib.request.Request(
                f"http://{cluster.dashboard}/{page}", headers={"Authorization": f"Bearer {token}"}
            )
            with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
                shown.append(answer.read().decode())
        (tmp_path / "looked").touch()

    def train(worker: Worker) -> None:
        (tmp_path / "trains").touch()
        until = time.monotonic() + PATIENCE_SECONDS
        while not (tmp_path / "looked").exists() and time.monotonic() < until:
            time.sleep(0.05)
        bowl.descend(worker)

    looker = threading.Thread(target=look)
    looker.start()
    murmuration.ray.run(
        train,
        space=bowl.SPACE,
        workers=1,
        resources=HALF,
        checkpoints=tmp_path / "checkpoints",
        **bowl.SETTINGS,
    )
    looker.join()
    assert (tmp_path / "looked").exists()
    # What was looked at is about this run.
    assert "Trainer" in shown[0]
    assert "Trainer.work" in shown[1]
    assert not [text for text in shown if secret in text]
    logs = [each for each in cluster.session.rglob("*") if each.is_file()]
    assert logs
    assert not [each for each in logs if secret.encode() in each.read_bytes()]
