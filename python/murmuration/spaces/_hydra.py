"""Hydra's sweeps: `choice(a, b)`, `range(1, 9, 2)`, `tag(log, interval(1e-4, 0.1))`.

What a sweep means is as Hydra's sweepers for Optuna, Ax and Nevergrad have it: an interval between
two whole numbers is one of integers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from murmuration._scalars import plain
from murmuration.errors import InvalidError
from murmuration.spaces._dimensions import (
    Dimension,
    decimal,
    fixed,
    listed,
    ranged,
    text_of_dimensions,
    without_counterpart,
)
from murmuration.spaces._overrides import Call, elements


def space_from_hydra(sweeps: Mapping[str, Any] | Iterable[str]) -> str:
    """The text of a space file from Hydra's sweeps by name, or from overrides as on a command line.

    ```python
    space_from_hydra({"lr": "tag(log, interval(1e-4, 0.1))", "optimizer": "choice(sgd, adam)"})
    space_from_hydra(["lr=tag(log, interval(1e-4, 0.1))", "optimizer=sgd,adam"])
    ```

    `choice`, `range` (which goes by steps, and leaves out its end), `interval`, the tag `log`,
    `int`, `float`, `str` and `bool` around them, `sort` and `shuffle` are taken. A single value is
    fixed.
    """
    found: dict[str, Dimension] = {}
    for name, value in _pairs(sweeps):
        if name in found:
            raise InvalidError(f"The hyperparameter {name!r} is there twice: leave one out.")
        found[name] = _dimension(name, value)
    return text_of_dimensions(found)


def _pairs(sweeps: Mapping[str, Any] | Iterable[str]) -> Iterable[tuple[str, Any]]:
    if isinstance(sweeps, Mapping):
        for name, value in sweeps.items():
            yield _name(str(name)), value
        return
    for override in [sweeps] if isinstance(sweeps, str) else sweeps:
        name, equals, value = override.partition("=")
        if not equals:
            raise InvalidError(
                f"The override {override!r:.60} has no value: write it as lr=interval(0,1)."
            )
        yield _name(name), value


def _name(written: str) -> str:
    # What is added to a configuration is swept as what is in it.
    name = written.strip().removeprefix("+").removeprefix("+")
    if not name or name.startswith("~"):
        raise InvalidError(
            f"The override of {written!r:.60} takes something out of a configuration: leave it out."
        )
    return name


@dataclass(frozen=True)
class _Sweep:
    kind: Literal["choice", "range", "interval"]
    values: tuple[Any, ...]
    """The choices; the start, stop and step of a range; or the ends of an interval."""
    log: bool = False


def _dimension(name: str, value: Any) -> Dimension:
    if not isinstance(value, str):
        return fixed(name, plain(value))
    found = [_evaluated(name, each) for each in elements(name, value)]
    if len(found) > 1:
        # Values with commas between them are a choice.
        return _swept(name, _choice(name, found))
    return _swept(name, found[0]) if isinstance(found[0], _Sweep) else fixed(name, found[0])


def _swept(name: str, sweep: _Sweep) -> Dimension:
    if sweep.kind == "choice":
        if sweep.log:
            raise without_counterpart(name, "a choice with the tag log", "leave the tag out")
        return listed("choice", sweep.values, name)
    whole = all(isinstance(each, int) for each in sweep.values)
    if sweep.kind == "interval":
        lower, upper = sweep.values
        return ranged(name, lower, upper, whole=whole, log=sweep.log)
    start, stop, step = sweep.values
    # The stop is left out, whichever way the range goes.
    last = math.ceil((stop - start) / step - 1e-9) - 1
    if last < 0:
        raise InvalidError(
            f"The range of the hyperparameter {name!r} from {start} to {stop} is empty: let it end "
            "beyond where it starts."
        )
    lower, upper = sorted([start, decimal(start + last * step)])
    return ranged(name, lower, upper, whole=whole, log=sweep.log, step=abs(step))


def _evaluated(name: str, element: Any) -> Any:
    """A sweep, or a value."""
    if not isinstance(element, Call):
        return element
    function = _FUNCTIONS.get(element.function)
    if function is None:
        known = ", ".join(_FUNCTIONS)
        raise without_counterpart(name, f"{element.function}(…)", f"write one of {known}")
    values = [_evaluated(name, each) for each in element.values]
    named = {key: _evaluated(name, each) for key, each in element.named.items()}
    return function(name, values, named)


def _choice(name: str, values: list[Any]) -> _Sweep:
    found: list[Any] = []
    for value in values:
        if isinstance(value, _Sweep) and value.kind != "choice":
            raise without_counterpart(
                name, f"a {value.kind} within a choice", "sweep one of the two"
            )
        found += value.values if isinstance(value, _Sweep) else [value]
    return _Sweep("choice", tuple(found))


def _arguments(
    name: str, function: str, keys: tuple[str, ...], values: list[Any], named: dict[str, Any]
) -> dict[str, Any]:
    found = dict(zip(keys, values, strict=False)) | named
    if len(values) > len(keys) or set(found) - set(keys) or set(keys[: len(values)]) & set(named):
        raise InvalidError(
            f"The hyperparameter {name!r} has {function} with other arguments than it takes: write "
            f"{function}({', '.join(keys)})."
        )
    return found


def _numbers(name: str, function: str, found: dict[str, Any], keys: tuple[str, ...]) -> list[Any]:
    numbers = [found.get(key) for key in keys]
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise InvalidError(
                f"The hyperparameter {name!r} has {function} of {number!r:.60}: give it numbers."
            )
        if not math.isfinite(number):
            raise InvalidError(
                f"The hyperparameter {name!r} has {function} of {number}: give it finite numbers."
            )
    return numbers


def _make_choice(name: str, values: list[Any], named: dict[str, Any]) -> _Sweep:
    if named:
        raise InvalidError(
            f"The hyperparameter {name!r} has a choice with names of arguments: leave them out."
        )
    return _choice(name, values)


def _make_range(name: str, values: list[Any], named: dict[str, Any]) -> _Sweep:
    if len(values) == 1 and not named.keys() & {"start", "stop"}:
        values = [0, *values]
    found = _arguments(name, "range", ("start", "stop", "step"), values, named)
    start, stop, step = _numbers(
        name, "range", {"start": 0, "step": 1} | found, ("start", "stop", "step")
    )
    if step == 0:
        raise InvalidError(f"The hyperparameter {name!r} has a range by 0: give it another step.")
    return _Sweep("range", (start, stop, step))


def _make_interval(name: str, values: list[Any], named: dict[str, Any]) -> _Sweep:
    found = _arguments(name, "interval", ("start", "end"), values, named)
    return _Sweep("interval", tuple(_numbers(name, "interval", found, ("start", "end"))))


def _make_tag(name: str, values: list[Any], named: dict[str, Any]) -> _Sweep:
    *tags, sweep = [*values, *([named["sweep"]] if "sweep" in named else [])] or [None]
    if not isinstance(sweep, _Sweep):
        raise InvalidError(f"The hyperparameter {name!r} has a tag on no sweep: add one.")
    for tag in tags:
        if tag != "log":
            raise without_counterpart(
                name, f"a sweep with the tag {tag!r:.60}", "leave the tag out"
            )
    return replace(sweep, log=sweep.log or bool(tags))


def _ordered(name: str, values: list[Any], named: dict[str, Any]) -> _Sweep:
    # A population draws, so that no order of a sweep means anything.
    given = [*values, *([named["sweep"]] if "sweep" in named else [])]
    if len(given) == 1 and isinstance(given[0], _Sweep):
        return given[0]
    return _choice(name, given)


def _cast(kind: Callable[[Any], Any]) -> Callable[[str, list[Any], dict[str, Any]], Any]:
    def cast(name: str, values: list[Any], named: dict[str, Any]) -> Any:
        value = _arguments(name, kind.__name__, ("value",), values, named).get("value")
        if not isinstance(value, _Sweep):
            return _converted(name, kind, value)
        if value.kind == "interval" and kind is int:
            start, end = value.values
            return replace(value, values=(math.ceil(start), math.floor(end)))
        if value.kind != "choice" and kind not in (int, float):
            raise without_counterpart(name, f"{kind.__name__}({value.kind}(…))", "sweep a choice")
        return replace(value, values=tuple(_converted(name, kind, each) for each in value.values))

    return cast


def _converted(name: str, kind: Callable[[Any], Any], value: Any) -> Any:
    try:
        if kind is bool and isinstance(value, str):
            return {"true": True, "false": False}[value.lower()]
        if kind is str and isinstance(value, bool):
            return str(value).lower()
        return kind(value)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InvalidError(
            f"The hyperparameter {name!r} has {kind.__name__} of {value!r:.60}, which it cannot "
            "be: give another value."
        ) from None


_FUNCTIONS: dict[str, Callable[[str, list[Any], dict[str, Any]], Any]] = {
    "choice": _make_choice,
    "range": _make_range,
    "interval": _make_interval,
    "tag": _make_tag,
    "sort": _ordered,
    "shuffle": _ordered,
    "int": _cast(int),
    "float": _cast(float),
    "str": _cast(str),
    "bool": _cast(bool),
}
