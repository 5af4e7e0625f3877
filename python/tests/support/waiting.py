"""Waiting for what threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

# Far more than anything takes that comes about at all.
WAIT_SECONDS = 120.0
# How long a process may take that starts, answers or ends at all; how fast it is, benchmarks say.
START_SECONDS = WAIT_SECONDS
STOP_SECONDS = WAIT_SECONDS


def wait_until(holds: Callable[[], bool], what: str | Callable[[], str]) -> None:
    """Waits until something has come about, and fails with what it waited for when it never does.

    `what` may be a function, for what is known only then, such as the log of a process.
    """
    until = time.monotonic() + WAIT_SECONDS
    while True:
        asked = time.monotonic()
        if holds():
            return
        now = time.monotonic()
        if now > until:
            said = what if isinstance(what, str) else what()
            raise AssertionError(f"never came about: {said}")
        # What takes long to find out, such as what a command prints, leaves the processors to what
        # is waited for.
        time.sleep(max(0.02, now - asked))
