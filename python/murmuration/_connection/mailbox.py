"""What a coordinator sends over a connection without having been asked."""

from __future__ import annotations

import threading
from collections import deque

from murmuration.v1 import murmuration_pb2 as wire

QUEUED_BOARDS = 16
"""Boards that are kept for a reader who is slow; each is complete, so that the newest matter."""


class Mailbox:
    """Replies from one thread for another one; the oldest go when they are not taken."""

    def __init__(self) -> None:
        self._filled = threading.Condition()
        self._replies: deque[wire.Reply] = deque(maxlen=QUEUED_BOARDS)

    def put(self, reply: wire.Reply) -> None:
        with self._filled:
            self._replies.append(reply)
            self._filled.notify()

    def take(self, seconds: float) -> list[wire.Reply]:
        """All that came, oldest first, after waiting so long for the first one."""
        with self._filled:
            self._filled.wait_for(lambda: self._replies, seconds)
            replies = list(self._replies)
            self._replies.clear()
            return replies
