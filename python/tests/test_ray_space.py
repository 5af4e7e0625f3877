"""Ray Tune's search spaces as space files; the classes here have the shape of Tune's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from murmuration import InvalidError, nested
from murmuration.spaces import space_from_tune


class Uniform: ...


class LogUniform: ...


class Normal:
    def __init__(self, mean: float = 0.0, sd: float = 1.0) -> None:
        self.mean = mean
        self.sd = sd


class Grid: ...


class Quantized:
    def __init__(self, sampler: object, q: float) -> None:
        self.sampler = sampler
        self.q = q

    def get_sampler(self) -> object:
        return self.sampler


class Domain:
    def __init__(self, sampler: object) -> None:
        self.sampler = sampler

    def get_sampler(self) -> object:
        return self.sampler


class Float(Domain):
    def __init__(self, lower: float, upper: float, sampler: object) -> None:
        super().__init__(sampler)
        self.lower = lower
        self.upper = upper


class Integer(Float): ...


class Categorical(Domain):
    def __init__(self, categories: list[Any], sampler: object | None = None) -> None:
        super().__init__(sampler or Uniform())
        self.categories = categories


class Function(Domain):
    def __init__(self) -> None:
        super().__init__(Uniform())


class Scalar:
    """As numpy has them."""

    def item(self) -> float:
        return 0.5


INFINITY = float("inf")


def dimension(value: Any) -> Any:
    return json.loads(space_from_tune({"x": value}))["hyperparameters"]["x"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            Float(0.0, 1.0, Uniform()),
            {"type": "float", "min": 0.0, "max": 1.0, "scale": "linear"},
        ),
        (
            Float(1e-5, 0.1, LogUniform()),
            {"type": "float", "min": 1e-5, "max": 0.1, "scale": "log"},
        ),
        # The upper bound is not drawn.
        (Integer(8, 65, Uniform()), {"type": "int", "min": 8, "max": 64, "scale": "linear"}),
        (Integer(1, 101, LogUniform()), {"type": "int", "min": 1, "max": 100, "scale": "log"}),
        (
            Integer(0, 10, Quantized(Uniform(), 1)),
            {"type": "int", "min": 0, "max": 9, "scale": "linear"},
        ),
        # Of those that go by steps it is.
        (
            Integer(5, 20, Quantized(Uniform(), 5)),
            {"type": "int", "min": 5, "max": 20, "scale": "linear", "step": 5},
        ),
        (
            Integer(6, 21, Quantized(LogUniform(), 5)),
            {"type": "int", "min": 10, "max": 20, "scale": "log", "step": 5},
        ),
        (
            Float(0.1, 0.3, Quantized(Uniform(), 0.1)),
            {"type": "float", "min": 0.1, "max": 0.3, "scale": "linear", "step": 0.1},
        ),
        (
            Float(2.0, 8.0, Quantized(LogUniform(), 2.0)),
            {"type": "float", "min": 2.0, "max": 8.0, "scale": "log", "step": 2.0},
        ),
        (
            Float(-INFINITY, INFINITY, Normal(1.0, 0.5)),
            {"type": "float", "draw": "normal", "mean": 1.0, "sd": 0.5},
        ),
        (
            Float(0.0, INFINITY, Quantized(Normal(0.0, 2.0), 0.1)),
            {"type": "float", "min": 0.0, "step": 0.1, "draw": "normal", "mean": 0.0, "sd": 2.0},
        ),
        (Integer(3, 4, Uniform()), {"type": "fixed", "value": 3}),
        (Categorical(["relu", "no"]), {"type": "choice", "values": ["relu", "no"]}),
        (Categorical([True, False]), {"type": "choice", "values": [True, False]}),
        (Categorical(["adam"]), {"type": "fixed", "value": "adam"}),
        ([16, 32, 64], {"type": "ordinal", "values": [16, 32, 64]}),
        ((16,), {"type": "fixed", "value": 16}),
        (0.9, {"type": "fixed", "value": 0.9}),
        ("sgd", {"type": "fixed", "value": "sgd"}),
        (Scalar(), {"type": "fixed", "value": 0.5}),
        (None, {"type": "fixed", "value": None}),
        ([[64, 64], (32, 32)], {"type": "ordinal", "values": [[64, 64], [32, 32]]}),
        (Categorical([None, (3, 3)]), {"type": "choice", "values": [None, [3, 3]]}),
    ],
)
def test_what_tune_draws_from_becomes_a_dimension(value: Any, expected: Any) -> None:
    assert dimension(value) == expected


def test_dictionaries_become_names_and_names_dictionaries() -> None:
    space = {"optimizer": {"lr": Float(0.0, 1.0, Uniform()), "name": "adam"}, "width": [1, 2]}
    found = json.loads(space_from_tune(space))["hyperparameters"]
    assert list(found) == ["optimizer.lr", "optimizer.name", "width"]
    assert nested({"optimizer.lr": 0.1, "optimizer.name": "adam", "width": 2}) == {
        "optimizer": {"lr": 0.1, "name": "adam"},
        "width": 2,
    }


def test_a_choice_between_dictionaries_has_conditions() -> None:
    rate, beta = Float(0.0, 1.0, Uniform()), Float(0.5, 0.9, Uniform())
    choice = Categorical(
        [
            {"name": "adam", "lr": rate, "beta": beta},
            {"name": "adamw", "lr": rate, "beta": beta, "decay": {"max": 1}},
            {"name": "sgd", "lr": rate},
        ]
    )
    found = json.loads(space_from_tune({"optimizer": choice}))["hyperparameters"]
    linear = {"type": "float", "scale": "linear"}
    assert found == {
        "optimizer.name": {"type": "choice", "values": ["adam", "adamw", "sgd"]},
        "optimizer.lr": linear | {"min": 0.0, "max": 1.0},
        "optimizer.beta": linear
        | {"min": 0.5, "max": 0.9, "when": {"optimizer.name": ["adam", "adamw"]}},
        "optimizer.decay.max": {
            "type": "fixed",
            "value": 1,
            "when": {"optimizer.name": ["adamw"]},
        },
    }
    with pytest.raises(InvalidError, match="that no key tells apart, which has no counterpart"):
        space_from_tune({"x": Categorical([{"lr": rate}, {"beta": beta}])})
    with pytest.raises(InvalidError, match=r"'x\.lr' is another one in each dictionary"):
        space_from_tune({"x": Categorical([{"n": "a", "lr": rate}, {"n": "b", "lr": beta}])})


def test_the_text_is_told_from_a_path() -> None:
    assert "\n" in space_from_tune({"x": 1})


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (lambda: 0.5, "is a function, which has no counterpart here: nobody can tell the bounds"),
        (Function(), r"is tune\.sample_from, which has no counterpart here"),
        (Integer(1, 4, Quantized(Uniform(), 5)), "no multiple of 5 from 1 to 4"),
        (Float(-INFINITY, 1.0, Uniform()), "bound of the hyperparameter 'x' is -inf"),
        ({"grid_search": [1, 2]}, "is a grid_search, .*: use tune.choice"),
        (Categorical([1, 2], Grid()), "is a grid, "),
        (b"a", "is the value b'a', .*: give constants of other kinds with trainable"),
        ([[64, {}], [32, 32]], r"is the value {}"),
        (float("nan"), "is the value nan"),
        ([], "has no values: give some"),
        ({"a.b": 1}, "is called 'a.b': give it a name without"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_a_sentence(value: Any, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence) as raised:
        space_from_tune({"x": value})
    assert "'x'" in str(raised.value) or "'a.b'" in str(raised.value)


def test_an_empty_space_is_refused() -> None:
    with pytest.raises(InvalidError, match="The search space is empty"):
        space_from_tune({})
