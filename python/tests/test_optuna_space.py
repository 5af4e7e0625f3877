"""Optuna's distributions as space files; the classes here have the shape of Optuna's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from murmuration import InvalidError
from murmuration.spaces import space_from_optuna


class FloatDistribution:
    def __init__(self, low: float, high: float, log: bool = False, step: Any = None) -> None:
        self.step = step
        self.low = low
        self.high = high
        self.log = log


class LogUniformDistribution(FloatDistribution):
    def __init__(self, low: float, high: float) -> None:
        super().__init__(low, high, log=True)


class IntDistribution(FloatDistribution):
    def __init__(self, low: int, high: int, log: bool = False, step: int = 1) -> None:
        super().__init__(low, high, log, step)


class CategoricalDistribution:
    def __init__(self, choices: tuple[Any, ...]) -> None:
        self.choices = choices


class OddDistribution: ...


def written(name: str, **attributes: Any) -> str:
    """As `distribution_to_json` writes it."""
    return json.dumps({"name": name, "attributes": attributes})


def dimension(distribution: Any) -> Any:
    return json.loads(space_from_optuna({"x": distribution}))["hyperparameters"]["x"]


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (FloatDistribution(0.0, 1.0), {"type": "float", "min": 0.0, "max": 1.0, "scale": "linear"}),
        (
            FloatDistribution(1e-5, 0.1, log=True),
            {"type": "float", "min": 1e-5, "max": 0.1, "scale": "log"},
        ),
        (
            FloatDistribution(0.0, 0.5, step=0.1),
            {"type": "float", "min": 0.0, "max": 0.5, "scale": "linear", "step": 0.1},
        ),
        (
            LogUniformDistribution(1.0, 8.0),
            {"type": "float", "min": 1.0, "max": 8.0, "scale": "log"},
        ),
        (IntDistribution(1, 9), {"type": "int", "min": 1, "max": 9, "scale": "linear"}),
        (IntDistribution(1, 9, log=True), {"type": "int", "min": 1, "max": 9, "scale": "log"}),
        # The last step within the range is the last one, as in Optuna.
        (
            IntDistribution(1, 10, step=4),
            {"type": "int", "min": 1, "max": 9, "scale": "linear", "step": 4},
        ),
        (IntDistribution(3, 3), {"type": "fixed", "value": 3}),
        (CategoricalDistribution(("relu", 2)), {"type": "choice", "values": ["relu", 2]}),
        (CategoricalDistribution((None, 1)), {"type": "choice", "values": [None, 1]}),
        (
            written("FloatDistribution", low=0.0, high=1.0, log=False, step=None),
            {"type": "float", "min": 0.0, "max": 1.0, "scale": "linear"},
        ),
        (
            written("DiscreteUniformDistribution", low=0.0, high=1.0, q=0.25),
            {"type": "float", "min": 0.0, "max": 1.0, "scale": "linear", "step": 0.25},
        ),
        (
            written("IntLogUniformDistribution", low=1, high=64, step=1),
            {"type": "int", "min": 1, "max": 64, "scale": "log"},
        ),
        (
            {"name": "CategoricalDistribution", "attributes": {"choices": ["a", True]}},
            {"type": "choice", "values": ["a", True]},
        ),
    ],
)
def test_a_distribution_becomes_a_dimension(distribution: Any, expected: Any) -> None:
    assert dimension(distribution) == expected


@pytest.mark.parametrize(
    ("distribution", "sentence"),
    [
        (OddDistribution(), "is a OddDistribution, which has no counterpart here"),
        (CategoricalDistribution(({}, 1)), "is the value {}, which has no counterpart"),
        (CategoricalDistribution(()), "has no values: give some"),
        (FloatDistribution(1.0, 0.0), "range from 1.0 to 0.0: swap"),
        (FloatDistribution(0.0, float("inf")), "is inf: give a finite one"),
        (FloatDistribution(0.0, 1.0, step=0.0), "has the step 0.0: give one above 0"),
        (written("IntDistribution", low=1), "has no 'high': give it as Optuna wrote it"),
        (written("IntDistribution", low="a", high=2), "is 'a': give a number"),
        ("not JSON", "which is no JSON: give what"),
        ({"low": 1}, "give one of Optuna's, or what"),
        (3, "give one of Optuna's, or what"),
    ],
)
def test_what_is_no_distribution_is_refused_with_a_sentence(
    distribution: Any, sentence: str
) -> None:
    with pytest.raises(InvalidError, match=sentence) as raised:
        space_from_optuna({"x": distribution})
    assert "'x'" in str(raised.value)


class Trial:
    """A trial of Optuna, as far as it is read."""

    def __init__(self, **params: Any) -> None:
        self.params = params
        self.distributions = {name: STUDY[name] for name in params}


STUDY = {
    "optimizer": CategoricalDistribution(("sgd", "adam", "none")),
    "rate": FloatDistribution(0.0, 1.0),
    "momentum": FloatDistribution(0.0, 1.0),
    "nesterov": CategoricalDistribution((True, False)),
    "eps": FloatDistribution(0.0, 1.0),
}


def test_what_only_some_trials_have_gets_a_condition() -> None:
    trials = [
        Trial(optimizer="sgd", rate=0.1, momentum=0.9, nesterov=True, eps=0.5),
        Trial(optimizer="sgd", rate=0.3, momentum=0.8, nesterov=False),
        Trial(),
        Trial(optimizer="adam", rate=0.2),
        Trial(optimizer="none"),
    ]
    found = json.loads(space_from_optuna(trials))["hyperparameters"]
    assert {name: each.get("when") for name, each in found.items()} == {
        "optimizer": None,
        "rate": {"optimizer": ["sgd", "adam"]},
        "momentum": {"optimizer": ["sgd"]},
        "nesterov": {"optimizer": ["sgd"]},
        "eps": {"nesterov": [True]},
    }
    with pytest.raises(InvalidError, match="'eps' is in some trials only, and no value of another"):
        space_from_optuna([Trial(rate=0.1, eps=0.2), Trial(rate=0.1)])
    other = Trial(rate=0.1)
    other.distributions["rate"] = FloatDistribution(0.0, 2.0)
    with pytest.raises(InvalidError, match="'rate' has another distribution in some trials"):
        space_from_optuna([Trial(rate=0.1), other])


@pytest.mark.parametrize(
    ("distributions", "sentence"),
    [({}, "The search space is empty"), (["x"], "give a dictionary of them by name")],
)
def test_a_space_has_names(distributions: Any, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence):
        space_from_optuna(distributions)
