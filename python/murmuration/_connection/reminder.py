"""When to say that something is still waited for."""

from __future__ import annotations

import time

_FIRST_SECONDS = 10.0
_GROWTH = 3
_LONGEST_SECONDS = 3600.0


class Reminder:
    """Is due after a while, and then at ever longer intervals: a log of hours stays short."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._interval = _FIRST_SECONDS
        self._due = _FIRST_SECONDS

    @property
    def waited(self) -> float:
        """Seconds since this wait began."""
        return time.monotonic() - self._start

    @property
    def pause(self) -> float:
        """Seconds until it is due."""
        return max(0.0, self._due - self.waited)

    def is_due(self) -> bool:
        """Whether it is time to say so; then the next time is later."""
        waited = self.waited
        if waited < self._due:
            return False
        self._interval = min(self._interval * _GROWTH, _LONGEST_SECONDS)
        self._due = waited + self._interval
        return True
