"""What a decision costs as populations grow: alone, and with all that is around it."""

from __future__ import annotations

from dataclasses import dataclass

from bench import load
from bench.plan import Plan, Tell
from bench.sections.reports import measured_once
from bench.servers import coordinator
from bench.tables import Spread, aligned, number

NAME = "decisions"
TITLE = "Decisions in populations of different sizes"

MEMBERS = (1_000, 10_000, 100_000, 1_000_000)
QUICK_MEMBERS = (1_000, 10_000)
#: With 64 connections of 64 leases each.
WIRE_MEMBERS = (4_096, 100_000)
_AROUND = 4.0
_SECONDS_PER_SIZE = 8.0


@dataclass(frozen=True)
class Row:
    members: int
    mean: float
    """Microseconds of a decision, without IO."""
    p50: float
    p99: float
    bytes_per_member: float
    """Of the process that decides, when each has one committed state."""


@dataclass(frozen=True)
class WireRow:
    members: int
    cpu: Spread
    """Microseconds of the coordinator for each report."""
    cpu_ratio: Spread
    """By that in the smallest population, of each pair."""


@dataclass(frozen=True)
class Result:
    rows: list[Row]
    wire: list[WireRow]

    @property
    def growth(self) -> float | None:
        """Of the time of a decision, from 1 000 members to 100 000."""
        found = {row.members: row.mean for row in self.rows}
        few, many = found.get(1_000), found.get(100_000)
        return many / few if few and many else None


def _members(plan: Plan) -> tuple[int, ...]:
    return QUICK_MEMBERS if plan.quick else MEMBERS


def estimate(plan: Plan) -> float:
    alone = (1 if plan.quick else _SECONDS_PER_SIZE) * len(_members(plan))
    return alone + plan.pairs * len(WIRE_MEMBERS) * (plan.seconds + plan.warm_up + _AROUND)


def measure(plan: Plan, tell: Tell) -> Result:
    rows = []
    for members in _members(plan):
        found = load.run("decisions", "--members", members, seconds=60)
        row = Row(members, found["mean"], found["p50"], found["p99"], found["bytesPerMember"])
        rows.append(row)
        tell(f"{number(members, ',')} members: {row.mean:.2f} µs")
    cpu: dict[int, list[float]] = {members: [] for members in WIRE_MEMBERS}
    for pair in range(plan.pairs):
        tell(f"over the wire, {pair + 1} of {plan.pairs}")
        for members in WIRE_MEMBERS:
            with coordinator(encrypted=False) as server:
                outcome = measured_once(server, 64, 64, plan, members=members)
            cpu[members].append(outcome.server_microseconds)
    smallest = cpu[WIRE_MEMBERS[0]]
    wire = [
        WireRow(members, Spread.of(each), Spread.of_ratios(each, smallest))
        for members, each in cpu.items()
    ]
    return Result(rows, wire)


def table(result: Result) -> str:
    alone = aligned(
        ("members", "a decision µs", "p50/p99 µs", "bytes for each"),
        [
            (
                number(row.members, ","),
                f"{row.mean:.2f}",
                f"{row.p50:.2f} / {row.p99:.2f}",
                f"{row.bytes_per_member:.0f}",
            )
            for row in result.rows
        ],
    )
    wire = aligned(
        ("members", "coordinator CPU µs for a report (64 times 64 leases)", "by the smallest"),
        [
            (number(row.members, ","), row.cpu.text(".1f"), row.cpu_ratio.text())
            for row in result.wire
        ],
    )
    return f"{alone}\n\n{wire}"
