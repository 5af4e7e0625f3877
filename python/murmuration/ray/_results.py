"""What a trainable's result tells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from murmuration._scalars import plain
from murmuration.errors import CheckpointError, InvalidError

# What Tune adds to each result, and a history has anyway, or that says nothing about a model.
_OF_TUNE = frozenset(
    (
        "checkpoint_dir_name",
        "date",
        "done",
        "episodes_this_iter",
        "hostname",
        "iterations_since_restore",
        "node_ip",
        "pid",
        "should_checkpoint",
        "time_since_restore",
        "timestamp",
        "training_iteration",
        "trial_id",
    )
)


def score_of(result: Mapping[str, Any], metric: str) -> Any:
    """The score of a result; raises what is wrong with it."""
    if result.get("done"):
        raise InvalidError(
            "The trainable says done, and a member ends at its population's last step alone: leave "
            "done out, and say with max_steps how long to train."
        )
    if metric not in result:
        raise InvalidError(
            f"The result has no metric {metric!r}: name one of {', '.join(map(str, result))}."
        )
    return result[metric]


def metrics_of(result: Mapping[str, Any], metric: str) -> dict[str, Any]:
    """The other numbers of a result."""
    return {
        name: value
        for name, value in result.items()
        if name != metric and name not in _OF_TUNE and _is_number(plain(value))
    }


def existing(path: str) -> str:
    """The directory of a checkpoint; raises when it is none."""
    if not Path(path).is_dir():
        raise CheckpointError(f"The checkpoint {path!r} is no directory.")
    return path


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
