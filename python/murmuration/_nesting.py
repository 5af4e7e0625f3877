"""Hyperparameters whose names are paths, such as `optimizer.lr`, as dictionaries in one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from murmuration.errors import InvalidError

SEPARATOR = "."
"""Between the names of a dictionary and of what is in it, as in `optimizer.lr`."""


def nested(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """The hyperparameters as dictionaries in one another: `optimizer.lr` is `lr` in `optimizer`.

    ```python
    config = nested(worker.hyperparameters)
    optimizer = torch.optim.SGD(model.parameters(), **config["optimizer"])
    ```

    Where one is called like the dictionary of others, as `optimizer` beside `optimizer.lr`, this
    raises `InvalidError`.
    """
    found: dict[str, Any] = {}
    dictionaries: set[str] = set()
    for name, value in hyperparameters.items():
        inside, path = found, ""
        *before, last = name.split(SEPARATOR)
        for each in before:
            path += each + SEPARATOR
            if path in dictionaries:
                inside = inside[each]
                continue
            if each in inside:
                raise _both(path.removesuffix(SEPARATOR), name)
            inner: dict[str, Any] = {}
            inside[each] = inner
            inside = inner
            dictionaries.add(path)
        if last in inside:
            raise _both(name, name + SEPARATOR + next(iter(inside[last])))
        inside[last] = value
    return found


def _both(name: str, longer: str) -> InvalidError:
    return InvalidError(
        f"{name!r:.80} is a hyperparameter, and {longer!r:.80} would be in a dictionary that is "
        "called so: rename one of them in the search space."
    )
