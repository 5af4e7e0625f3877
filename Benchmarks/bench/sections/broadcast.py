"""Monitors beside workers that report as fast as they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import load
from bench.kept import check_nothing_is_lost
from bench.load import Outcome
from bench.plan import Plan, Tell
from bench.servers import coordinator
from bench.tables import Spread, aligned, number

NAME = "broadcast"
TITLE = "Monitors beside 512 workers that report at full speed, with CURVE"

SUBSCRIBERS = (1, 100, 1000)
QUICK_SUBSCRIBERS = (1, 100)
WORKERS = 512
MEMBERS = 100_000
_PER_PROCESS = 500
_AROUND = 3.0


@dataclass(frozen=True)
class Watched:
    """What monitors got."""

    boards_per_second: float
    """Of each."""
    bytes_per_second: float
    """Of each."""
    largest_board: int
    missed: int
    """Boards that did not arrive, of all."""
    p50: float
    """From a report's directive to a board that has it, in milliseconds."""
    p99: float
    traces: int
    """Reports that were made to measure that."""

    @staticmethod
    def of(found: Sequence[dict[str, Any]]) -> Watched:
        """The lag is that of the process where it is worst."""
        count = sum(each["count"] for each in found)
        return Watched(
            boards_per_second=sum(each["boardsPerSecond"] * each["count"] for each in found)
            / count,
            bytes_per_second=sum(each["bytesPerSecond"] * each["count"] for each in found) / count,
            largest_board=max(each["largestBoard"] for each in found),
            missed=sum(each["missed"] for each in found),
            p50=max(each["lagP50"] for each in found),
            p99=max(each["lagP99"] for each in found),
            traces=sum(each["traces"] for each in found),
        )


@dataclass(frozen=True)
class Row:
    subscribers: int
    members: int
    pairs: int
    rate: Spread
    slowdown: Spread
    """The share of reports for which there was no time, of each pair."""
    cpu_ratio: Spread
    """Processor time for each report, by that without monitors, of each pair."""
    boards_per_second: float
    bytes_per_second: float
    largest_board: int
    missed: int
    lag_p50_milliseconds: float
    lag_p99_milliseconds: float


@dataclass(frozen=True)
class Result:
    rows: list[Row]


def _loads(plan: Plan) -> list[tuple[int, int]]:
    """Subscribers and members."""
    many = QUICK_SUBSCRIBERS if plan.quick else SUBSCRIBERS
    return [*((subscribers, WORKERS) for subscribers in many), (1, MEMBERS)]


def estimate(plan: Plan) -> float:
    loads = _loads(plan)
    runs = len(loads) + len({members for _, members in loads})
    return plan.pairs * runs * (plan.seconds + plan.warm_up + _subscribing(plan) + _AROUND)


def measure(plan: Plan, tell: Tell) -> Result:
    rows = []
    alone: dict[int, list[Outcome]] = {}
    beside: dict[tuple[int, int], list[tuple[Outcome, Watched]]] = {}
    for number_of_pair in range(plan.pairs):
        tell(f"{number_of_pair + 1} of {plan.pairs}")
        for members in sorted({members for _, members in _loads(plan)}):
            alone.setdefault(members, []).append(_measured(0, members, plan)[0])
        for subscribers, members in _loads(plan):
            outcome, watched = _measured(subscribers, members, plan)
            assert watched is not None
            beside.setdefault((subscribers, members), []).append((outcome, watched))
    for (subscribers, members), pairs in beside.items():
        outcomes = [outcome for outcome, _ in pairs]
        boards = [watched for _, watched in pairs]
        rows.append(_row(subscribers, members, alone[members], outcomes, boards))
    return Result(rows)


def _measured(subscribers: int, members: int, plan: Plan) -> tuple[Outcome, Watched | None]:
    with coordinator(encrypted=True) as server, ExitStack() as stack:
        given = load.arguments_of(
            server,
            connections=WORKERS,
            members=members,
            seconds=plan.seconds,
            warm_up=plan.warm_up + _subscribing(plan),
        )
        reports = stack.enter_context(load.started("reports", *given))
        monitors = [
            stack.enter_context(
                load.started(
                    "subscribers",
                    server.url,
                    "--server",
                    server.pid,
                    "--count",
                    min(_PER_PROCESS, subscribers - first),
                    "--seconds",
                    # Not less than the reports take.
                    plan.seconds + 1,
                )
            )
            for first in range(0, subscribers, _PER_PROCESS)
        ]
        found = [each.result(plan.seconds) for each in monitors]
        outcome = load.read(Outcome, reports.result(plan.seconds))
        watched = Watched.of(found) if found else None
        check_nothing_is_lost(server, outcome.acknowledged + (watched.traces if watched else 0))
    return outcome, watched


def _subscribing(plan: Plan) -> float:
    """How long reports are made before they are measured, so that all have subscribed by then.

    It is as long where nobody does, for a coordinator that has just begun is slower.
    """
    return 1 + max(subscribers for subscribers, _ in _loads(plan)) / 250


def _row(
    subscribers: int,
    members: int,
    alone: Sequence[Outcome],
    beside: Sequence[Outcome],
    watched: Sequence[Watched],
) -> Row:
    rates = Spread.of_ratios(
        [each.reports_per_second for each in beside], [each.reports_per_second for each in alone]
    )
    return Row(
        subscribers=subscribers,
        members=members,
        pairs=len(beside),
        rate=Spread.of([each.reports_per_second for each in beside]),
        slowdown=Spread(1 - rates.median, 1 - rates.maximum, 1 - rates.minimum),
        cpu_ratio=Spread.of_ratios(
            [each.server_microseconds for each in beside],
            [each.server_microseconds for each in alone],
        ),
        boards_per_second=median(each.boards_per_second for each in watched),
        bytes_per_second=median(each.bytes_per_second for each in watched),
        largest_board=max(each.largest_board for each in watched),
        missed=sum(each.missed for each in watched),
        lag_p50_milliseconds=median(each.p50 for each in watched),
        lag_p99_milliseconds=median(each.p99 for each in watched),
    )


def table(result: Result) -> str:
    headings = (
        "monitors",
        "members",
        "reports/s",
        "slower by",
        "CPU by that without",
        "boards/s",
        "kB/s of each",
        "largest board, bytes",
        "missed",
        "lag p50/p99 ms",
    )
    return aligned(
        headings,
        [
            (
                number(row.subscribers, ","),
                number(row.members, ","),
                row.rate.text(",.0f"),
                row.slowdown.text(".1%"),
                row.cpu_ratio.text(),
                f"{row.boards_per_second:.1f}",
                f"{row.bytes_per_second / 1000:.1f}",
                number(row.largest_board, ","),
                str(row.missed),
                f"{row.lag_p50_milliseconds:.0f} / {row.lag_p99_milliseconds:.0f}",
            )
            for row in result.rows
        ],
    )
