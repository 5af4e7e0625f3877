"""Thousands of workers on this machine that each report once a second, encrypted."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench import load
from bench.kept import mebibytes, reports_kept
from bench.load import Outcome
from bench.plan import Plan, Tell
from bench.servers import coordinator
from bench.tables import aligned, number

NAME = "many"
TITLE = "10 000 workers that report once a second, with CURVE"

WORKERS = 10_000
PROCESSES = 4
SECONDS = 15.0
QUICK_WORKERS = 1_000
#: Each process begins when its own workers have joined; those of others may take longer.
WARM_UP = 5.0
_SOURCES = 4
_JOINING = 30.0


@dataclass(frozen=True)
class Result:
    workers: int
    processes: int
    join_seconds: float
    """Until all were let in, and had a member."""
    rate: float
    cpu: float
    """Of the coordinator, in processors."""
    p50: float
    """In microseconds; the worst of the processes."""
    p99: float
    now_mebibytes: float
    most_mebibytes: float
    acknowledged: int
    lost: int
    """Acknowledged, and not in the journal."""
    retries: int


def _sizes(plan: Plan) -> tuple[int, float]:
    return (QUICK_WORKERS, min(plan.seconds, 2.0)) if plan.quick else (WORKERS, SECONDS)


def estimate(plan: Plan) -> float:
    return (0 if plan.quick else _JOINING) + WARM_UP + _sizes(plan)[1]


def measure(plan: Plan, tell: Tell) -> Result:
    workers, seconds = _sizes(plan)
    tell(f"{workers} workers join from {PROCESSES} processes")
    with coordinator(encrypted=True) as server, ExitStack() as stack:
        runs = [
            stack.enter_context(
                load.started(
                    "reports",
                    *load.arguments_of(
                        server,
                        connections=workers // PROCESSES,
                        every=1.0,
                        seconds=seconds,
                        warm_up=WARM_UP,
                        sources=_SOURCES,
                        population=f"bench-{process}",
                    ),
                )
            )
            for process in range(PROCESSES)
        ]
        outcomes = [load.read(Outcome, each.result(seconds)) for each in runs]
        acknowledged = sum(each.acknowledged for each in outcomes)
        assert server.data is not None
        return Result(
            workers=workers,
            processes=PROCESSES,
            join_seconds=max(each.join_seconds for each in outcomes),
            rate=sum(each.reports_per_second for each in outcomes),
            # Each process counts all that the server does meanwhile.
            cpu=median(
                each.server_microseconds * each.reports / each.seconds / 1e6 for each in outcomes
            ),
            p50=max(each.p50 for each in outcomes),
            p99=max(each.p99 for each in outcomes),
            now_mebibytes=mebibytes(server.pid, "VmRSS"),
            most_mebibytes=mebibytes(server.pid, "VmHWM"),
            acknowledged=acknowledged,
            lost=acknowledged - reports_kept(server.data),
            retries=sum(each.retries for each in outcomes),
        )


def table(result: Result) -> str:
    headings = (
        "workers",
        "joined in s",
        "reports/s",
        "coordinator's processors",
        "p50/p99 ms",
        "memory, and most, MiB",
        "lost",
        "sent again",
    )
    cells = (
        number(result.workers, ",.0f"),
        f"{result.join_seconds:.1f}",
        number(result.rate, ",.0f"),
        f"{result.cpu:.2f}",
        f"{result.p50 / 1000:.1f} / {result.p99 / 1000:.1f}",
        f"{result.now_mebibytes:.0f}, {result.most_mebibytes:.0f}",
        f"{result.lost} of {number(result.acknowledged, ',.0f')}",
        str(result.retries),
    )
    return aligned(headings, [cells])
