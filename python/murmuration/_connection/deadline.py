"""How long a call waits for the coordinator."""

from __future__ import annotations

import time

from murmuration.errors import UnreachableError


class Deadline:
    """The moment at which a call gives up, counted from now; without a timeout it never does."""

    def __init__(self, timeout: float | None) -> None:
        self._timeout = timeout
        self._end = None if timeout is None else time.monotonic() + timeout

    @property
    def remaining(self) -> float | None:
        """Seconds that are left, or `None` without an end."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def missed(self, error: UnreachableError) -> UnreachableError:
        """The error to raise, which says that the call may be repeated if it was given a time."""
        if self._timeout is None:
            return error
        return UnreachableError(
            f"{error} (The coordinator gave no answer within {self._timeout:g} s: call again to "
            "go on waiting.)"
        )
