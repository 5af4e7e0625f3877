"""Starting with a large journal: from the program's start to its first answer."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from bench import load
from bench.kept import mebibytes
from bench.plan import Plan, Tell
from bench.ports import free_ports
from bench.servers import BUILD, coordinator
from bench.tables import Spread, aligned, number

NAME = "start"
TITLE = "Starting with a journal, to the first answer"

#: Members and events.
SMALL = (1_000, 100_000)
LARGE = (100_000, 10_000_000)
QUICK_LARGE = (10_000, 200_000)

JOURNALS = BUILD / "journals"
_WRITING_EVENTS_PER_SECOND = 40_000
_STARTS = 3


@dataclass(frozen=True)
class Started:
    """A coordinator, after its first answer."""

    seconds: float
    now_mebibytes: float
    most_mebibytes: float


@dataclass(frozen=True)
class Row:
    members: int
    events: int
    seconds: Spread
    now_mebibytes: Spread
    most_mebibytes: Spread
    journal_mebibytes: float


@dataclass(frozen=True)
class Result:
    rows: list[Row]


def sizes(plan: Plan) -> tuple[tuple[int, int], tuple[int, int]]:
    return (SMALL, QUICK_LARGE if plan.quick else LARGE)


def _place(members: int, events: int) -> Path:
    return JOURNALS / f"{members}-{events}"


def estimate(plan: Plan) -> float:
    starts = (_STARTS + 1) * 1.5
    return sum(starts + seconds_to_write(members, events) for members, events in sizes(plan))


def seconds_to_write(members: int, events: int) -> float:
    return 0.0 if _place(members, events).exists() else events / _WRITING_EVENTS_PER_SECOND


def journal(members: int, events: int, tell: Tell) -> Path:
    """A journal of this size, which is made once and then kept."""
    place = _place(members, events)
    if not place.exists():
        seconds = seconds_to_write(members, events)
        tell(
            f"writing a journal of {number(members, ',')} members and {number(events, ',')} events "
            f"to {place.relative_to(BUILD.parent)}, which takes about {seconds:.0f} s once"
        )
        JOURNALS.mkdir(parents=True, exist_ok=True)
        # Under another name until it is whole.
        unfinished = place.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        load.run("journal", unfinished, "--members", members, "--events", events, seconds=1800)
        unfinished.rename(place)
    return place


def started(data: Path) -> Started:
    """Starts a coordinator on a journal, whose first answer somebody waits for by then."""
    port = free_ports(2)
    with load.started("hello", f"murmur://127.0.0.1:{port}", "--ready") as hello:
        hello.line()
        begin = time.monotonic_ns()
        with coordinator(encrypted=False, data=data, port=port) as server:
            seconds = (hello.result()["monotonicNanoseconds"] - begin) / 1e9
            now, most = (mebibytes(server.pid, field) for field in ("VmRSS", "VmHWM"))
    return Started(seconds, now, most)


def measure(plan: Plan, tell: Tell) -> Result:
    rows = []
    for members, events in sizes(plan):
        data = journal(members, events, tell)
        # One that an older version wrote is brought up to date first.
        with coordinator(encrypted=False, data=data):
            pass
        starts = [started(data) for _ in range(1 if plan.quick else _STARTS)]
        size = sum(file.stat().st_size for file in data.glob("journal.sqlite*"))
        rows.append(
            Row(
                members=members,
                events=events,
                seconds=Spread.of([each.seconds for each in starts]),
                now_mebibytes=Spread.of([each.now_mebibytes for each in starts]),
                most_mebibytes=Spread.of([each.most_mebibytes for each in starts]),
                journal_mebibytes=size / 2**20,
            )
        )
    return Result(rows)


def table(result: Result) -> str:
    headings = ("members", "events", "journal MiB", "to the first answer s", "memory MiB", "most")
    return aligned(
        headings,
        [
            (
                number(row.members, ","),
                number(row.events, ","),
                number(row.journal_mebibytes, ",.0f"),
                row.seconds.text(),
                row.now_mebibytes.text(".0f"),
                row.most_mebibytes.text(".0f"),
            )
            for row in result.rows
        ],
    )
