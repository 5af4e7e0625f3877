"""Ports for coordinators that are started again at the same one."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

# Below those that the system gives to whoever connects: in the meantime one of these is given to
# nobody.
_PORTS = range(20_000, 30_000)
_mine = _PORTS


def share(part: int, parts: int) -> None:
    """Leaves the other parts to other processes, which look for ports at the same time."""
    global _mine
    size = len(_PORTS) // parts
    _mine = _PORTS[part * size : (part + 1) * size]


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody has."""
    while True:
        first = random.randrange(_mine.start, _mine.stop - count)
        with ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
