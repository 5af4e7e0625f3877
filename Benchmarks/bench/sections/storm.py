"""Thousands of clients that come at once, and once more after the coordinator was killed."""

from __future__ import annotations

import os
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import load
from bench.plan import Plan, Tell
from bench.ports import free_ports
from bench.servers import BUILD, coordinator
from bench.tables import aligned, number

NAME = "storm"
TITLE = "Clients that come at once, with CURVE"

CLIENTS = 5_000
QUICK_CLIENTS = 500


@dataclass(frozen=True)
class Result:
    clients: int
    seconds: float
    """Until all were served."""
    seconds_again: float
    """The same after the coordinator was killed and started again on its journal and ports."""


def estimate(plan: Plan) -> float:
    return 15.0 if plan.quick else 60.0


def measure(plan: Plan, tell: Tell) -> Result:
    clients = QUICK_CLIENTS if plan.quick else CLIENTS
    with tempfile.TemporaryDirectory(prefix="storm-", dir=BUILD) as name:
        data, port = Path(name) / "data", free_ports(2)
        data.mkdir(mode=0o700)
        times = []
        for _ in range(2):
            with coordinator(encrypted=True, data=data, port=port) as server:
                found = load.run("storm", server.url, "--clients", clients, seconds=120)
                times.append(found["seconds"])
                tell(f"{number(clients, ',')} clients were served after {times[-1]:.1f} s")
                os.kill(server.pid, signal.SIGKILL)
        return Result(clients, *times)


def table(result: Result) -> str:
    return aligned(
        ("clients", "all served after s", "and after kill -9 s"),
        [(number(result.clients, ","), f"{result.seconds:.1f}", f"{result.seconds_again:.1f}")],
    )
