"""The rounds: each contender in turn, several times."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.against import ray_tune
from bench.against.clocks import cpu_seconds
from bench.against.contenders import CONTENDERS, Contender
from bench.against.errors import BenchmarkError
from bench.against.processes import BENCHMARKS, started_module
from bench.against.result import Result, Round
from bench.against.task import Done, Task

NAMES = (*(contender.name for contender in CONTENDERS), ray_tune.NAME)
RELEASE = BENCHMARKS.parent / ".build" / "release" / "murmur"
READY_SECONDS = 60.0
ROUND_SECONDS = 300.0


@dataclass(frozen=True)
class Plan:
    """What every contender does; Ray reports less often, for it takes longer."""

    members: int = 16
    processes: int = 4
    reports: int = 500
    """Of each member in each round, after warm-up."""
    warm_up: int = 20
    """Reports of each member before that."""
    rounds: int = 3
    ray_reports: int = 20
    ray_warm_up: int = 4
    murmur: Path = RELEASE

    def check(self) -> None:
        """Raises what is wrong with it, and what to do."""
        if sys.platform != "linux":
            raise BenchmarkError("The processor time of others is read as Linux has it; use Linux.")
        counts = (self.members, self.processes, self.reports, self.rounds, self.ray_reports)
        if min(counts) < 1 or min(self.warm_up, self.ray_warm_up) < 1:
            raise BenchmarkError("Each number must be at least 1.")
        if self.members % self.processes:
            raise BenchmarkError(
                f"{self.members} members cannot be shared evenly by {self.processes} processes: "
                "give a number of members that is a multiple of it."
            )


def measure(
    plan: Plan | None = None,
    only: Sequence[str] = NAMES,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Result]:
    """Measures the contenders that `only` names, in turns, and tells how far it is.

    Whatever fails raises `BenchmarkError`, except that Ray cannot be installed, started or run: its
    result then has the reason.
    """
    plan = plan or Plan()
    plan.check()
    unknown = [name for name in only if name not in NAMES]
    if unknown:
        raise BenchmarkError(f"There is no contender {unknown[0]}; there are {', '.join(NAMES)}.")
    if "murmuration" in only and not os.access(plan.murmur, os.X_OK):
        raise BenchmarkError(
            f"{plan.murmur} is not a program: build it with `swift build -c release`, or name one "
            "with --murmur."
        )
    reason: str | None = None
    if ray_tune.NAME in only:
        reason = _reason_without_ray(tell)
    rounds: dict[str, list[Round]] = {name: [] for name in NAMES if name in only}
    for number in range(1, plan.rounds + 1):
        for contender in CONTENDERS:
            if contender.name in rounds:
                tell(f"round {number} of {plan.rounds}: {contender.title}")
                rounds[contender.name].append(measured_once(contender, plan))
        if ray_tune.NAME in rounds and reason is None:
            tell(f"round {number} of {plan.rounds}: {ray_tune.TITLE}")
            try:
                rounds[ray_tune.NAME].append(
                    ray_tune.measured_once(
                        plan.members, plan.processes, plan.ray_warm_up, plan.ray_reports
                    )
                )
            except BenchmarkError as error:
                reason = str(error)
                tell(reason)
    results = [
        Result.of(
            each.name,
            each.title,
            durable=each.durable,
            encrypted=each.encrypted,
            members=plan.members,
            processes=plan.processes,
            rounds=rounds[each.name],
        )
        for each in CONTENDERS
        if each.name in rounds
    ]
    if ray_tune.NAME in rounds:
        results.append(
            Result.of(
                ray_tune.NAME,
                ray_tune.TITLE,
                durable=False,
                encrypted=False,
                members=plan.members,
                processes=plan.processes,
                rounds=rounds[ray_tune.NAME],
                reason=reason,
            )
        )
    return results


def measured_once(contender: Contender, plan: Plan) -> Round:
    """One round of a contender: serves anew, in an empty directory, and lets workers report."""
    share = plan.members // plan.processes
    with tempfile.TemporaryDirectory(prefix="against-") as name, ExitStack() as stack:
        directory = Path(name)
        served = stack.enter_context(contender.serve(directory, plan.murmur, plan.members))
        workers = [
            stack.enter_context(started_module("workers", directory / f"workers-{number}.log"))
            for number in range(plan.processes)
        ]
        for number, worker in enumerate(workers):
            members = list(range(number * share, (number + 1) * share))
            task = Task(
                contender.name, served.address, served.key, members, plan.warm_up, plan.reports
            )
            worker.tell(task.text)
        for worker in workers:
            worker.line(READY_SECONDS)

        def clocks() -> tuple[float, float]:
            return cpu_seconds(served.pid), sum(cpu_seconds(worker.pid) for worker in workers)

        server_before, workers_before = clocks()
        for worker in workers:
            worker.tell("go")
        done = [Done.read(worker.line(ROUND_SECONDS)) for worker in workers]
        server_after, workers_after = clocks()
        reports = sum(each.reports for each in done)
        recorded = served.recorded()
        if recorded != reports + plan.members * plan.warm_up:
            raise BenchmarkError(
                f"{contender.title} has {recorded} reports, and "
                f"{reports + plan.members * plan.warm_up} were made: this is a bug."
            )
    coordination = server_after - server_before
    return Round(
        reports=reports,
        exploits=sum(each.exploits for each in done),
        seconds=max(each.last for each in done) - min(each.first for each in done),
        coordination_seconds=coordination,
        total_seconds=coordination + workers_after - workers_before,
    )


def _reason_without_ray(tell: Callable[[str], None]) -> str | None:
    try:
        ray_tune.install(tell)
    except BenchmarkError as error:
        tell(str(error))
        return str(error)
    return None
