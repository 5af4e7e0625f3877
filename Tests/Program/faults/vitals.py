"""How a coordinator's process does: its memory, its open files, and what it logged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import Murmur

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="counts the files in /proc")


def _pid(murmur: Murmur) -> int:
    assert murmur.process is not None
    return murmur.process.pid


def resident_megabytes(murmur: Murmur) -> float:
    if sys.platform != "linux":
        command = ["ps", "-o", "rss=", "-p", str(_pid(murmur))]
        return int(subprocess.check_output(command)) / 1024
    status = Path(f"/proc/{_pid(murmur)}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def open_files(murmur: Murmur) -> int:
    return len(list(Path(f"/proc/{_pid(murmur)}/fd").iterdir()))


def load(murmur: Murmur, seconds: float) -> float:
    """Of how many processors the process took the time, for so long."""
    before, start = _cpu_seconds(murmur), time.monotonic()
    time.sleep(seconds)
    return (_cpu_seconds(murmur) - before) / (time.monotonic() - start)


def _cpu_seconds(murmur: Murmur) -> float:
    # The process's name, the second field, may contain spaces.
    fields = Path(f"/proc/{_pid(murmur)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def log_lines(murmur: Murmur, containing: str = "") -> int:
    return sum(containing in line for line in murmur.log.splitlines())
