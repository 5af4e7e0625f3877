"""Reports as fast as they are answered: the coordinator beside the two floors, in turns."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench import load
from bench.kept import check_nothing_is_lost
from bench.load import Outcome
from bench.plan import Plan, Tell
from bench.servers import BUILD, BenchError, Server, coordinator, floor
from bench.tables import Spread, aligned, number

NAME = "reports"
TITLE = "Reports, beside a bare ROUTER that echoes (the floor), and one that keeps them (durable)"

#: Connections, and leases of each.
LOADS = ((1, 1), (8, 1), (64, 1), (512, 1), (2000, 1), (64, 64))
QUICK_LOADS = ((1, 1), (64, 64))
_AROUND = 1.5
#: Of the journal.
_PAGE = 8192
_SYNCS = 200
#: The floor lets nobody join, so that its load has no other time to connect.
_CONNECTIONS_PER_SECOND = 2000
_CONNECTIONS_PER_SECOND_ENCRYPTED = 500


@dataclass(frozen=True)
class Side:
    """What one of the servers gave."""

    rate: Spread
    cpu: Spread
    """Microseconds on processors for each report."""
    p50: float
    """From a report to its directive, in microseconds; these are medians of the pairs."""
    p99: float
    p999: float

    @staticmethod
    def of(outcomes: Sequence[Outcome]) -> Side:
        return Side(
            rate=Spread.of([each.reports_per_second for each in outcomes]),
            cpu=Spread.of([each.server_microseconds for each in outcomes]),
            p50=median(each.p50 for each in outcomes),
            p99=median(each.p99 for each in outcomes),
            p999=median(each.p999 for each in outcomes),
        )


@dataclass(frozen=True)
class Row:
    connections: int
    leases: int
    encrypted: bool
    pairs: int
    floor: Side
    coordinator: Side
    durable: Side | None
    """The durable floor; nothing where it is left out."""
    rate_ratio: Spread
    """The coordinator's by the floor's, of each pair."""
    cpu_ratio: Spread
    durable_rate_ratio: Spread | None
    """By the durable floor's."""
    durable_cpu_ratio: Spread | None
    sync: float
    """Microseconds that the disk takes to sync two pages, when nothing else is written."""
    exploits: float
    """The share of reports that exploit."""
    bytes_per_report: float
    bytes_per_directive: float

    @staticmethod
    def of(
        connections: int,
        leases: int,
        encrypted: bool,
        floors: Sequence[Outcome],
        coordinators: Sequence[Outcome],
        durables: Sequence[Outcome] = (),
        syncs: Sequence[float] = (0.0,),
    ) -> Row:
        reports = sum(each.reports for each in coordinators)
        return Row(
            connections=connections,
            leases=leases,
            encrypted=encrypted,
            pairs=len(floors),
            floor=Side.of(floors),
            coordinator=Side.of(coordinators),
            durable=Side.of(durables) if durables else None,
            rate_ratio=_rates(coordinators, floors),
            cpu_ratio=_times(coordinators, floors),
            durable_rate_ratio=_rates(coordinators, durables) if durables else None,
            durable_cpu_ratio=_times(coordinators, durables) if durables else None,
            sync=median(syncs),
            exploits=sum(each.exploits for each in coordinators) / reports,
            bytes_per_report=median(each.bytes_per_report for each in coordinators),
            bytes_per_directive=median(each.bytes_per_directive for each in coordinators),
        )

    @property
    def beside_sync(self) -> float:
        """The time of a report in the middle without the disk's sync, by the floor's."""
        return (self.coordinator.p50 - self.sync) / self.floor.p50


