"""The ranks of a distributed training, which train one model together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from murmuration.errors import InvalidError, RankError

Ranks = Literal["first", "each"]
"""Which ranks of one distributed training may join: the first one for all, or each by itself."""


@dataclass(frozen=True)
class Rank:
    """A process of a distributed training, and the variable that says which one it is."""

    number: int
    variable: str


def rank_of(environment: Mapping[str, str] = os.environ) -> Rank | None:
    """Which rank of a distributed training this process is; `None` when it is in none.

    torchrun, accelerate and DeepSpeed say it in RANK, and Lightning in LOCAL_RANK and NODE_RANK.
    The tasks of an srun or an mpirun alone, without MASTER_ADDR, are as often workers of their own.
    """
    size = _number(environment, "WORLD_SIZE")
    if not environment.get("MASTER_ADDR") or size is None or size < 2:
        return None
    found = [
        Rank(number, variable)
        for variable in ("RANK", "LOCAL_RANK", "NODE_RANK")
        if (number := _number(environment, variable)) is not None
    ]
    if not found or found[0].variable == "RANK":
        return found[0] if found else None
    # Only the first process of the first node has no other number than 0.
    return next((rank for rank in found if rank.number > 0), found[0])


def check_rank(ranks: Ranks, what: str) -> None:
    """Raises in a rank above 0 of a distributed training, unless each rank is to join."""
    if ranks not in ("first", "each"):
        raise InvalidError(f"ranks is {ranks!r:.60}; use 'first' or 'each'.")
    rank = rank_of()
    if ranks == "each" or rank is None or rank.number == 0:
        return
    raise RankError(
        f"{rank.variable}={rank.number} of WORLD_SIZE={os.environ['WORLD_SIZE']} says that this "
        f"process trains one model together with others: make the {what} in rank 0 only and "
        "broadcast what it is told, or give ranks='each' when each rank trains a model of its own."
    )


def _number(environment: Mapping[str, str], variable: str) -> int | None:
    try:
        return int(environment.get(variable, ""))
    except ValueError:
        return None
