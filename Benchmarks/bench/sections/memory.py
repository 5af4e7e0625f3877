"""Memory for each member, from coordinators that hold many and few with a committed state."""

from __future__ import annotations

from dataclasses import dataclass

from bench.plan import Plan, Tell
from bench.sections import start
from bench.tables import aligned, number

NAME = "memory"
TITLE = "Memory for each member with a committed state, 8 numbers and an address of 40 bytes"


@dataclass(frozen=True)
class Result:
    few: int
    many: int
    few_mebibytes: float
    many_mebibytes: float
    bytes_per_member: float


def estimate(plan: Plan) -> float:
    return 5.0


def measure(plan: Plan, tell: Tell) -> Result:
    small, large = start.sizes(plan)
    few = start.started(start.journal(*small, tell)).now_mebibytes
    many = start.started(start.journal(*large, tell)).now_mebibytes
    members = large[0] - small[0]
    return Result(small[0], large[0], few, many, (many - few) * 2**20 / members)


def table(result: Result) -> str:
    headings = ("members", "MiB", "members", "MiB", "bytes for each")
    cells = (
        number(result.few, ","),
        f"{result.few_mebibytes:.1f}",
        number(result.many, ","),
        f"{result.many_mebibytes:.1f}",
        f"{result.bytes_per_member:.0f}",
    )
    return aligned(headings, [cells])
