"""Training with the real coordinator: released checkpoints, steering, and the examples."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from populations import SPACE, create, journal, settled
from program import Murmur, murmur_binary
from support.fixtures import QUICK
from support.libraries import JAX, PYTORCH, SKLEARN, installed
from support.repository import REPOSITORY

from murmuration import (
    Administrator,
    ConflictError,
    InvalidError,
    NoMemberError,
    NoPopulationError,
    Worker,
    events,
    restored,
    writing,
)

EXAMPLES = REPOSITORY / "Examples"


def train(url: str, folder: Path, *, delete: bool, reports: int = 10_000) -> int:
    """Trains until the end, or for some reports; returns how often a checkpoint was loaded."""
    loads = 0

    def load(path: str) -> str:
        nonlocal loads
        loads += 1
        try:
            return Path(path).read_text()
        except FileNotFoundError:
            # What is held is never deleted, so this is no reason to decline but a fault.
            raise AssertionError(f"{path} is gone") from None

    with Worker(url, checkpoints=folder, delete_released=delete, timing=QUICK) as worker:
        model = restored(worker, load, str)
        while worker.training and reports > 0:
            step = worker.target_step
            path = worker.checkpoint_path(".txt")
            with writing(path) as temporary:
                temporary.write_text(f"{model}\n{worker.member} {step}")
            score = (worker.member * 31 + step * 17) % 97
            reports -= 1
            if worker.report(step, score, checkpoint=path).loads:
                model = restored(worker, load, str)
    return loads


def held(murmur: Murmur) -> set[str]:
    """Latest and previous checkpoint of each member, and the best ever, from the journal."""
    rows = settled(
        murmur,
        "SELECT latest_checkpoint FROM member UNION SELECT previous_checkpoint FROM member "
        "UNION SELECT best_checkpoint FROM population",
    )
    return {str(path) for (path,) in rows if path is not None}


@pytest.mark.parametrize("delete", [True, False])
def test_exactly_the_checkpoints_that_are_held_are_left_where_that_was_asked_for(
    delete: bool, murmur: Murmur, tmp_path: Path
) -> None:
    create(murmur, "p", "--population-size", "12", "--max-steps", "40")
    folder = tmp_path / "checkpoints"
    with ThreadPoolExecutor(4) as pool:
        training = [pool.submit(train, murmur.url, folder, delete=delete) for _ in range(4)]
        loads = sum(each.result(timeout=60) for each in training)
    assert loads > 40
    left = {str(path) for path in folder.iterdir()}
    reported = {str(path) for (path,) in journal(murmur, "SELECT checkpoint FROM event") if path}
    # Whoever copies a member that is ahead goes on from there.
    assert len(reported) > 12 * 30
    assert left == (held(murmur) if delete else reported)


def test_what_a_lost_worker_did_not_delete_the_next_one_deletes(
    murmur: Murmur, tmp_path: Path
) -> None:
    create(murmur, "p", "--population-size", "2", "--max-steps", "20")
    folder = tmp_path / "checkpoints"
    # One that deletes nothing acknowledges all but what its last directive told.
    train(murmur.url, folder, delete=False, reports=8)
    acknowledged = {str(path) for path in folder.iterdir()} - held(murmur)
    assert len(acknowledged) > 1
    train(murmur.url, folder, delete=True)
    left = {str(path) for path in folder.iterdir()} - held(murmur)
    # What the first one was told last is told again, and deleted.
    assert left < acknowledged


@pytest.fixture
def administrator(murmur: Murmur) -> Iterator[Administrator]:
    with Administrator(murmur.url, timing=QUICK) as each:
        yield each


def test_a_population_is_made_and_steered(
    administrator: Administrator, murmur: Murmur, tmp_path: Path
) -> None:
    made = administrator.create_population("p", SPACE, population_size=6, max_steps=20, seed=3)
    assert (made.name, made.members, made.max_steps, made.seed) == ("p", 6, 20, 3)
    assert [(each.name, each.kind, each.log) for each in made.space] == [
        ("rate", "number", True),
        ("momentum", "number", False),
    ]
    assert administrator.population("p") == administrator.populations()[0] == made
    assert administrator.pause().status == "paused"
    assert administrator.resume("p").status == "active"
    assert administrator.add_members("p", 2).members == 8
    removed = administrator.remove_member("p", 7)
    assert (removed.members, removed.removed) == (7, 1)
    changed = administrator.set("p", max_steps=10, fraction=0.3, resample_probability=0)
    assert changed.max_steps == 10
    assert (changed.settings["fraction"], changed.settings["resample_probability"]) == (0.3, 0)
    with pytest.raises(InvalidError, match="There is no such setting; there are"):
        administrator.set("p", fractoin=0.3)
    assert administrator.set(max_steps=0).max_steps is None
    assert administrator.set(max_steps=10).max_steps == 10
    train(murmur.url, tmp_path / "checkpoints", delete=False)

    board = administrator.leaderboard("p")
    assert [entry.rank for entry in board.entries] == [1, 2, 3, 4, 5, 6, 7]
    assert board.finished
    assert board.best is not None
    assert board.best.score >= board.entries[0].score
    happened = list(administrator.history("p"))
    assert [event.sequence for event in happened] == sorted({e.sequence for e in happened})
    verdicts = [event.kind.verdict for event in happened if isinstance(event.kind, events.Reported)]
    assert all(verdict is not None for verdict in verdicts)
    assert {"copied", "finished", "not_among_worst"} <= {
        verdict.outcome for verdict in verdicts if verdict
    }
    found = {type(event.kind) for event in happened}
    assert found == {
        *(events.Created, events.Leased, events.Reported, events.Released, events.Removed),
        *(events.Paused, events.Resumed, events.Changed),
    }
    reports = [event.kind for event in happened if isinstance(event.kind, events.Reported)]
    exploits = [report.exploit for report in reports if report.exploit is not None]
    assert len(exploits) == board.summary.exploits > 0
    of_one = list(administrator.history("p", member=3))
    assert of_one == [event for event in happened if event.member == 3]
    assert list(administrator.history("p", after=happened[-2].sequence)) == happened[-1:]
    schedule = administrator.schedule("p", board.entries[0].member)
    assert (schedule[0].start, schedule[-1].end) == (0, 10)
    assert administrator.end("p").status == "ended"


def test_what_does_not_fit_is_refused(administrator: Administrator) -> None:
    with pytest.raises(NoPopulationError):
        administrator.population("p")
    administrator.create_population("p", SPACE)
    with pytest.raises(ConflictError):
        administrator.create_population("p", SPACE)
    with pytest.raises(InvalidError):
        administrator.create_population("q", "name,min\nrate,1\n")
    with pytest.raises(InvalidError):
        administrator.set("p", fraction=0.9)
    with pytest.raises(NoMemberError):
        administrator.remove_member("p", 99)
    with pytest.raises(NoMemberError):
        administrator.schedule("p", 99)


@pytest.mark.parametrize(
    ("example", "module", "command"),
    [
        ("digits_sklearn", "sklearn", SKLEARN),
        ("digits_torch", "torch", PYTORCH),
        ("digits_jax", "jax", JAX),
        ("digits", "sklearn", SKLEARN),
    ],
    ids=["sklearn", "torch", "jax", "numpy"],
)
def test_each_example_trains_a_population(
    example: str, module: str, command: str, tmp_path: Path
) -> None:
    installed(module, command)
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    arguments = [
        *(str(binary), "run", "--data", str(tmp_path / "runs")),
        *("--space", str(EXAMPLES / f"{example}.yaml")),
        *("--population-size", "5", "--interval", "2", "--max-steps", "6", "--workers", "1"),
        *("--", sys.executable, str(EXAMPLES / f"{example}.py")),
    ]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Finished: 5 members" in done.stdout
    log = (tmp_path / "runs/0001/logs/worker-0.log").read_text()
    # Members share the worker, so that each of them goes on from a checkpoint.
    assert "switch" in log, log
    assert "declined" not in log, log
    score = next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("score"))
    assert float(score) > 0.5
