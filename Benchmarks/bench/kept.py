"""What a coordinator has on disk, and what its process uses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.servers import BenchError, Server


def reports_kept(data: Path) -> int:
    """The reports in a journal, also of a coordinator that is running."""
    with closing(sqlite3.connect(f"file:{data / 'journal.sqlite'}?mode=ro", uri=True)) as journal:
        (count,) = journal.execute("SELECT count(*) FROM event WHERE kind = 'reported'").fetchone()
    return int(count)


def check_nothing_is_lost(server: Server, acknowledged: int) -> None:
    """Raises unless each report that was acknowledged is kept, once."""
    if server.data is None:
        return
    kept = reports_kept(server.data)
    if kept != acknowledged:
        raise BenchError(
            f"{acknowledged} reports were acknowledged and {kept} are in the journal: a bug."
        )


def mebibytes(pid: int, field: str) -> float:
    """A process's memory: `VmRSS` is what it holds now, `VmHWM` the most that it held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise BenchError(f"Process {pid} has no {field}: has it ended?")
