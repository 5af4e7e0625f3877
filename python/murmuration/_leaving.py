"""Giving members back when the interpreter ends."""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from typing import Protocol

_SECONDS = 5.0
"""How long the end of the interpreter waits, for all together."""


class Leaves(Protocol):
    """What gives something back."""

    def leave_within(self, seconds: float) -> None: ...


class _State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.those: weakref.WeakSet[Leaves] = weakref.WeakSet()


_state = _State()


def leave_at_exit(one: Leaves) -> None:
    """Has it leave when the interpreter ends, if it is there then. One that was killed, or that
    ends by `os._exit`, runs nothing any more."""
    with _state.lock:
        _state.those.add(one)


def _leave_all() -> None:
    with _state.lock:
        those = list(_state.those)
    until = time.monotonic() + _SECONDS
    for one in those:
        one.leave_within(max(0.0, until - time.monotonic()))


def _forget_all() -> None:
    global _state
    _state = _State()


atexit.register(_leave_all)
# The parent goes on with what a forked child has of it, and may have held the lock.
os.register_at_fork(after_in_child=_forget_all)
