"""What counts may be at most, in Benchmarks/thresholds.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.servers import ROOT, BenchError

FILE = ROOT / "Benchmarks" / "thresholds.json"


@dataclass(frozen=True)
class Kind:
    what: str
    margin: float | None
    """What a threshold is above what was measured; nothing where the design says it."""


KINDS = {
    "instructions_per_report": Kind(
        "instructions of the coordinator's two threads for a report", 0.15
    ),
    "calls_per_report": Kind(
        "system calls of the committing thread for a report that is a batch", 0.2
    ),
    "all_calls_per_report": Kind("system calls of all its threads for such a report", 0.3),
    "pages_per_report": Kind("pages written for such a report", 0.1),
    "calls_per_batch": Kind("system calls of the committing thread for a batch of 64 reports", 0.3),
    "client_calls_per_report": Kind(
        "system calls of a process that reports with the Python client, for each report", 0.2
    ),
    "report_bytes": Kind("bytes of a report with an address of 40 bytes", None),
    "continue_bytes": Kind("bytes of the reply that says to go on", None),
    "board_bytes": Kind("bytes of a board of 50 members with 8 numbers", 0.05),
}


def read(file: Path = FILE) -> dict[str, float]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise BenchError(f"{file.name} cannot be read ({error}); take it from git again.") from None
    if not isinstance(found, dict) or set(found) != set(KINDS):
        raise BenchError(f"{file.name} must have {', '.join(KINDS)}, and nothing else.")
    return {name: float(most) for name, most in found.items()}


def fault(name: str, count: float, most: float) -> str | None:
    """What is wrong with a count, in a sentence."""
    if count <= most:
        return None
    return (
        f"{name} is {shown(count)}, and at most {shown(most)} are allowed: make it less again, or, "
        "if it is meant, write the new count into Benchmarks/thresholds.json "
        "(`make bench-check UPDATE=--update`)."
    )


def updated(thresholds: Mapping[str, float], counts: Mapping[str, float]) -> dict[str, float]:
    """Thresholds a margin above what was counted."""
    new = dict(thresholds)
    for name, count in counts.items():
        margin = KINDS[name].margin
        if margin is not None:
            new[name] = _rounded(count * (1 + margin))
    return new


def write(thresholds: Mapping[str, float], file: Path = FILE) -> None:
    ordered = {name: int(thresholds[name]) for name in KINDS}
    file.write_text(json.dumps(ordered, indent=2) + "\n")


def _rounded(value: float) -> int:
    """Up, to what one can remember."""
    step = 1000 if value > 100_000 else 1
    return math.ceil(value / step) * step


def shown(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0").replace(",", " ")
