"""Populations some of whose hyperparameters count only where others have some values."""

from __future__ import annotations

import json

import pytest
from populations import train
from program import Murmur

from murmuration import Administrator

SPACE = """\
hyperparameters:
  kind: {type: choice, values: [plain, deep]}
  depth: {type: int, min: 1, max: 9, when: {kind: deep}}
  rate: {type: float, min: 0.01, max: 1, scale: log}
"""
LOOKS = (
    ("lineage", "p"),
    ("lineage", "p", "--json"),
    ("lineage", "p", "--all", "--json"),
    ("lineage", "p", "--dot"),
    ("best", "p", "--smoothed", "3"),
    ("best", "p", "--json"),
    ("schedule", "p", "--best"),
    ("history", "p", "--json"),
    ("explain", "p", "0"),
)


@pytest.mark.parametrize("selection", ["truncation", "archive"])
def test_whatever_is_asked_of_them_is_answered(murmur: Murmur, selection: str) -> None:
    space = murmur.home / "space.yaml"
    space.write_text(SPACE)
    size = ("--population-size", "8", "--max-steps", "12", "--selection", selection)
    murmur.murmur("create", "p", "--space", str(space), *size)
    train(murmur.url)
    live = [murmur.murmur(*look) for look in LOOKS]
    with Administrator(murmur.url) as administrator:
        assert any(event.kind for event in administrator.history("p"))
    murmur.stop()
    assert [murmur.murmur(*look) for look in LOOKS] == live
    tree = [json.loads(line) for line in live[2].splitlines()]
    assert tree
    murmur.check()


def test_conditions_on_one_another_cost_no_time_where_points_are_checked(murmur: Murmur) -> None:
    lines = ["hyperparameters:", "  a0: {type: bool}", "  a1: {type: bool}"]
    for number in range(2, 70):
        parents = f"a{number - 1}: true, a{number - 2}: true"
        lines.append(f"  a{number}: {{type: bool, when: {{{parents}}}}}")
    lines += [
        "  x: {type: float, min: 0, max: 1, when: {a69: true}}",
        "  y: {type: float, min: 0, max: 1}",
        "constraints: ['x < y']",
        "points_to_evaluate: [{a0: true}]",
    ]
    space = murmur.home / "space.yaml"
    space.write_text("\n".join(lines) + "\n")
    assert "hyperparameters are" in murmur.murmur("create", "p", "--space", str(space))
