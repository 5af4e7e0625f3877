"""How a crew of actors is kept at work, with a library that stands for Ray."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import murmuration.ray
from murmuration import LibraryError, ServerError, TrainingError
from murmuration.ray._actors import Failure, Joining, Trainer
from murmuration.ray._crew import Crew

JOINING = Joining("murmur://SECRET@127.0.0.1:1", "", "run", "/checkpoints", False, None)
STOPPED = None


class RayError(Exception): ...


class RayTaskError(RayError): ...


class DiedError(RayError): ...


@dataclass
class StandIn:
    """Stands for Ray: what each worker's process does, one attempt after the other."""

    outcomes: dict[int, list[Any]]
    free: float = 4.0
    total: float = 4.0
    never_begin: frozenset[int] = frozenset()
    started: list[int] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)
    pauses: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    options: dict[str, Any] = field(default_factory=dict)
    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)

    def put(self, value: Any) -> Any:
        return value

    def remote(self, kind: Any) -> Any:
        def make(number: int) -> Any:
            self.started.append(number)
            return SimpleNamespace(
                number=number,
                begin=SimpleNamespace(remote=lambda: ("begin", number, len(self.started))),
                work=SimpleNamespace(remote=lambda *given: self._work(number, given[2])),
            )

        def options(**given: Any) -> Any:
            self.options = given
            return SimpleNamespace(remote=make)

        return SimpleNamespace(options=options)

    def _work(self, number: int, pause: float) -> Any:
        self.pauses[number].append(pause)
        return ("work", number, len(self.pauses[number]))

    def wait(self, refs: list[Any], timeout: float) -> Any:
        able = [ref for ref in refs if ref[0] == "work" or ref[1] not in self.never_begin]
        # Whoever has not begun comes first, and then each in its turn.
        able.sort(key=lambda ref: (ref[0] != "begin", len(self.pauses[ref[1]])))
        return able[:1], []

    def get(self, ref: Any) -> Any:
        if ref[0] == "begin":
            return None
        outcome = self.outcomes[ref[1]].pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def kill(self, actor: Any) -> None:
        self.killed.append(actor.number)

    def nodes(self) -> Any:
        return [{"Alive": True, "Resources": {"CPU": self.total}}]

    def available_resources(self) -> Any:
        return {"CPU": self.free}


def crew(ray: StandIn, **options: Any) -> Crew:
    given: dict[str, Any] = {
        "workers": len(ray.outcomes),
        "resources": {},
        "max_failures": 2,
        "reports": lambda: 0,
        "check": lambda: None,
    }
    return Crew(ray, lambda worker: None, JOINING, **{**given, **options})


def test_each_works_until_it_is_told_to_stop_and_gives_its_place_back() -> None:
    ray = StandIn({0: [STOPPED], 1: [STOPPED]})
    crew(ray, resources={"GPU": 1, "disk": 2}).work()
    assert (ray.started, ray.killed) == ([0, 1], [0, 1])
    assert ray.options == {"num_cpus": 1.0, "num_gpus": 1, "resources": {"disk": 2}}


def test_one_that_died_is_started_again_and_one_that_raised_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failure = Failure("Traceback …\nValueError: no", member=3, step=20)
    ray = StandIn({0: [DiedError("out of\nmemory"), STOPPED], 1: [failure, failure, STOPPED]})
    crew(ray).work()
    # The first one in a new process, the other one in its own, after a pause that grows.
    assert ray.started == [0, 1, 0]
    assert ray.killed[0] == 0
    assert ray.pauses == {0: [0.0, 1.0], 1: [0.0, 1.0, 2.0]}
    died, raised, again = caplog.messages
    assert died.startswith("Worker 0 failed, and is started again: its process ended: out of memo")
    sentence = "ValueError: no (member 3, trained on from step 20)"
    assert raised == f"Worker 1 failed, and is started again: {sentence}\n{failure.text}"
    # A traceback is shown once.
    assert again == f"Worker 1 failed, and is started again: {sentence}"


def test_it_gives_up_when_all_fail_again_and_again_and_says_where() -> None:
    failure = Failure("Traceback …\nValueError: no", member=3, step=20)
    ray = StandIn({0: [failure] * 9, 1: [RayTaskError("No module named 'mine'")] * 9})
    with pytest.raises(TrainingError, match="Every worker failed 3 times in a row") as raised:
        crew(ray).work()
    assert (raised.value.member, raised.value.step) in [(3, 20), (None, None)]
    assert all(len(pauses) >= 3 for pauses in ray.pauses.values())


def test_reports_between_failures_count_as_success() -> None:
    reports = iter(range(1, 100))
    ray = StandIn({0: [Failure("no")] * 9 + [STOPPED]})
    crew(ray, reports=lambda: next(reports)).work()
    assert ray.pauses[0] == [0.0] + [1.0] * 9


def test_those_that_find_no_room_are_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    ray = StandIn({0: [STOPPED], 1: []}, never_begin=frozenset([1]))
    hired = crew(ray)
    hired.work()
    hired.end()
    assert ray.killed == [0, 1]
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("total", "why"),
    [(4.0, "of the whole cluster there is free: 0 CPU"), (1.0, "no node of this cluster has so")],
)
def test_waiting_for_room_is_said(
    total: float, why: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("murmuration.ray._crew._WAIT_SECONDS", 0.0)
    ray = StandIn({0: []}, free=0.0, total=total, never_begin=frozenset([0]))
    looks = iter([None] * 3)

    def check() -> None:
        if next(looks, "over") == "over":
            raise ServerError("The server has ended by itself.")

    with pytest.raises(ServerError, match="ended by itself"):
        crew(ray, resources={"CPU": 2}, check=check).work()
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message.startswith("0 of 1 workers run, and the others wait for 2 CPU each: ")
    assert why in record.message


def test_what_a_worker_joins_with_shows_no_secret() -> None:
    assert "SECRET" not in repr(JOINING)


def test_a_node_that_sees_another_directory_is_told(tmp_path: Path) -> None:
    joining = replace(JOINING, checkpoints=str(tmp_path), mark=".murmuration-0123")
    failure = Trainer(0).work(lambda worker: None, joining, 0.0)
    assert failure is not None
    assert "is not the directory for checkpoints that the driver sees" in failure.said
    assert failure.member is None


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # `None` in the table of modules makes an import fail like a missing one.
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(LibraryError, match=r"pip install 'murmuration\[ray\]'"):
        murmuration.ray.run(lambda worker: None, space="space.yaml", workers=1)


def test_importing_it_imports_no_ray() -> None:
    code = "import sys, murmuration.ray; print('ray' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
