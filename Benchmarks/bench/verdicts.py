"""What the design says that it reaches, beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench import counts
from bench.sections import (
    against,
    broadcast,
    client,
    decisions,
    many,
    memory,
    populations,
    reports,
    sizes,
    start,
    web,
)
from bench.tables import Spread, aligned

#: The results of sections, by name.
Found = Mapping[str, object]


@dataclass(frozen=True)
class Number:
    """A number of the design."""

    what: str
    reach: str
    measured: str
    """Nothing for what was left out."""
    is_reached: bool | None


@dataclass(frozen=True)
class _Goal:
    what: str
    limit: float
    is_least: bool
    """Whether it is to be at least, or at most, the limit."""
    unit: str
    value: Callable[[Found], float | None]
    digits: int = 2

    def judged(self, found: Found) -> Number:
        sign = "≥ " if self.is_least else "≤ "
        reach = f"{sign if self.limit else ''}{self.limit:g}{self.unit}"
        value = self.value(found)
        if value is None:
            return Number(self.what, reach, "", None)
        is_reached = value >= self.limit if self.is_least else value <= self.limit
        return Number(self.what, reach, f"{value:.{self.digits}f}{self.unit}", is_reached)


def _row(found: Found, workers: int, *, encrypted: bool = False) -> reports.Row | None:
    """So many synchronous workers."""
    result = found.get(reports.NAME)
    rows = result.rows if isinstance(result, reports.Result) else []
    wanted = (workers, 1, encrypted)
    return next((r for r in rows if (r.connections, r.leases, r.encrypted) == wanted), None)


def _rate_ratio(found: Found, *, encrypted: bool) -> float | None:
    row = _row(found, 512, encrypted=encrypted)
    return row.rate_ratio.median if row else None


def _cpu_ratio(found: Found, workers: int) -> float | None:
    row = _row(found, workers)
    return row.cpu_ratio.median if row else None


def _beside_sync(found: Found) -> float | None:
    row = _row(found, 1)
    return row.beside_sync if row else None


def _served(found: Found) -> float | None:
    result = found.get(populations.NAME)
    return result.ratio.median if isinstance(result, populations.Result) else None


def _calls(found: Found, value: Callable[[counts.Calls], float]) -> float | None:
    result = found.get(sizes.NAME)
    return value(result.calls) if isinstance(result, sizes.Result) else None


def _cpu_goals() -> tuple[_Goal, ...]:
    most = {1: 4.0, 8: 3.0, 64: 2.2, 512: 2.0}
    return tuple(
        _Goal(
            f"processor time for a report of {workers} worker{'s' if workers > 1 else ''}, by the "
            "floor's",
            limit,
            False,
            "",
            lambda found, workers=workers: _cpu_ratio(found, workers),  # type: ignore[misc]
        )
        for workers, limit in most.items()
    )


def _decisions(found: Found) -> float | None:
    result = found.get(decisions.NAME)
    return result.growth if isinstance(result, decisions.Result) else None


def _memory(found: Found) -> float | None:
    result = found.get(memory.NAME)
    # Among fewer members, what the process has besides is most of the difference.
    if not isinstance(result, memory.Result) or result.many != start.LARGE[0]:
        return None
    return result.bytes_per_member / 1024


def _start(found: Found) -> float | None:
    result = found.get(start.NAME)
    if not isinstance(result, start.Result):
        return None
    large = [row for row in result.rows if (row.members, row.events) == start.LARGE]
    return large[0].seconds.median if large else None


def _lag(found: Found) -> float | None:
    result = found.get(broadcast.NAME)
    if not isinstance(result, broadcast.Result):
        return None
    wanted = (1, broadcast.WORKERS)
    one = [row for row in result.rows if (row.subscribers, row.members) == wanted]
    return one[0].lag_p99_milliseconds if one else None


def _slowdown(found: Found) -> float | None:
    result = found.get(broadcast.NAME)
    if not isinstance(result, broadcast.Result):
        return None
    most = [row for row in result.rows if row.subscribers == 1000]
    return most[0].slowdown.median * 100 if most else None


def _web(found: Found, value: Callable[[web.Result], float | None]) -> float | None:
    result = found.get(web.NAME)
    if not isinstance(result, web.Result) or result.readers != web.READERS:
        return None
    return value(result)


def _many(found: Found, value: Callable[[many.Result], float]) -> float | None:
    result = found.get(many.NAME)
    if not isinstance(result, many.Result) or result.workers != many.WORKERS:
        return None
    return value(result)


def _bytes(found: Found, value: Callable[[counts.Sizes], float]) -> float | None:
    result = found.get(sizes.NAME)
    return value(result.bytes) if isinstance(result, sizes.Result) else None


def _client(found: Found) -> float | None:
    result = found.get(client.NAME)
    return result.cpu_ratio.median if isinstance(result, client.Result) else None


def _against(
    found: Found, other: str, value: Callable[[against.Contender], Spread | None]
) -> float | None:
    """Ours by another coordinator's, with four processes of workers in Python."""
    result = found.get(against.NAME)
    if not isinstance(result, against.Result):
        return None
    spreads = {each.contender: value(each) for each in result.contenders}
    ours, theirs = spreads.get("murmuration"), spreads.get(other)
    return ours.median / theirs.median if ours and theirs else None


