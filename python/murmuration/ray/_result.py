"""What a run came to."""

from __future__ import annotations

from dataclasses import dataclass

from murmuration._values import Entry, Leaderboard
from murmuration.events import Event, Segment


@dataclass(frozen=True)
class Result:
    """What a population has come to."""

    leaderboard: Leaderboard
    """All members, best first."""
    schedule: tuple[Segment, ...]
    """The hyperparameters over steps that led to the best state."""
    history: tuple[Event, ...]
    """All that happened, oldest first."""

    @property
    def best(self) -> Entry | None:
        """The best state that any member ever committed; `None` before there is a score."""
        return self.leaderboard.best
