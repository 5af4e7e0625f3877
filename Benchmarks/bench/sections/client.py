"""What a report takes of a process that trains in Python, beside the least that it could."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.client import SPACE
from bench.plan import Plan, Tell
from bench.reporters import KINDS, Taken
from bench.servers import BUILD, MURMUR, BenchError, Server, coordinator
from bench.tables import Spread, aligned

NAME = "client"
TITLE = "The Python client, beside a bare DEALER"

_REPORTS_PER_SECOND = 1500
_AROUND = 2.0
_PATIENCE = 300.0


@dataclass(frozen=True)
class Result:
    client: Spread
    """Microseconds of processors for each report."""
    dealer: Spread
    cpu_ratio: Spread
    """The client's by the DEALER's, of each pair."""
    client_switches: float
    """Threads that waited, for each report."""
    dealer_switches: float


def estimate(plan: Plan) -> float:
    return plan.pairs * len(KINDS) * (plan.seconds + _AROUND)


def measure(plan: Plan, tell: Tell) -> Result:
    reports = max(500, int(_REPORTS_PER_SECOND * plan.seconds))
    taken: dict[str, list[Taken]] = {kind: [] for kind in KINDS}
    for pair in range(plan.pairs):
        tell(f"{pair + 1} of {plan.pairs}")
        with coordinator(encrypted=False) as server:
            for kind in KINDS:
                make_population(server, kind)
                taken[kind].append(_taken(kind, server, reports))
    client, dealer = (
        [each.cpu for each in taken["client"]],
        [each.cpu for each in taken["dealer"]],
    )
    return Result(
        client=Spread.of(client),
        dealer=Spread.of(dealer),
        cpu_ratio=Spread.of_ratios(client, dealer),
        client_switches=Spread.of([each.switches for each in taken["client"]]).median,
        dealer_switches=Spread.of([each.switches for each in taken["dealer"]]).median,
    )


def make_population(server: Server, name: str, murmur: Path = MURMUR) -> None:
    """Makes one of one member, so that the decision is to go on."""
    space = BUILD / "client-space.yaml"
    space.write_text(SPACE)
    made = [str(murmur), "create", name, "--space", str(space), "--url", server.url]
    done = subprocess.run([*made, "--population-size", "1"], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"The population was not made: {done.stderr.strip()}")


def command(kind: str, server: Server, reports: int) -> list[str]:
    """What runs a process that reports so often."""
    url = f"{server.url}/{kind}"
    return [sys.executable, "-m", "bench.reporters", kind, url, str(reports)]


def _taken(kind: str, server: Server, reports: int) -> Taken:
    given = command(kind, server, reports)
    done = subprocess.run(given, capture_output=True, text=True, timeout=_PATIENCE)
    if done.returncode != 0:
        raise BenchError(f"The reports of the {kind} failed: {done.stderr.strip()}")
    return Taken(**json.loads(done.stdout))


def table(result: Result) -> str:
    headings = ("", "CPU of a report, µs", "by the DEALER's", "waits")
    rows: Sequence[Sequence[str]] = [
        (
            "client",
            result.client.text(".0f"),
            result.cpu_ratio.text(),
            f"{result.client_switches:.1f}",
        ),
        ("bare DEALER", result.dealer.text(".0f"), "1", f"{result.dealer_switches:.1f}"),
    ]
    return aligned(headings, rows)
