"""What was measured of a contender, as a row for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.tables import Spread, aligned


@dataclass(frozen=True)
class Round:
    """One measurement, after warm-up."""

    reports: int
    exploits: int
    seconds: float
    coordination_seconds: float
    """Processor time of the coordinator alone."""
    total_seconds: float
    """Processor time of the coordinator and the workers."""


@dataclass(frozen=True)
class Result:
    """A contender, and what its rounds gave; without rounds, the reason why there are none."""

    contender: str
    title: str
    durable: bool
    """Whether a decision is on disk before the worker hears of it."""
    encrypted: bool
    members: int
    processes: int
    """Those that the workers are in."""
    rounds: int
    reports: int
    """Those that were measured in each round, after warm-up."""
    exploits: Spread | None
    """Of a round."""
    reports_per_second: Spread | None
    coordination_cpu_seconds: Spread | None
    """Of the coordinator, for 1 000 reports."""
    total_cpu_seconds: Spread | None
    """Of the coordinator and the workers, for 1 000 reports."""
    reason: str | None = None
    """Why it was not measured."""

    @staticmethod
    def of(
        contender: str,
        title: str,
        *,
        durable: bool,
        encrypted: bool,
        members: int,
        processes: int,
        rounds: Sequence[Round],
        reason: str | None = None,
    ) -> Result:
        def spread(values: list[float]) -> Spread | None:
            return Spread.of(values) if values else None

        return Result(
            contender,
            title,
            durable,
            encrypted,
            members,
            processes,
            rounds=len(rounds),
            reports=rounds[0].reports if rounds else 0,
            exploits=spread([each.exploits for each in rounds]),
            reports_per_second=spread([each.reports / each.seconds for each in rounds]),
            coordination_cpu_seconds=spread(
                [each.coordination_seconds * 1000 / each.reports for each in rounds]
            ),
            total_cpu_seconds=spread([each.total_seconds * 1000 / each.reports for each in rounds]),
            reason=reason,
        )


_HEADINGS = (
    "contender",
    "reports/s",
    "coordinator CPU s/1000",
    "with workers CPU s/1000",
    "durable",
    "encrypted",
    "exploits",
    "measured",
)


def table(results: Sequence[Result]) -> str:
    """The results as a table, with medians, and the least and the most in brackets."""
    lines = [aligned(_HEADINGS, [_cells(result) for result in results])]
    lines += [
        f"{result.title} was {'measured less' if result.rounds else 'not measured'}: "
        f"{result.reason}"
        for result in results
        if result.reason is not None
    ]
    return "\n".join(lines)


def _cells(result: Result) -> tuple[str, ...]:
    def shown(spread: Spread | None, form: str) -> str:
        return "-" if spread is None else spread.text(form)

    share = "-"
    if result.exploits is not None:
        share = f"{result.exploits.median / result.reports:.0%}"
    return (
        result.title,
        shown(result.reports_per_second, ",.0f"),
        shown(result.coordination_cpu_seconds, ".3f"),
        shown(result.total_cpu_seconds, ".3f"),
        "yes" if result.durable else "no",
        "yes" if result.encrypted else "no",
        share,
        f"{result.rounds} times {result.reports} reports",
    )
