"""Optuna's search spaces: a study's distributions, as objects or as their JSON.

They are told by the names of their classes, so that nothing of Optuna is imported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from murmuration._scalars import plain
from murmuration.errors import InvalidError
from murmuration.spaces._dimensions import (
    Dimension,
    listed,
    ranged,
    text_of_dimensions,
    value_of,
    without_counterpart,
)
from murmuration.spaces._trials import conditions_of, distributions_of

_NUMBERS = {
    "FloatDistribution": False,
    "UniformDistribution": False,
    "LogUniformDistribution": False,
    "DiscreteUniformDistribution": False,
    "IntDistribution": True,
    "IntUniformDistribution": True,
    "IntLogUniformDistribution": True,
}
"""Those of numbers, and whether the numbers are whole."""

_LOGARITHMIC = {"LogUniformDistribution", "IntLogUniformDistribution"}


def space_from_optuna(distributions: Mapping[str, Any] | Iterable[Any]) -> str:
    """The text of a space file from Optuna's distributions by name, such as a trial's, or from a
    list of trials.

    ```python
    space_from_optuna(study.best_trial.distributions)
    space_from_optuna(study.trials)
    ```

    What only some of the trials have becomes a hyperparameter with a condition: it counts with the
    values of another one with which the trials have it. What no trial tried is not known.

    A distribution is one of Optuna's objects, what its `distribution_to_json` writes, or that as a
    dictionary. Floats, integers and categories are taken, with their steps and logarithmic scales,
    also as Optuna called them before version 3.
    """
    trials = [] if isinstance(distributions, Mapping) else _trials(distributions)
    named = distributions if isinstance(distributions, Mapping) else distributions_of(trials)
    found = {name: _dimension(name, each) for name, each in named.items()}
    # Numbers with a fraction are hardly ever the same twice, and would tell any trial.
    parents = [name for name, each in found.items() if each["type"] != "float"]
    for name, when in conditions_of(trials, parents).items():
        found[name]["when"] = {
            parent: [value_of(value, parent) for value in values] for parent, values in when.items()
        }
    return text_of_dimensions(found)


def _trials(given: Any) -> list[Any]:
    trials = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else []
    # One that was pruned before it asked for anything says nothing.
    trials = [each for each in trials if getattr(each, "params", True)]
    if trials and all(hasattr(each, "distributions") for each in trials):
        return trials
    raise InvalidError(
        f"The distributions are {given!r:.60}: give a dictionary of them by name, such as "
        "study.best_trial.distributions, or a list of trials."
    )


def _dimension(name: str, distribution: Any) -> Dimension:
    kind, attributes = _parts(name, distribution)
    if kind == "CategoricalDistribution":
        return listed("choice", _attribute(name, attributes, "choices"), name)
    whole = _NUMBERS.get(kind)
    if whole is None:
        raise without_counterpart(
            name,
            f"a {kind:.60}",
            "give a FloatDistribution, an IntDistribution or a CategoricalDistribution",
        )
    return ranged(
        name,
        plain(_attribute(name, attributes, "low")),
        plain(_attribute(name, attributes, "high")),
        whole=whole,
        log=kind in _LOGARITHMIC or bool(attributes.get("log")),
        step=plain(attributes.get("q", attributes.get("step"))),
    )


def _parts(name: str, distribution: Any) -> tuple[str, Mapping[str, Any]]:
    """The name of a distribution's class, and what it has."""
    found = distribution
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            raise InvalidError(
                f"The distribution of {name!r} is the text {distribution:.60}, which is no JSON: "
                "give what optuna.distributions.distribution_to_json writes."
            ) from None
    if isinstance(found, Mapping):
        kind, attributes = found.get("name"), found.get("attributes")
        if isinstance(kind, str) and isinstance(attributes, Mapping):
            return kind, attributes
    elif hasattr(found, "__dict__"):
        return type(found).__name__, vars(found)
    raise InvalidError(
        f"The distribution of {name!r} is {distribution!r:.60}: give one of Optuna's, or what "
        "optuna.distributions.distribution_to_json writes."
    )


def _attribute(name: str, attributes: Mapping[str, Any], key: str) -> Any:
    if key not in attributes:
        raise InvalidError(
            f"The distribution of {name!r} has no {key!r}: give it as Optuna wrote it."
        )
    return attributes[key]
