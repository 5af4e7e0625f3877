"""System calls of a process that reports with the Python client, as strace counts them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from bench.counts import CALL, need
from bench.sections.client import command, make_population
from bench.servers import BUILD, MURMUR, ROOT, BenchError, Server, coordinator

#: What beginning and leaving take is in both, and in neither of what is between them.
FEW = 100
MANY = 500
_SECONDS = 120.0


def client_calls_per_report(murmur: Path = MURMUR) -> float:
    """Of all threads of the process."""
    with coordinator(encrypted=False, murmur=murmur) as server:
        make_population(server, "client", murmur)
        few, many = (_calls(server, reports) for reports in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def _calls(server: Server, reports: int) -> int:
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="trace-", dir=BUILD) as directory:
        log = Path(directory) / "strace"
        tracing = [need("strace"), "-f", "-q", "-s", "0", "-o", str(log)]
        reporting = command("client", server, reports)
        # Tests find these packages without it.
        paths = os.pathsep.join(str(ROOT / folder) for folder in ("Benchmarks", "python"))
        done = subprocess.run(
            tracing + reporting,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            env={**os.environ, "PYTHONPATH": paths},
        )
        if done.returncode != 0:
            raise BenchError(f"The reports that strace watches failed: {done.stderr.strip()}")
        return sum(CALL.match(line) is not None for line in log.read_text().splitlines())
