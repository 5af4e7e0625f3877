"""A coordinator that means ill: what it says is shown, never obeyed, and nothing is unpickled."""

from __future__ import annotations

import ast
import builtins
import logging
import pickle
from pathlib import Path
from typing import Any, NoReturn

import pytest
from support.coordinator import Coordinator, error, exploit, lease, numbers, same, stop
from support.hostile import EVIL, steers
from support.repository import REPOSITORY

import murmuration
from murmuration import (
    CheckpointError,
    CoordinatorError,
    InvalidError,
    Monitor,
    NoPopulationError,
    NothingToTrainError,
    Timing,
    UnreachableError,
    Worker,
    restored,
)
from murmuration._checkpoints import Checkpoints
from murmuration.errors import error_from_wire
from murmuration.v1 import murmuration_pb2 as wire

PACKAGE = Path(murmuration.__file__).parent
# The one module that reads pickles, by joblib, for a user who calls it with a path.
READS_PICKLES = {"adapters/sklearn.py"}


class Payload:
    """Would show that it was unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a checkpoint's code ran",))


def evil_lease(checkpoint: str) -> wire.Reply:
    """A lease in which all texts are evil."""
    reply = lease(checkpoint=checkpoint)
    given = reply.directive.lease
    given.population = "../../" + EVIL
    given.hyperparameters.extend([wire.Hyperparameter(name=EVIL, value=wire.Value(text=EVIL))])
    return reply


@pytest.fixture
def nothing_unpickles(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)


@pytest.mark.usefixtures("nothing_unpickles")
def test_a_whole_session_opens_nothing_and_runs_nothing(
    coordinator: Coordinator,
    quick: Timing,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    bait = tmp_path / "bait.pkl"
    bait.write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    taken = exploit()
    taken.directive.exploit.checkpoint = str(bait)
    released = same(40)
    released.directive.released.extend([wire.Release(number=1, checkpoint=str(bait))])
    coordinator.answers += [
        evil_lease(str(bait)),
        error(wire.Error.CODE_UNAVAILABLE, EVIL),
        taken,
        released,
        stop(EVIL),
    ]
    opened: list[object] = []
    really_open = Path.open

    def watched(path: Path, *arguments: Any, **options: Any) -> Any:
        opened.append(path)
        return really_open(path, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", watched)
        patch.setattr(builtins, "open", lambda *arguments, **_: opened.append(arguments))
        with Worker(coordinator.url, timing=quick, checkpoints=tmp_path / "own") as worker:
            assert worker.checkpoint == str(bait)
            directive = worker.report(10, 0.5, "mine")
            assert (directive.action, directive.checkpoint) == ("exploit", str(bait))
            worker.report(30, 0.5, "mine")
            directive = worker.report(40, 0.5, "mine")
            with pytest.raises(NothingToTrainError) as found:
                worker.report(50, 0.5)
    assert directive.action == "stop"
    assert not steers(directive.reason)
    assert worker.stop_reason == directive.reason
    assert not steers(str(found.value))
    assert not any("bait" in str(each) or "mine" in str(each) for each in opened)
    assert bait.exists()
    assert r"w\u{1b}[2J\u{a}\u{d}\u{202e}x" in caplog.text
    for record in caplog.records:
        assert not steers(record.getMessage()), record


def test_no_module_of_the_client_reads_what_runs_code() -> None:
    found: dict[str, set[str]] = {}
    forbidden_modules = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "yaml"}
    forbidden_calls = {"eval", "exec", "compile", "__import__"}
    for path in PACKAGE.rglob("*.py"):
        if path.name.endswith("_pb2.py"):
            continue
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used = {(node.module or "").partition(".")[0]}
            elif isinstance(node, ast.Name):
                used = {node.id} & (forbidden_calls | {"joblib"})
            elif isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "weights_only"):
                assert isinstance(node.value, ast.Constant)
                assert node.value.value is (node.arg == "weights_only"), name
                continue
            else:
                continue
            if bad := used & (forbidden_modules | forbidden_calls | {"joblib"}):
                found.setdefault(name, set()).update(bad)
    # A class of Ray Tune reads its checkpoint itself; here is only the error that this may raise.
    named = {"ray/_classes.py": {"pickle"}}
    assert found == {name: {"joblib"} for name in READS_PICKLES} | named


def test_every_load_of_numpy_and_torch_refuses_pickles() -> None:
    loads = {"np.load": "allow_pickle=False", "torch.load": "weights_only=True"}
    seen = set()
    for path in (PACKAGE / "adapters").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (call := ast.unparse(node.func)) in loads:
                assert loads[call] in {ast.unparse(each) for each in node.keywords}, path
                seen.add(call)
    assert seen == set(loads)


@pytest.mark.parametrize("code", [0, *wire.Error.Code.values(), 999])
def test_a_coordinators_sentence_is_shown_in_one_line(code: int) -> None:
    found = error_from_wire(wire.Error(code=code, message=EVIL))  # type: ignore[arg-type]
    assert isinstance(found, CoordinatorError)
    assert not steers(str(found))
    assert r"w\u{1b}[2J\u{a}" in str(found)


def test_names_from_the_coordinator_are_shown_in_sentences(
    coordinator: Coordinator, quick: Timing
) -> None:
    given = lease()
    given.directive.lease.hyperparameters.extend(numbers(**{EVIL: 1.0}))
    coordinator.answers += [given]
    with Worker(coordinator.url, timing=quick) as worker, pytest.raises(InvalidError) as wrong:
        worker.report(10, 0.5, hyperparameters={"unknown": 1.0})
    assert not steers(str(wrong.value))
    several = [wire.Population(name=EVIL), wire.Population(name="b")]
    coordinator.answers += [wire.Reply(populations=wire.Populations(populations=several))]
    with pytest.raises(NoPopulationError) as many:
        Monitor(coordinator.url, timing=quick)
    assert not steers(str(many.value))


def test_a_request_that_is_given_up_says_why_in_one_line(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease()]
    with Worker(coordinator.url, timing=quick) as worker:
        coordinator.answers += [error(wire.Error.CODE_UNAVAILABLE, EVIL)] * 200
        with pytest.raises(UnreachableError) as found:
            worker.report(10, 0.5, timeout=1.0)
        assert not steers(str(found.value))
        coordinator.answers.clear()
        coordinator.answers += [stop("over")] * 10


@pytest.mark.parametrize("population", ["../../x", "/etc/x", "..\\x", EVIL, "", "x" * 65])
def test_a_populations_name_leads_nowhere_else(
    population: str, coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError) as found:
        Checkpoints(tmp_path / "own").path(population, 0, 0)
    assert not steers(str(found.value))
    assert list(tmp_path.iterdir()) == []
    given = lease()
    given.directive.lease.population = population
    coordinator.answers += [given]
    with (
        Worker(coordinator.url, timing=quick, checkpoints=tmp_path / "own") as worker,
        pytest.raises(CheckpointError),
    ):
        worker.checkpoint_path(".npz")
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_dots_stays_in_its_directory(tmp_path: Path) -> None:
    assert Path(Checkpoints(tmp_path).path("..", 0, 0)).parent == tmp_path


# ------------------------------------------------------------------- where a checkpoint may lie


def test_a_checkpoint_outside_of_the_directory_is_declined_unopened(
    coordinator: Coordinator, quick: Timing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "bait").write_bytes(pickle.dumps(Payload()))
    (own / "link").symlink_to(tmp_path / "bait")
    (own / "real").write_text("weights")
    outside = [
        str(tmp_path / "bait"),
        str(own / ".." / "bait"),
        str(own / "link"),
        str(own),
        "relative\x1b[2J",
        "s3://bucket/x",
        "nul\0",
    ]
    coordinator.answers += [lease(checkpoint=each) for each in [*outside, str(own / "real")]]
    loaded: list[str] = []

    def load(path: str) -> str:
        loaded.append(path)
        return Path(path).read_text()

    with Worker(coordinator.url, timing=quick, checkpoints=own) as worker:
        assert worker.checkpoint_directory == own
        model = restored(worker, load, lambda: "fresh", inside=worker.checkpoint_directory)
    assert model == "weights"
    assert loaded == [str(own / "real")]
    declines = [
        each.request.decline.reason for each in coordinator.received if each.kind == "decline"
    ]
    assert len(declines) == len(outside)
    assert all("is not inside" in reason for reason in declines)
    assert not any(steers(record.getMessage()) for record in caplog.records)


def test_without_a_directory_there_is_none_to_trust(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease()]
    with Worker(coordinator.url, timing=quick) as worker, pytest.raises(CheckpointError):
        _ = worker.checkpoint_directory


def test_what_a_library_says_of_a_file_is_logged_in_one_line(
    coordinator: Coordinator, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    def load(_: str) -> NoReturn:
        raise CheckpointError(EVIL)

    coordinator.answers += [lease(checkpoint=EVIL), lease()]
    with Worker(coordinator.url, timing=quick) as worker:
        assert restored(worker, load, lambda: "fresh") == "fresh"
    assert any("is declined" in record.getMessage() for record in caplog.records)
    assert not any(steers(record.getMessage()) for record in caplog.records)


def test_the_example_with_pickles_loads_from_its_own_directory_alone() -> None:
    text = (REPOSITORY / "Examples" / "digits_sklearn.py").read_text(encoding="utf-8")
    calls = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "restored"
    ]
    assert calls
    assert all("inside=trusted" in call for call in calls)
