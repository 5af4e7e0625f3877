"""A choice between dictionaries, as hyperparameters that count with one of its values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from murmuration.errors import InvalidError
from murmuration.spaces._dimensions import Dimension, without_counterpart


def key_of(branches: list[Mapping[str, Any]], name: str) -> str:
    """The key of which each dictionary has a value of its own, which tells them apart."""
    for key in branches[0]:
        values = [branch.get(key) for branch in branches]
        are_texts = all(isinstance(value, str) for value in values)
        if are_texts and len(set(values)) == len(values):
            return key
    raise without_counterpart(
        name,
        "a choice between dictionaries that no key tells apart",
        'give each a text of its own under one key, such as {"name": "adam", …}',
    )


def merged(
    found: dict[str, Dimension], parent: str, branches: Iterable[dict[str, Dimension]]
) -> None:
    """Adds what the dictionaries have. It counts with the values of `parent` that these have."""
    by_value = {branch[parent]["value"]: branch for branch in branches}
    found[parent] = {"type": "choice", "values": list(by_value)}
    names = dict.fromkeys(name for branch in by_value.values() for name in branch)
    del names[parent]
    for name in names:
        having = {value: branch[name] for value, branch in by_value.items() if name in branch}
        first, *others = having.values()
        if any(other != first for other in others):
            raise InvalidError(
                f"The hyperparameter {name!r} is another one in each dictionary of a choice: give "
                "it other names."
            )
        found[name] = first
        if len(having) < len(by_value):
            found[name] = first | {"when": {parent: list(having), **first.get("when", {})}}
