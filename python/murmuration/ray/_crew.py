"""The workers of a run on a Ray cluster: starts them, and starts again those that end too soon."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from murmuration.errors import TrainingError
from murmuration.ray._actors import Failure, Joining, Trainer

logger = logging.getLogger("murmuration")

# How long workers may wait for resources before it is said, and how often it is said again.
_WAIT_SECONDS = 10.0
_AGAIN_SECONDS = 60.0
# How long one waits that failed, for each time in a row, and at most.
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_LOOK_SECONDS = 1.0
# Ray's own words for some resources, as options of an actor.
_OPTIONS = {"CPU": "num_cpus", "GPU": "num_gpus", "memory": "memory"}


@dataclass
class _Slot:
    """A worker's place in the crew, with the actor that has it now."""

    number: int
    actor: Any
    waits_for: Any
    is_working: bool = False
    failures: int = 0
    """In a row, without a report of the population between them."""
    reports: int = 0
    """Of the population, when the last failure was counted."""


class Crew:
    """As many actors as there are to be workers; `ray` is the library."""

    def __init__(
        self,
        ray: Any,
        train: Any,
        joining: Joining,
        *,
        workers: int,
        resources: Mapping[str, float],
        max_failures: int,
        reports: Callable[[], int],
        check: Callable[[], None],
    ) -> None:
        self._ray = ray
        self._train = ray.put(train)
        self._joining = joining
        self._workers = workers
        self._resources = {"CPU": 1.0, **resources}
        self._max_failures = max_failures
        self._reports = reports
        self._check = check
        self._slots: dict[int, _Slot] = {}
        self._has_stopped = False
        self._said = 0.0
        self._told: set[str] = set()

    def work(self) -> None:
        """Has the workers train until the coordinator tells them to stop."""
        self._said = time.monotonic() + _WAIT_SECONDS - _AGAIN_SECONDS
        for number in range(self._workers):
            actor, begun = self._started(number)
            self._slots[number] = _Slot(number, actor, begun)
        while self._slots and not self._is_done():
            self._check()
            slots = {slot.waits_for: slot for slot in self._slots.values()}
            for ended in self._ray.wait(list(slots), timeout=_LOOK_SECONDS)[0]:
                self._hear(slots[ended])
            self._say_who_waits()

    def end(self) -> None:
        """Ends those that are left."""
        for slot in self._slots.values():
            self._ray.kill(slot.actor)
        self._slots = {}

    def _is_done(self) -> bool:
        """Whether those that are left have only waited for a place to run."""
        return self._has_stopped and not any(slot.is_working for slot in self._slots.values())

    def _started(self, number: int) -> tuple[Any, Any]:
        options: dict[str, Any] = {"resources": {}}
        for resource, amount in self._resources.items():
            if option := _OPTIONS.get(resource):
                options[option] = amount
            else:
                options["resources"][resource] = amount
        actor = self._ray.remote(Trainer).options(**options).remote(number)
        return actor, actor.begin.remote()

    def _hear(self, slot: _Slot) -> None:
        try:
            failure = self._ray.get(slot.waits_for)
        except self._ray.exceptions.RayTaskError as error:
            # Raised outside what is caught there: the function that trains could not be unpacked.
            self._count(slot, Failure(str(error)))
            self._set_to_work(slot)
        except self._ray.exceptions.RayError as error:
            said = " ".join(str(error).split())
            self._count(slot, Failure(f"its process ended: {said}"))
            # It may live, and only be out of reach; the new one shuts it out.
            self._ray.kill(slot.actor)
            slot.is_working = False
            slot.actor, slot.waits_for = self._started(slot.number)
        else:
            if slot.is_working and failure is None:
                self._has_stopped = True
                self._ray.kill(slot.actor)
                del self._slots[slot.number]
                return
            if failure is not None:
                self._count(slot, failure)
            self._set_to_work(slot)

    def _set_to_work(self, slot: _Slot) -> None:
        pause = min(_PAUSE_SECONDS * slot.failures, _LONGEST_PAUSE_SECONDS)
        slot.waits_for = slot.actor.work.remote(self._train, self._joining, pause)
        slot.is_working = True

    def _count(self, slot: _Slot, failure: Failure) -> None:
        reports = self._reports()
        if reports > slot.reports:
            slot.failures = 0
        slot.reports = reports
        slot.failures += 1
        # A traceback that all of them have is shown once.
        is_new = failure.text != failure.said and failure.text not in self._told
        self._told.add(failure.text)
        logger.warning(
            "Worker %d failed, and is started again: %s",
            slot.number,
            f"{failure.said}\n{failure.text}" if is_new else failure.said,
        )
        tried = [each for each in self._slots.values() if each.is_working or each.failures > 0]
        if all(each.failures > self._max_failures for each in tried):
            raise TrainingError(
                f"Every worker failed {self._max_failures + 1} times in a row, without a report "
                f"between. The last time it was: {failure.said}\n{failure.text}",
                failure.member,
                failure.step,
            )

    def _say_who_waits(self) -> None:
        waiting = [slot for slot in self._slots.values() if not slot.is_working]
        now = time.monotonic()
        if not waiting or now - self._said < _AGAIN_SECONDS:
            return
        self._said = now
        wanted = _shown(self._resources)
        nodes = [node["Resources"] for node in self._ray.nodes() if node.get("Alive")]
        fits = any(
            all(node.get(name, 0.0) >= amount for name, amount in self._resources.items())
            for node in nodes
        )
        named = {name: self._ray.available_resources().get(name, 0.0) for name in self._resources}
        if not fits:
            why = (
                f"no node of this cluster has so much; ask for less with resources={{…}}, or add a "
                f"node. Of the whole cluster there is free: {_shown(named)}"
            )
        else:
            why = f"of the whole cluster there is free: {_shown(named)}"
        logger.warning(
            "%d of %d workers run, and the others wait for %s each: %s.",
            len(self._slots) - len(waiting),
            self._workers,
            wanted,
            why,
        )


def _shown(resources: Mapping[str, float]) -> str:
    return ", ".join(f"{amount:g} {name}" for name, amount in resources.items() if name)
