"""How patient a connection is."""

from __future__ import annotations

from dataclasses import dataclass

_DOUBLINGS = 10


@dataclass(frozen=True)
class Timing:
    """How patient a connection is, in seconds."""

    connect: float = 30.0
    """How long a coordinator is looked for at the start."""
    retry: float = 2.0
    """The first wait for a reply; it doubles up to `retry_limit`."""
    retry_limit: float = 15.0
    misses: int = 3
    """Waits without a reply after which the socket is made anew."""
    reconnect: float = 0.2
    """The first pause before connecting again; it doubles up to `reconnect_limit`."""
    reconnect_limit: float = 10.0
    leave: float = 3.0
    """How long leaving waits for an answer."""

    def wait(self, attempts: int, chance: float) -> float:
        """How long a reply is waited for, after so many attempts before this one."""
        doubled = self.retry * 2 ** min(attempts, _DOUBLINGS)
        return spread(min(doubled, self.retry_limit), chance)

    def pause(self, losses: int, chance: float) -> float:
        """How long nothing is connected, after so many losses in a row before this one."""
        doubled = self.reconnect * 2 ** min(losses, _DOUBLINGS)
        return spread(min(doubled, self.reconnect_limit), chance)


def spread(seconds: float, chance: float) -> float:
    """Up to a quarter more or less, so that clients that failed together do not come back together.

    `chance` is from 0 to 1.
    """
    return seconds * (0.75 + 0.5 * chance)
