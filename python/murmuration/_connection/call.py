"""A request under way, and what comes of it."""

from __future__ import annotations

import threading

from murmuration.errors import MurmurationError
from murmuration.v1 import murmuration_pb2 as wire

Outcome = wire.Reply | MurmurationError


class Call:
    """A request under way; every attempt sends the same bytes."""

    __slots__ = ("_answered", "attempts", "due", "frame", "id", "misses", "outcome", "refusal")

    def __init__(self, request: wire.Request) -> None:
        self.id: int = request.id
        self.frame: bytes = request.SerializeToString()
        self.attempts = 0
        self.misses = 0
        self.due = 0.0
        # What the coordinator said last, when it was there and could not answer.
        self.refusal: str | None = None
        self.outcome: Outcome | None = None
        # Made when somebody waits: most answers come while the caller looks for them itself.
        self._answered: threading.Event | None = None

    def end(self, outcome: Outcome) -> None:
        """Ends it, with a reply or with why there is none; only the first time counts."""
        if self.outcome is None:
            self.outcome = outcome
            if self._answered is not None:
                self._answered.set()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, after waiting so long for that; for one thread at a time."""
        if self._answered is None:
            self._answered = threading.Event()
        # It may have ended before anybody could have been told.
        return self.outcome is not None or self._answered.wait(seconds)

    def reply(self) -> wire.Reply:
        """The reply, once it has ended; raises why there is none."""
        assert self.outcome is not None
        if isinstance(self.outcome, MurmurationError):
            raise self.outcome
        return self.outcome