def _rates(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> Spread:
    return Spread.of_ratios(
        [each.reports_per_second for each in ours], [each.reports_per_second for each in theirs]
    )


def _times(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> Spread:
    return Spread.of_ratios(
        [each.server_microseconds for each in ours], [each.server_microseconds for each in theirs]
    )


@dataclass(frozen=True)
class Result:
    rows: list[Row]


def _loads(plan: Plan) -> tuple[tuple[int, int], ...]:
    return QUICK_LOADS if plan.quick else LOADS


def estimate(plan: Plan) -> float:
    runs = len(_loads(plan)) * 2 * 2 + sum(
        _has_durable(leases, encrypted=False) for _, leases in _loads(plan)
    )
    connecting = sum(
        _connecting(connections, encrypted)
        for connections, _ in _loads(plan)
        for encrypted in (False, True)
    )
    return plan.pairs * (runs * (plan.seconds + plan.warm_up + _AROUND) + connecting)


def _has_durable(leases: int, *, encrypted: bool) -> bool:
    """Whether the load is put on the durable floor too, which takes its time."""
    return leases == 1 and not encrypted


def _connecting(connections: int, encrypted: bool) -> float:
    each = _CONNECTIONS_PER_SECOND_ENCRYPTED if encrypted else _CONNECTIONS_PER_SECOND
    return connections / each


def measure(plan: Plan, tell: Tell) -> Result:
    rows = []
    for encrypted in (False, True):
        for connections, leases in _loads(plan):
            row = _measured(connections, leases, encrypted, plan)
            tell(_line(row))
            rows.append(row)
    return Result(rows)


def _measured(connections: int, leases: int, encrypted: bool, plan: Plan) -> Row:
    floors, durables, coordinators, syncs = [], [], [], []
    connecting = _connecting(connections, encrypted)
    for _ in range(plan.pairs):
        with floor(encrypted=encrypted) as server:
            floors.append(measured_once(server, connections, leases, plan, connecting=connecting))
        if _has_durable(leases, encrypted=encrypted):
            with floor(durable=True) as server:
                durables.append(
                    measured_once(server, connections, leases, plan, connecting=connecting)
                )
        syncs.append(sync_microseconds())
        with coordinator(encrypted=encrypted) as server:
            coordinators.append(measured_once(server, connections, leases, plan))
    return Row.of(connections, leases, encrypted, floors, coordinators, durables, syncs)


def sync_microseconds() -> float:
    """What the disk takes to sync two pages amid a file, as in a log that is used again."""
    pages = bytes(2 * _PAGE)
    with tempfile.TemporaryFile(dir=BUILD) as file:
        file.write(bytes(_SYNCS * len(pages)))
        os.fsync(file.fileno())
        taken = []
        for number in range(_SYNCS):
            os.pwrite(file.fileno(), pages, number * len(pages))
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - begin)
    return median(taken) * 1e6


def measured_once(
    server: Server,
    connections: int,
    leases: int,
    plan: Plan,
    *,
    members: int | None = None,
    others: int = 0,
    connecting: float = 0.0,
) -> Outcome:
    """One load on a server that nobody has loaded before; nothing may be lost."""
    given = load.arguments_of(
        server,
        connections=connections,
        leases=leases,
        members=members,
        others=others,
        seconds=plan.seconds,
        warm_up=plan.warm_up + connecting,
    )
    outcome = load.read(Outcome, load.run("reports", *given, seconds=plan.seconds))
    check_nothing_is_lost(server, outcome.acknowledged)
    if outcome.retries:
        raise BenchError(
            f"{outcome.retries} of {outcome.reports} reports had no answer for a second and were "
            "sent again: try again when this machine has less to do."
        )
    return outcome


def _line(row: Row) -> str:
    return (
        f"{name(row)}: {number(row.coordinator.rate.median, ',.0f')} reports/s, "
        f"{row.rate_ratio.text()} of the floor's"
    )


def name(row: Row) -> str:
    many = f"{row.connections} × {row.leases}" if row.leases > 1 else str(row.connections)  # noqa: RUF001
    return f"{many}{', CURVE' if row.encrypted else ''}"


def table(result: Result) -> str:
    headings = (
        "workers",
        "floor/s",
        "durable/s",
        "coordinator/s",
        "by floor",
        "by durable",
        "floor CPU µs",
        "durable",
        "coordinator",
        "by floor",
        "by durable",
        "floor p50/p99/p99.9 µs",
        "coordinator p50/p99/p99.9 µs",
        "exploits",
        "bytes",
    )
    return aligned(headings, [_cells(row) for row in result.rows])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        name(row),
        row.floor.rate.text(",.0f"),
        row.durable.rate.text(",.0f") if row.durable else "-",
        row.coordinator.rate.text(",.0f"),
        row.rate_ratio.text(),
        row.durable_rate_ratio.text() if row.durable_rate_ratio else "-",
        row.floor.cpu.text(".1f"),
        row.durable.cpu.text(".1f") if row.durable else "-",
        row.coordinator.cpu.text(".1f"),
        row.cpu_ratio.text(),
        row.durable_cpu_ratio.text() if row.durable_cpu_ratio else "-",
        _latency(row.floor),
        _latency(row.coordinator),
        f"{row.exploits:.0%}",
        f"{row.bytes_per_report:.0f} + {row.bytes_per_directive:.0f}",
    )


def _latency(side: Side) -> str:
    return " / ".join(number(value, ",.0f") for value in (side.p50, side.p99, side.p999))
