"""Ray Tune's search spaces.

What Tune draws from is told by the names of its classes, so that nothing of Ray is imported.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from murmuration._nesting import SEPARATOR
from murmuration._scalars import plain
from murmuration.errors import InvalidError
from murmuration.spaces._branches import key_of, merged
from murmuration.spaces._dimensions import (
    Dimension,
    fixed,
    listed,
    multiples,
    ranged,
    text_of_dimensions,
    without_counterpart,
)

_FUNCTION = (
    "nobody can tell the bounds of what it draws: use tune.uniform, tune.loguniform, tune.randint "
    "or tune.choice"
)


def space_from_tune(space: Mapping[str, Any]) -> str:
    """The text of a space file from what Ray Tune calls `hyperparam_mutations` or `param_space`.

    ```python
    space_from_tune({"lr": tune.loguniform(1e-4, 1e-1), "batch_size": [16, 32, 64]})
    ```

    `uniform`, `loguniform`, `randint`, `lograndint`, `randn` and `choice` are taken as they are,
    and so are those with a `q`, which go by steps. A list is as in `hyperparam_mutations`: in this
    order, and a copy moves to a neighbour. A dictionary's hyperparameters are named like
    `optimizer.lr`, and any other value is fixed. In a `choice` between dictionaries, which a text
    of each tells apart, what only some of them have counts with these only. What has no
    counterpart raises `InvalidError`: functions and `sample_from`, and grids.
    """
    found: dict[str, Dimension] = {}
    _add(space, "", found)
    return text_of_dimensions(found)


def _add(space: Mapping[str, Any], before: str, found: dict[str, Dimension]) -> None:
    for key, value in space.items():
        if not isinstance(key, str) or not key or SEPARATOR in key:
            raise InvalidError(
                f"A hyperparameter is called {key!r:.60}: give it a name without a "
                f"{SEPARATOR!r}, which stands between the name of a dictionary and of what is in "
                "it."
            )
        name = before + key
        if branches := _branches(value):
            parent = name + SEPARATOR + key_of(branches, name)
            each: list[dict[str, Dimension]] = []
            for branch in branches:
                each.append({})
                _add(branch, name + SEPARATOR, each[-1])
            merged(found, parent, each)
        elif not isinstance(value, Mapping):
            found[name] = _dimension(value, name)
        elif set(value) == {"grid_search"}:
            raise without_counterpart(
                name,
                "a grid_search",
                "a population's members are drawn and then change: use tune.choice",
            )
        else:
            _add(value, name + SEPARATOR, found)


def _branches(value: Any) -> list[Mapping[str, Any]]:
    """The dictionaries between which it is a choice; none when it is another one."""
    if "Categorical" not in _kinds(value) or "Grid" in _kinds(value.get_sampler()):
        return []
    found = list(value.categories)
    return found if len(found) > 1 and all(isinstance(each, Mapping) for each in found) else []


def _dimension(value: Any, name: str) -> Dimension:
    kinds = _kinds(value)
    if "Domain" in kinds and hasattr(value, "get_sampler"):
        return _domain(value, kinds, name)
    if callable(value):
        raise without_counterpart(name, "a function", _FUNCTION)
    if isinstance(value, (list, tuple)):
        return listed("ordinal", value, name)
    return fixed(name, value)


def _domain(domain: Any, kinds: set[str], name: str) -> Dimension:
    if "Categorical" in kinds:
        if "Grid" in _kinds(domain.get_sampler()):
            raise without_counterpart(name, "a grid", "use tune.choice")
        return listed("choice", domain.categories, name)
    if not kinds & {"Float", "Integer"}:
        raise without_counterpart(name, "tune.sample_from", _FUNCTION)
    sampler, step = domain.get_sampler(), None
    if "Quantized" in _kinds(sampler):
        sampler, step = sampler.get_sampler(), plain(sampler.q)
    whole = "Integer" in kinds
    if "Normal" in _kinds(sampler):
        return _normal(domain, sampler, step)
    log = "LogUniform" in _kinds(sampler)
    lower, upper = plain(domain.lower), plain(domain.upper)
    if step is None or (whole and step == 1):
        # Tune's integers end before the upper bound.
        return ranged(name, lower, upper - 1 if whole else upper, whole=whole, log=log)
    return multiples(name, lower, upper, whole=whole, log=log, step=step)


def _normal(domain: Any, sampler: Any, step: Any) -> Dimension:
    found: Dimension = {"type": "float"}
    bounds = {"min": plain(domain.lower), "max": plain(domain.upper)}
    found |= {key: bound for key, bound in bounds.items() if math.isfinite(bound)}
    if step is not None:
        found["step"] = step
    return found | {"draw": "normal", "mean": plain(sampler.mean), "sd": plain(sampler.sd)}


def _kinds(value: Any) -> set[str]:
    return {kind.__name__ for kind in type(value).__mro__}
