"""Ray Tune's search spaces as the text of a space file.

What Tune draws from is told by the names of its classes, so that nothing of Ray is imported.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from murmuration._scalars import plain
from murmuration.errors import InvalidError

SEPARATOR = "."
"""Between the names of a dictionary and of what is in it, as in `optimizer.lr`."""

# The most values of a list in a space file.
_MOST_VALUES = 1024


def space_from_tune(space: Mapping[str, Any]) -> str:
    """The text of a space file from what Ray Tune calls `hyperparam_mutations` or `param_space`.

    ```python
    space_from_tune({"lr": tune.loguniform(1e-4, 1e-1), "batch_size": [16, 32, 64]})
    ```

    `uniform`, `loguniform`, `randint`, `lograndint` and `choice` are taken as they are. `quniform`
    and `qrandint` become the list of their values. A list is as in `hyperparam_mutations`: in this
    order, and a copy moves to a neighbour. A dictionary's hyperparameters are named like
    `optimizer.lr`, and any other value is fixed. What has no counterpart raises `InvalidError`:
    functions and `sample_from`, `randn` and `qrandn`, which have no bounds, grids, and values on a
    logarithmic grid.
    """
    found: dict[str, Any] = {}
    _add(space, "", found)
    if not found:
        raise InvalidError("The search space is empty: name a hyperparameter in it.")
    # JSON is YAML too, and leaves no doubt about what is a text.
    return json.dumps({"hyperparameters": found}, indent=2, ensure_ascii=False) + "\n"


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


def _add(space: Mapping[str, Any], before: str, found: dict[str, Any]) -> None:
    for key, value in space.items():
        if not isinstance(key, str) or not key or SEPARATOR in key:
            raise InvalidError(
                f"A hyperparameter is called {key!r:.60}: give it a name without a "
                f"{SEPARATOR!r}, which stands between the name of a dictionary and of what is in "
                "it."
            )
        name = before + key
        if not isinstance(value, Mapping):
            found[name] = _dimension(value, name)
        elif set(value) == {"grid_search"}:
            raise _without_counterpart(
                name,
                "a grid_search",
                "a population's members are drawn and then change: use tune.choice",
            )
        else:
            _add(value, name + SEPARATOR, found)


def _dimension(value: Any, name: str) -> dict[str, Any]:
    kinds = {kind.__name__ for kind in type(value).__mro__}
    if "Domain" in kinds and hasattr(value, "get_sampler"):
        return _domain(value, kinds, name)
    if callable(value):
        raise _without_counterpart(
            name,
            "a function",
            "nobody can tell the bounds of what it draws: use tune.uniform, tune.loguniform, "
            "tune.randint or tune.choice",
        )
    if isinstance(value, (list, tuple)):
        return _listed("ordinal", value, name)
    return {"type": "fixed", "value": _value(value, name)}


def _domain(domain: Any, kinds: set[str], name: str) -> dict[str, Any]:
    if "Categorical" in kinds:
        if "Grid" in _kinds_of_sampler(domain.get_sampler()):
            raise _without_counterpart(name, "a grid", "use tune.choice")
        return _listed("choice", domain.categories, name)
    if not kinds & {"Float", "Integer"}:
        raise _without_counterpart(
            name,
            "tune.sample_from",
            "nobody can tell the bounds of what it draws: use tune.uniform, tune.loguniform, "
            "tune.randint or tune.choice",
        )
    sampler, step = domain.get_sampler(), None
    if "Quantized" in _kinds_of_sampler(sampler):
        sampler, step = sampler.get_sampler(), plain(sampler.q)
    lower, upper = plain(domain.lower), plain(domain.upper)
    if "Normal" in _kinds_of_sampler(sampler) or not all(map(math.isfinite, (lower, upper))):
        raise _without_counterpart(
            name, "tune.randn or tune.qrandn", "it has no bounds: use tune.uniform"
        )
    is_log = "LogUniform" in _kinds_of_sampler(sampler)
    is_whole = "Integer" in kinds
    if step is not None and not (is_whole and step == 1):
        if is_log:
            raise _without_counterpart(
                name,
                "tune.qloguniform or tune.qlograndint",
                "use tune.loguniform or tune.lograndint, and round where you train",
            )
        return _listed("ordinal", _grid(lower, upper, step, name), name)
    scale = "log" if is_log else "linear"
    if not is_whole:
        return _ranged("float", lower, upper, scale)
    # Tune's integers end before the upper bound.
    return _ranged("int", lower, upper - 1, scale)


def _ranged(kind: str, lower: Any, upper: Any, scale: str) -> dict[str, Any]:
    if lower == upper:
        return {"type": "fixed", "value": lower}
    return {"type": kind, "min": lower, "max": upper, "scale": scale}


def _listed(kind: str, values: Sequence[Any], name: str) -> dict[str, Any]:
    found = [_value(each, name) for each in values]
    if not found:
        raise InvalidError(f"The hyperparameter {name!r} has no values: give some.")
    if len(found) == 1:
        return {"type": "fixed", "value": found[0]}
    return {"type": kind, "values": found}


def _grid(lower: Any, upper: Any, step: Any, name: str) -> list[Any]:
    """The multiples of `step` from one bound to the other, both included."""
    # A bound that is a multiple itself may miss it by what floating point rounds.
    first, last = math.ceil(lower / step - 1e-9), math.floor(upper / step + 1e-9)
    if last - first + 1 > _MOST_VALUES:
        raise _without_counterpart(
            name,
            f"{last - first + 1} values on a grid, and a list has {_MOST_VALUES} at most",
            "use tune.uniform or tune.randint, and round where you train",
        )
    values = [each * step for each in range(first, last + 1)]
    return [float(f"{each:.12g}") if isinstance(each, float) else each for each in values]


def _value(value: Any, name: str) -> Any:
    found = plain(value)
    if isinstance(found, (bool, int, str)) or (isinstance(found, float) and math.isfinite(found)):
        return found
    raise _without_counterpart(
        name,
        f"the value {' '.join(repr(value).split()):.60}",
        "a hyperparameter is a number, a text, true or false: give constants of other kinds with "
        "trainable(…, config={…}), and instead of a list of them their names",
    )


def _kinds_of_sampler(sampler: Any) -> set[str]:
    return {kind.__name__ for kind in type(sampler).__mro__}


def _without_counterpart(name: str, what: str, instead: str) -> InvalidError:
    return InvalidError(
        f"The hyperparameter {name!r} is {what}, which has no counterpart here: {instead}."
    )
