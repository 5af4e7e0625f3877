"""What stands below a hyperparameter's name in a space file, and what cannot."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from murmuration._scalars import plain
from murmuration.errors import InvalidError

Dimension = dict[str, Any]
"""A hyperparameter, by the keys of a space file."""

# A bound that is a multiple itself may miss it by what floating point rounds.
_SLACK = 1e-9


def text_of_dimensions(dimensions: Mapping[str, Dimension]) -> str:
    """The text of a space file."""
    if not dimensions:
        raise InvalidError("The search space is empty: name a hyperparameter in it.")
    # JSON is YAML too, and leaves no doubt about what is a text.
    found = {"hyperparameters": dimensions}
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def ranged(
    name: str, lower: Any, upper: Any, *, whole: bool, log: bool, step: Any = None
) -> Dimension:
    """Numbers from one bound to the other, both included, and by steps from the lower one on."""
    for bound in (lower, upper):
        if isinstance(bound, bool) or not isinstance(bound, (int, float)):
            raise InvalidError(
                f"A bound of the hyperparameter {name!r} is {bound!r:.60}: give a number."
            )
        if not math.isfinite(bound):
            raise InvalidError(
                f"A bound of the hyperparameter {name!r} is {bound}: give a finite one."
            )
    if step is not None and not step > 0:
        raise InvalidError(f"The hyperparameter {name!r} has the step {step}: give one above 0.")
    if step is not None and not (whole and step == 1):
        upper = decimal(lower + math.floor((upper - lower) / step + _SLACK) * step)
    if lower > upper:
        raise InvalidError(
            f"The hyperparameter {name!r} has a range from {lower} to {upper}: swap its bounds."
        )
    if lower == upper:
        return fixed(name, lower)
    found: Dimension = {"type": "int" if whole else "float", "min": lower, "max": upper}
    found["scale"] = "log" if log else "linear"
    if step is not None and not (whole and step == 1):
        found["step"] = step
    return found


def multiples(name: str, lower: Any, upper: Any, *, whole: bool, log: bool, step: Any) -> Dimension:
    """The multiples of a step from one bound to the other."""
    first = math.ceil(lower / step - _SLACK)
    last = math.floor(upper / step + _SLACK)
    if first > last:
        raise InvalidError(
            f"The hyperparameter {name!r} has no multiple of {step} from {lower} to {upper}: give "
            "it a smaller step."
        )
    return ranged(
        name, decimal(first * step), decimal(last * step), whole=whole, log=log, step=step
    )


def decimal(number: Any) -> Any:
    """What floating point made of a short decimal, as somebody would write it."""
    return float(f"{number:.12g}") if isinstance(number, float) else number


def listed(kind: str, values: Iterable[Any], name: str) -> Dimension:
    """A choice or an ordinal."""
    found = [value_of(each, name) for each in values]
    if not found:
        raise InvalidError(f"The hyperparameter {name!r} has no values: give some.")
    if len(found) == 1:
        return {"type": "fixed", "value": found[0]}
    return {"type": kind, "values": found}


def fixed(name: str, value: Any) -> Dimension:
    return {"type": "fixed", "value": value_of(value, name)}


def value_of(value: Any, name: str) -> Any:
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return [value_of(each, name) for each in value]
    found = plain(value)
    if isinstance(found, (bool, int, str)) or (isinstance(found, float) and math.isfinite(found)):
        return found
    raise without_counterpart(
        name,
        f"the value {' '.join(repr(value).split()):.60}",
        "a hyperparameter is a number, a text, true, false, null or a list of such: give "
        "constants of other kinds with trainable(…, config={…}), or where you train, and instead "
        "of a list of them their names",
    )


def without_counterpart(name: str, what: str, instead: str) -> InvalidError:
    return InvalidError(
        f"The hyperparameter {name!r} is {what}, which has no counterpart here: {instead}."
    )