_GOALS = (
    _Goal(
        "rate of 512 synchronous workers, by the floor's",
        0.9,
        True,
        "",
        lambda found: _rate_ratio(found, encrypted=False),
    ),
    _Goal(
        "the same, as the step before",
        0.75,
        True,
        "",
        lambda found: _rate_ratio(found, encrypted=False),
    ),
    *_cpu_goals(),
    _Goal("one worker's p50 less the disk's sync, by the floor's p50", 3, False, "", _beside_sync),
    _Goal(
        "system calls for a report of one worker, of the thread that commits",
        30,
        False,
        "",
        lambda found: _calls(found, lambda calls: calls.own),
        1,
    ),
    _Goal(
        "pages written for it",
        3,
        False,
        "",
        lambda found: _calls(found, lambda calls: calls.pages),
        1,
    ),
    _Goal("a report with 1 000 populations served, by that with 1", 1.2, False, "", _served),
    _Goal(
        "their rate with CURVE, by the floor's with CURVE",
        0.7,
        True,
        "",
        lambda found: _rate_ratio(found, encrypted=True),
    ),
    _Goal("a decision among 100 000 members, by that among 1 000", 2, False, "", _decisions),
    _Goal("memory for each member", 1, False, " KiB", _memory),
    _Goal("start with 100 000 members and 10 000 000 events", 2, False, " s", _start),
    _Goal("a change reaches a monitor (p99)", 110, False, " ms", _lag, 0),
    _Goal("1 000 subscribers slow reports by", 10, False, " %", _slowdown, 1),
    _Goal(
        "a page opens with 1 000 members and 200 000 events",
        1.5,
        False,
        " s",
        lambda found: _web(found, lambda result: result.opening.slowest),
    ),
    _Goal(
        "memory of its tab",
        200,
        False,
        " MB",
        lambda found: _web(found, lambda result: result.opening.most_megabytes),
        0,
    ),
    _Goal(
        "a page that shows 100 000 members live is late by (p99)",
        50,
        False,
        " ms",
        lambda found: _web(found, lambda result: result.live.latest if result.live else None),
        0,
    ),
    _Goal(
        "50 open pages slow reports by",
        10,
        False,
        " %",
        lambda found: _web(found, lambda result: result.slowdown * 100),
        1,
    ),
    _Goal(
        "10 000 workers: most memory",
        1024,
        False,
        " MiB",
        lambda found: _many(found, lambda result: result.most_mebibytes),
        0,
    ),
    _Goal(
        "10 000 workers: lost reports",
        0,
        False,
        "",
        lambda found: _many(found, lambda result: result.lost),
        0,
    ),
    _Goal(
        "a report with an address of 40 bytes",
        80,
        False,
        " bytes",
        lambda found: _bytes(found, lambda result: result.report),
        0,
    ),
    _Goal(
        "the reply that says to go on",
        32,
        False,
        " bytes",
        lambda found: _bytes(found, lambda result: result.go_on),
        0,
    ),
    _Goal(
        "a report in the Python client, processor time by a bare DEALER's", 2, False, "", _client
    ),
    _Goal(
        "Python workers' reports/s, by a ROUTER's with SQLite",
        1,
        True,
        "",
        lambda found: _against(found, "router", lambda each: each.reports_per_second),
    ),
    _Goal(
        "Python workers' reports/s, by a multiprocessing manager's",
        0.8,
        True,
        "",
        lambda found: _against(found, "manager", lambda each: each.reports_per_second),
    ),
    _Goal(
        "coordination's processor time there, by the ROUTER's with SQLite",
        1,
        False,
        "",
        lambda found: _against(found, "router", lambda each: each.coordination_cpu_seconds),
    ),
)


def judged(found: Found) -> list[Number]:
    return [goal.judged(found) for goal in _GOALS]


def table(numbers: Sequence[Number]) -> str:
    words = {True: "reached", False: "not reached", None: "not measured"}
    rows = [
        (each.what, each.reach, each.measured or "-", words[each.is_reached]) for each in numbers
    ]
    return aligned(("what", "reach", "measured", ""), rows)
