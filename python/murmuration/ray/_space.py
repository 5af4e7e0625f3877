"""Hyperparameters as Ray Tune's trainables get them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from murmuration.spaces._tune import SEPARATOR


def nested(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """The hyperparameters as Tune's configuration has them: those of a dictionary in one."""
    found: dict[str, Any] = {}
    for name, value in hyperparameters.items():
        *folders, last = name.split(SEPARATOR)
        inside = found
        for folder in folders:
            inside = inside.setdefault(folder, {})
        inside[last] = value
    return found
