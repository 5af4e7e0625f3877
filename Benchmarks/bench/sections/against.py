"""What people would use in its place."""

from __future__ import annotations

from dataclasses import dataclass

from bench import against
from bench.against import ray_tune
from bench.against.measuring import NAMES
from bench.plan import Plan, Tell
from bench.servers import MURMUR

NAME = "against"
TITLE = "What people would use in its place"


Contender = against.Result


@dataclass(frozen=True)
class Result:
    contenders: list[Contender]


def estimate(plan: Plan) -> float:
    return 20.0 if plan.quick else 240.0


def measure(plan: Plan, tell: Tell) -> Result:
    if plan.quick:
        small = against.Plan(reports=50, rounds=1, murmur=MURMUR)
        names = [name for name in NAMES if name != ray_tune.NAME]
        return Result(against.measure(small, names, tell))
    return Result(against.measure(against.Plan(murmur=MURMUR), tell=tell))


def table(result: Result) -> str:
    return against.table(result.contenders)
