"""How a coordinator's process does: memory, processor time, open files, and what it logged."""

from __future__ import annotations

import os
import re
from pathlib import Path

from conftest import Murmur


def _pid(murmur: Murmur) -> int:
    assert murmur.process is not None
    return murmur.process.pid


def resident_megabytes(murmur: Murmur) -> float:
    status = Path(f"/proc/{_pid(murmur)}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def processor_seconds(murmur: Murmur) -> float:
    # The name before it may have spaces.
    fields = Path(f"/proc/{_pid(murmur)}/stat").read_text().rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def open_files(murmur: Murmur) -> int:
    return len(list(Path(f"/proc/{_pid(murmur)}/fd").iterdir()))


def log_lines(murmur: Murmur, containing: str = "") -> int:
    return sum(containing in line for line in murmur.log.splitlines())
