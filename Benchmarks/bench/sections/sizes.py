"""Bytes on the wire, and what the system does for a report of one worker."""

from __future__ import annotations

from dataclasses import dataclass

from bench import counts
from bench.plan import Plan, Tell
from bench.servers import MURMUR
from bench.tables import aligned, number

NAME = "sizes"
TITLE = "Bytes on the wire, system calls and written pages"


@dataclass(frozen=True)
class Result:
    bytes: counts.Sizes
    calls: counts.Calls
    """For one worker's reports, each of which is a batch."""


def estimate(plan: Plan) -> float:
    return 6.0


def measure(plan: Plan, tell: Tell) -> Result:
    return Result(
        counts.sizes(MURMUR), counts.calls(MURMUR, leases=1, rounds=counts.SYNCHRONOUS_REPORTS)
    )


def table(result: Result) -> str:
    headings = ("a report", "to go on", "a board of 50 members with 8 numbers")
    found = result.bytes
    sizes = aligned(headings, [(str(found.report), str(found.go_on), number(found.board, ","))])
    calls = aligned(
        ("a report's system calls, of the thread that commits", "of all", "pages"),
        [(f"{result.calls.own:.1f}", f"{result.calls.all:.1f}", f"{result.calls.pages:.1f}")],
    )
    return f"{sizes}\n\n{calls}"
