"""How often and how long it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: Says how far it is.
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    pairs: int = 5
    """How often each load is put on both of two servers, in turns."""
    seconds: float = 2.0
    """How long a load is measured, after it has warmed up."""
    quick: bool = False
    """Only to see that everything works: the smallest of what takes long is left out."""

    @property
    def warm_up(self) -> float:
        return min(0.5, self.seconds)
