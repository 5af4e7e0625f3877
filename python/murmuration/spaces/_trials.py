"""Conditions, where a study asks for some hyperparameters only with others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from murmuration.errors import InvalidError


def distributions_of(trials: Iterable[Any]) -> dict[str, Any]:
    """The distributions of all trials, by name."""
    found: dict[str, Any] = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            if found.setdefault(name, distribution) != distribution:
                raise InvalidError(
                    f"The hyperparameter {name!r} has another distribution in some trials: give "
                    "those of trials that agree, or the distributions by name."
                )
    return found


def conditions_of(
    trials: Iterable[Any], parents: Collection[str]
) -> dict[str, dict[str, list[Any]]]:
    """With which values of one of the parents each of those counts that only some trials have."""
    rows = [trial.params for trial in trials]
    names = list(dict.fromkeys(name for row in rows for name in row))
    found: dict[str, dict[str, list[Any]]] = {}
    left = [name for name in names if not all(name in row for row in rows)]
    known = [name for name in names if name in parents and name not in left]
    while left:
        told = {name: when for name in left if (when := _when(name, known, rows)) is not None}
        if not told:
            raise InvalidError(
                f"The hyperparameter {left[0]!r} is in some trials only, and no value of another "
                "one tells in which: give more trials, or the distributions by name."
            )
        found |= told
        known += [name for name in told if name in parents]
        left = [name for name in left if name not in told]
    return found


def _when(
    name: str, known: list[str], rows: list[Mapping[str, Any]]
) -> dict[str, list[Any]] | None:
    """The other one with the fewest values that tells it."""
    best: tuple[str, list[Any]] | None = None
    for parent in known:
        having = [row for row in rows if name in row]
        if not all(parent in row for row in having):
            continue
        values = _distinct(row[parent] for row in having)
        others = (row[parent] for row in rows if name not in row and parent in row)
        tells = not any(other in values for other in others)
        if tells and (best is None or len(values) < len(best[1])):
            best = (parent, values)
    return {best[0]: best[1]} if best else None


def _distinct(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found
