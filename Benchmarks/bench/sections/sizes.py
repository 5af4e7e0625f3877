"""Bytes on the wire."""

from __future__ import annotations

from bench import counts
from bench.plan import Plan, Tell
from bench.servers import MURMUR
from bench.tables import aligned, number

NAME = "sizes"
TITLE = "Bytes on the wire"

Result = counts.Sizes


def estimate(plan: Plan) -> float:
    return 2.0


def measure(plan: Plan, tell: Tell) -> Result:
    return counts.sizes(MURMUR)


def table(result: Result) -> str:
    headings = ("a report", "to go on", "a board of 50 members with 8 numbers")
    return aligned(headings, [(str(result.report), str(result.go_on), number(result.board, ","))])
