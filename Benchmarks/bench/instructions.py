"""Instructions of the coordinator's two threads for a report, as callgrind counts them.

The coordinator and its load are one process (`bench-load count`), and only the turns of the loop
and the journal's commits are counted. Rows that wait are written when the clock says so, which is
far ahead of a program that callgrind watches: that is left out.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.counts import need
from bench.servers import BUILD, LOAD, BenchError

WORKERS = 64
ROUNDS = 50
#: As Swift writes `Coordinator.Loop.turn()`, `Journal.commit(_:)` and `Journal.settle()` for
#: linkers.
TURN = "$s11Coordinator4LoopC4turn"
COMMIT = "$s7JournalAAC6commityySay7Records6ChangeOGAD0A5ErrorOYKF"
SETTLE = "$s7JournalAAC6settleyy7Records0A5ErrorOYKF"
_SECONDS = 600
#: A line of callgrind_annotate: a count, its share, and of what.
_LINE = re.compile(r"^ *([\d,]+) +\([ \d.]+%\) +(.*)$")


def instructions_per_report() -> float:
    """Also those for joining and for making the population, which are few."""
    valgrind, annotate = need("valgrind"), need("callgrind_annotate")
    with tempfile.TemporaryDirectory(prefix="callgrind-", dir=BUILD) as name:
        directory = Path(name)
        # valgrind cannot read what Swift writes for debuggers.
        program = directory / "bench-load"
        _output("strip", "-g", "-o", program, LOAD)
        counted = directory / "counted"
        load = (
            "count",
            "--connections",
            WORKERS,
            "--rounds",
            ROUNDS,
            "--data",
            directory / "data",
        )
        collect = (
            "--tool=callgrind",
            f"--toggle-collect={TURN}*",
            f"--toggle-collect={COMMIT}",
        )
        output = _output(valgrind, *collect, f"--callgrind-out-file={counted}", program, *load)
        reports = int(output.splitlines()[-1])
        text = _output(annotate, "--inclusive=yes", "--threshold=99.9", counted)
    return in_turns(text) / reports


def in_turns(text: str) -> int:
    """All that was counted, in both threads, but for rows that were written when it was time."""
    counts = {
        match[2]: int(match[1].replace(",", ""))
        for line in text.splitlines()
        if (match := _LINE.match(line))
    }
    total = counts.get("PROGRAM TOTALS")
    if not total or not all(any(name in what for what in counts) for name in (TURN, COMMIT)):
        raise BenchError(
            "callgrind did not see Loop.turn() and Journal.commit(_:): if they have other names by "
            "now, write those into Benchmarks/bench/instructions.py."
        )
    return total - sum(count for what, count in counts.items() if f":{SETTLE} " in f"{what} ")


def _output(*command: object) -> str:
    words: Sequence[str] = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=_SECONDS)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise BenchError(f"{Path(words[0]).name} failed: {' '.join(said)}")
    return done.stdout
