"""What a report costs when the coordinator serves many populations, of which one trains."""

from __future__ import annotations

from dataclasses import dataclass

from bench.plan import Plan, Tell
from bench.sections.reports import measured_once
from bench.servers import coordinator
from bench.tables import Spread, aligned, number

NAME = "populations"
TITLE = "Reports of 64 workers, beside populations that nobody trains"

POPULATIONS = 1_000
QUICK_POPULATIONS = 10
WORKERS = 64
_AROUND = 2.0


@dataclass(frozen=True)
class Result:
    populations: int
    one: Spread
    """Microseconds of the coordinator for a report, when it serves one population."""
    many: Spread
    """When it serves so many."""
    ratio: Spread
    """Of each pair."""


def _populations(plan: Plan) -> int:
    return QUICK_POPULATIONS if plan.quick else POPULATIONS


def estimate(plan: Plan) -> float:
    return plan.pairs * 2 * (plan.seconds + plan.warm_up + _AROUND)


def measure(plan: Plan, tell: Tell) -> Result:
    one: list[float] = []
    many: list[float] = []
    for pair in range(plan.pairs):
        tell(f"{pair + 1} of {plan.pairs}")
        for populations, found in ((1, one), (_populations(plan), many)):
            with coordinator(encrypted=False) as server:
                outcome = measured_once(server, WORKERS, 1, plan, others=populations - 1)
            found.append(outcome.server_microseconds)
    return Result(_populations(plan), Spread.of(one), Spread.of(many), Spread.of_ratios(many, one))


def table(result: Result) -> str:
    return aligned(
        ("populations", "coordinator CPU µs for a report", "by one"),
        [
            ("1", result.one.text(".1f"), ""),
            (number(result.populations, ","), result.many.text(".1f"), result.ratio.text()),
        ],
    )
