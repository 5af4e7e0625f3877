"""Hyperparameters as dictionaries in one another."""

from __future__ import annotations

import pytest

from murmuration import InvalidError, nested


def test_names_become_paths() -> None:
    found = nested({"optimizer.lr": 0.1, "width": 2, "optimizer.adam.eps": 1e-8, "a.b.c": "x"})
    assert found == {
        "optimizer": {"lr": 0.1, "adam": {"eps": 1e-8}},
        "width": 2,
        "a": {"b": {"c": "x"}},
    }
    assert nested({}) == {}


@pytest.mark.parametrize("names", [("a", "a.b"), ("a.b", "a"), ("x.a.b", "x.a"), ("x.a", "x.a.b")])
def test_a_name_of_both_is_refused(names: tuple[str, str]) -> None:
    with pytest.raises(InvalidError, match=r"is a hyperparameter, and .* rename one of them"):
        nested(dict.fromkeys(names, 1))
