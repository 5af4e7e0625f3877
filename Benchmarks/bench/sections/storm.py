"""Thousands of clients that come at once, and once more after the coordinator was killed."""

from __future__ import annotations

import os
import signal
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.load import read, started
from bench.plan import Plan, Tell
from bench.ports import free_ports
from bench.servers import BUILD, coordinator
from bench.tables import aligned, number

NAME = "storm"
TITLE = "Clients that come at once, with CURVE"

CLIENTS = 5_000
QUICK_CLIENTS = 500


@dataclass(frozen=True)
class Wave:
    """How long it took, in seconds, until so many had an answer."""

    first: float
    half: float
    p99: float
    all: float
    server_processor: float
    """Seconds on processors that the coordinator took."""
    server_mebibytes: float
    retries: int
    """Greetings that had no answer for a second and were sent again."""


@dataclass(frozen=True)
class Result:
    clients: int
    new: Wave
    """Of clients that connect at the same moment."""
    returning: Wave
    """Of the same clients, when the coordinator was killed and had started again."""


def estimate(plan: Plan) -> float:
    return 10.0 if plan.quick else 60.0


def measure(plan: Plan, tell: Tell) -> Result:
    clients = QUICK_CLIENTS if plan.quick else CLIENTS
    with tempfile.TemporaryDirectory(prefix="storm-", dir=BUILD) as name, ExitStack() as stack:
        data, port = Path(name) / "data", free_ports(2)
        data.mkdir(mode=0o700)
        with coordinator(encrypted=True, data=data, port=port) as server:
            tell(f"{number(clients, ',')} clients connect")
            given = (server.url, "--server", server.pid, "--count", clients, "--again")
            load = stack.enter_context(started("storm", *given))
            load.line()
            os.kill(server.pid, signal.SIGKILL)
        with coordinator(encrypted=True, data=data, port=port) as server:
            tell("the coordinator was killed, and has started again")
            load.tell(f"again {server.pid}")
            found = load.result()
    return Result(clients, read(Wave, found["first"]), read(Wave, found["again"]))


def table(result: Result) -> str:
    headings = ("clients", "half after s", "99 % after s", "all after s", "CPU s", "MiB", "again")
    waves = ((result.new, "new"), (result.returning, "after kill -9"))
    return aligned(
        headings,
        [
            (
                f"{number(result.clients, ',')} {kind}",
                f"{wave.half:.2f}",
                f"{wave.p99:.2f}",
                f"{wave.all:.2f}",
                f"{wave.server_processor:.2f}",
                f"{wave.server_mebibytes:.0f}",
                str(wave.retries),
            )
            for wave, kind in waves
        ],
    )
