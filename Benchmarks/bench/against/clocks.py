"""The processor time of other processes, in nanoseconds and with that of threads that ended.

This is imported in Ray's own environment too, so it needs nothing but Python.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_SCHEDULER_CLOCK = 2


def cpu_seconds(pid: int) -> float:
    """The processor time of a process, by the clock that Linux has for each."""
    return time.clock_gettime((~pid << 3) | _SCHEDULER_CLOCK)


def descendants(pid: int) -> list[int]:
    """The processes below a process, whoever of them started them."""
    children: dict[int, list[int]] = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and (fields := _fields(int(process.name))):
            children.setdefault(int(fields[1]), []).append(int(process.name))
    found = list(children.get(pid, []))
    for each in found:
        found += children.get(each, [])
    return found


def reaped_seconds(pid: int) -> float:
    """The processor time of those children of a process that ended, in ticks of Linux."""
    fields = _fields(pid)
    ticks = sum(int(field) for field in fields[13:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> list[str]:
    """A process's line in /proc from its state on; nothing for one that is gone by now."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The name before it, in brackets, may hold anything.
    return line.rpartition(")")[2].split()
