"""Populations on a real Ray cluster of this machine."""

from __future__ import annotations

import json
import os
import secrets
import signal
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import bowl
import pytest
import ray
from cluster import GPUS, Cluster
from ray.util import state
from support.waiting import wait_until

import murmuration.ray
from murmuration import InvalidError, TrainingError, Worker
from murmuration.events import Created, Event, Leased, Reported
from murmuration.ray import Result

HALF = {"CPU": 0.5}
PATIENCE_SECONDS = 60.0
# Of a coordinator that is told nothing else.
LEASE_SECONDS = 60.0


def reports(result: Result) -> list[tuple[Event, Reported]]:
    return [(each, each.kind) for each in result.history if isinstance(each.kind, Reported)]


def test_a_population_is_trained_by_several_actors_to_its_end(
    cluster: Cluster, tmp_path: Path
) -> None:
    checkpoints, here = tmp_path / "checkpoints", tmp_path / "here"
    here.mkdir()

    def train(worker: Worker) -> None:
        (here / str(os.getpid())).touch()
        wait_until(lambda: len(list(here.iterdir())) == 4, "all four train")
        bowl.descend(worker)

    result = murmuration.ray.run(
        train,
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
    # The history begins with what the members began with.
    created = [each.member for each in result.history if isinstance(each.kind, Created)]
    assert created == [*range(6)]
    assert all(one.sequence < other.sequence for one, other in pairwise(result.history))
    # Nothing but checkpoints is left in their directory.
    assert all(each.suffix == ".json" for each in checkpoints.iterdir())
    workers = {each.kind.worker for each in result.history if isinstance(each.kind, Leased)}
    assert workers == {f"{os.uname().nodename.partition('.')[0]}/{number}" for number in range(4)}


def test_actors_have_what_resources_says(cluster: Cluster, tmp_path: Path) -> None:
    def train(worker: Worker) -> None:
        given = ray.get_runtime_context().get_assigned_resources()
        said = {**given, "shown": os.environ["CUDA_VISIBLE_DEVICES"]}
        part = tmp_path / f"{os.getpid()}.part"
        part.write_text(json.dumps(said))
        part.rename(tmp_path / f"{os.getpid()}.given")
        wait_until(lambda: len(list(tmp_path.glob("*.given"))) == GPUS, "all that have room train")
        bowl.descend(worker)

    result = murmuration.ray.run(
        train,
        space=bowl.SPACE,
        # One more than there is room for.
        workers=GPUS + 1,
        resources={"CPU": 0.5, "GPU": 1},
        checkpoints=tmp_path / "checkpoints",
        **bowl.SETTINGS,
    )
    assert result.leaderboard.finished
    given = [json.loads(each.read_text()) for each in tmp_path.glob("*.given")]
    assert all((each["CPU"], each["GPU"]) == (0.5, 1) for each in given)
    assert {each["shown"] for each in given} == {str(number) for number in range(GPUS)}


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

    first = once(**bowl.SETTINGS, minimize=False)
    again = once(**bowl.SETTINGS, minimize=False)
    assert again.best == first.best
    assert again.leaderboard.finished
    assert once().history == again.history
    with pytest.raises(InvalidError, match=r"has max_steps=12, and max_steps=24 is given: leave"):
        once(**{**bowl.SETTINGS, "max_steps": 24})
    with pytest.raises(InvalidError, match="has minimize=False, and minimize=True is given"):
        once(minimize=True)


def test_a_killed_actors_member_is_taken_over_at_once(cluster: Cluster, tmp_path: Path) -> None:
    note, answers = tmp_path / "note", tmp_path / "answers"

    def train(worker: Worker) -> None:
        def wait_to_be_killed(worker: Worker) -> None:
            if worker.step > 0 and not note.exists():
                # Others see it whole or not at all.
                part = note.with_suffix(".part")
                part.write_text(f"{os.getpid()} {worker.member} {worker.step}")
                part.rename(note)
                time.sleep(PATIENCE_SECONDS)

        bowl.descend(worker, wait_to_be_killed, bowl.writing_down(answers))

    def kill() -> float:
        wait_until(note.exists, "a worker is at its second interval")
        os.kill(int(note.read_text().split()[0]), signal.SIGKILL)
        return time.time()

    with ThreadPoolExecutor() as executor:
        killed = executor.submit(kill)
        # One worker, so that nobody else can take the member over.
        result = murmuration.ray.run(
            train,
            space=bowl.SPACE,
            workers=1,
            resources=HALF,
            checkpoints=tmp_path / "checkpoints",
            **bowl.SETTINGS,
        )
        at = killed.result()
    _, member, step = map(int, note.read_text().split())
    later = [e for e in result.history if e.member == member and e.time.timestamp() > at]
    again = next(each for each in later if isinstance(each.kind, Leased))
    waited = again.time.timestamp() - at
    print(f"member {member} was taken over {waited:.1f} s after its worker was killed")
    assert waited < LEASE_SECONDS / 2
    # It went on from its last report, and nothing that was answered is missing.
    interval = bowl.SETTINGS["interval"]
    assert next(e.kind.step for e in later if isinstance(e.kind, Reported)) == step + interval
    steps = bowl.SETTINGS["population_size"] * bowl.STEPS
    assert bowl.check_answered(answers, result.history) >= steps / interval
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
    # Not written here, since Ray keeps what is submitted with a job.
    secret = secrets.token_urlsafe(24)
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size: secret)
    trains, looked = tmp_path / "trains", tmp_path / "looked"

    def look() -> list[str]:
        try:
            wait_until(trains.exists, "a worker trains")
            lists = (state.list_actors, state.list_tasks, state.list_workers, state.list_objects)
            shown = [str(each(detail=True, limit=1000)) for each in lists]
            pages = ["logical/actors", "api/jobs/", "nodes?view=summary"]
            pages += [f"nodes/{each['NodeID']}" for each in ray.nodes()]
            return shown + [page(each) for each in pages]
        finally:
            looked.touch()

    def page(name: str) -> str:
        asked = urllib.request.Request(
            f"http://{cluster.dashboard}/{name}",
            headers={"Authorization": f"Bearer {cluster.token}"},
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
            return str(answer.read().decode())

    def train(worker: Worker) -> None:
        trains.touch()
        wait_until(looked.exists, "all was looked at")
        bowl.descend(worker)

    with ThreadPoolExecutor() as executor:
        looking = executor.submit(look)
        murmuration.ray.run(
            train,
            space=bowl.SPACE,
            workers=1,
            resources=HALF,
            checkpoints=tmp_path / "checkpoints",
            **bowl.SETTINGS,
        )
        shown = looking.result()
    # What was looked at is about this run.
    assert "Trainer" in shown[0]
    assert "Trainer.work" in shown[1]
    assert "Trainer" in shown[-1]
    assert not [text for text in shown if secret in text]
    logs = [each for each in cluster.folder.glob("session_2*/**/*") if each.is_file()]
    assert logs
    assert not [each for each in logs if secret.encode() in each.read_bytes()]
