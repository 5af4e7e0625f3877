"""Hydra's sweeps as space files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from murmuration import InvalidError
from murmuration.spaces import space_from_hydra
from murmuration.spaces.__main__ import main


def dimension(sweep: Any) -> Any:
    return json.loads(space_from_hydra({"x": sweep}))["hyperparameters"]["x"]


def numbers(kind: str, lower: float, upper: float, scale: str = "linear", **step: float) -> Any:
    return {"type": kind, "min": lower, "max": upper, "scale": scale, **step}


def choice(*values: Any) -> Any:
    return {"type": "choice", "values": list(values)}


def fixed(value: Any) -> Any:
    return {"type": "fixed", "value": value}


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        ("choice(a,b)", choice("a", "b")),
        ("choice( sgd , adam w )", choice("sgd", "adam w")),
        ("a,b,c", choice("a", "b", "c")),
        ("choice(1, 2.5, true, 'no', \"1\", -3)", choice(1, 2.5, True, "no", "1", -3)),
        ("choice(a, choice(b, c))", choice("a", "b", "c")),
        (r"choice('it\'s', b)", choice("it's", "b")),
        ("choice(a)", fixed("a")),
        ("choice([1, 2],[], [[a]], null)", choice([1, 2], [], [["a"]], None)),
        ("[0.9, 0.999]", fixed([0.9, 0.999])),
        ("null", fixed(None)),
        ("range(0,5)", numbers("int", 0, 4)),
        ("range(5)", numbers("int", 0, 4)),
        ("range(0,5,2)", numbers("int", 0, 4, step=2)),
        ("range(start=1,stop=10,step=3)", numbers("int", 1, 7, step=3)),
        ("range(10, 0, -2)", numbers("int", 2, 10, step=2)),
        ("range(0,10,3.3)", numbers("float", 0, 9.9, step=3.3)),
        ("range(0.1, 0.4, 0.1)", numbers("float", 0.1, 0.3, step=0.1)),
        ("float(range(1,4))", numbers("float", 1.0, 3.0, step=1.0)),
        ("range(3,4)", fixed(3)),
        ("interval(0.0, 1.0)", numbers("float", 0.0, 1.0)),
        ("interval(1, 5)", numbers("int", 1, 5)),
        ("interval(1, 5.0)", numbers("float", 1, 5.0)),
        ("float(interval(1, 5))", numbers("float", 1.0, 5.0)),
        ("int(interval(0.5, 8))", numbers("int", 1, 8)),
        ("interval(start=1e-4, end=0.1)", numbers("float", 1e-4, 0.1)),
        ("tag(log, interval(1e-4, 0.1))", numbers("float", 1e-4, 0.1, "log")),
        ("tag(log, int(interval(1, 256)))", numbers("int", 1, 256, "log")),
        ("int(tag(log, interval(1, 256)))", numbers("int", 1, 256, "log")),
        ("tag(log, sweep=interval(1, 256))", numbers("int", 1, 256, "log")),
        ("tag(log, range(8, 257, 8))", numbers("int", 8, 256, "log", step=8)),
        ("shuffle(range(1,10))", numbers("int", 1, 9)),
        ("sort(choice(3,1,2), reverse=true)", choice(3, 1, 2)),
        ("sort(3,1,2)", choice(3, 1, 2)),
        ("str(choice(1, true))", choice("1", "true")),
        ("int(choice('1', 2))", choice(1, 2)),
        ("bool(choice(0, 'true'))", choice(False, True)),
        ("0.9", fixed(0.9)),
        ("1e-3", fixed(1e-3)),
        ("1_000", fixed(1000)),
        ("'0.9'", fixed("0.9")),
        ("model/resnet", fixed("model/resnet")),
        ("TRUE", fixed(True)),
        (3, fixed(3)),
    ],
)
def test_a_sweep_becomes_a_dimension(sweep: Any, expected: Any) -> None:
    assert dimension(sweep) == expected


def test_overrides_are_read_as_from_a_command_line() -> None:
    text = space_from_hydra(["optimizer.lr=interval(0,1)", "++width = 1,2", "+name=a=b"])
    assert json.loads(text)["hyperparameters"] == {
        "optimizer.lr": numbers("int", 0, 1),
        "width": choice(1, 2),
        "name": fixed("a=b"),
    }


@pytest.mark.parametrize(
    ("sweep", "sentence"),
    [
        ("glob(*)", r"is glob\(…\), which has no counterpart here: write one of choice, range"),
        ("tag(fast, interval(0,1))", "a sweep with the tag 'fast'"),
        ("tag(log, choice(1,2))", "a choice with the tag log"),
        ("tag(log)", "has a tag on no sweep"),
        ("tag(log, interval(1, 2), 3)", "has a tag on no sweep"),
        ("choice({a: 1},[3])", "is a dictionary"),
        ("choice([1,2)", "',' is missing"),
        ("[" * 40, "nested too deeply"),
        ("{a: 1}", "is a dictionary"),
        ("choice([range(1,3)], 5)", "is the value Call"),
        ("choice()", "has no values: give some"),
        ("choice(range(1,3), 5)", "a range within a choice"),
        ("choice(x=1)", "leave them out"),
        ("range(1,5,0)", "has a range by 0"),
        ("range(5,1)", "from 5 to 1 is empty"),
        ("range(a,b)", "has range of 'a': give it numbers"),
        ("range(1,2,3,4)", "other arguments than it takes"),
        ("range(1,2,stop=3)", "other arguments than it takes"),
        ("interval(1)", "has interval of None"),
        ("interval(0, inf)", "has interval of inf: give it finite"),
        ("interval(2, 1)", "swap its bounds"),
        ("int(a)", "has int of 'a', which it cannot be"),
        ("bool(choice(a, b))", "has bool of 'a', which it cannot be"),
        ("str(interval(0,1))", r"is str\(interval\(…\)\)"),
        ("choice(a", "',' is missing"),
        ("choice(a))", "is left over"),
        ("choice(a,,b)", "a value is missing"),
        ("range(stop=3, 4)", "a value without a name follows"),
        ("", "a value is missing"),
        ("shuffle(" * 40, "nested too deeply"),
        ("nan", "is the value nan"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_a_sentence(sweep: str, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence) as raised:
        space_from_hydra({"x": sweep})
    assert "'x'" in str(raised.value)


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["x"], "has no value: write it as"),
        (["~x=1"], "takes something out of a configuration"),
        (["x=1", "x=2"], "is there twice"),
        ([], "The search space is empty"),
    ],
)
def test_overrides_that_are_none_are_refused(overrides: list[str], sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence):
        space_from_hydra(overrides)


def test_the_command_writes_the_space_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(["hydra", "lr=tag(log, interval(1e-4, 0.1))", "name=a,b"])
    written = json.loads(capsys.readouterr().out)
    assert list(written["hyperparameters"]) == ["lr", "name"]
    study = tmp_path / "study.json"
    distribution = {"name": "IntDistribution", "attributes": {"low": 1, "high": 3}}
    study.write_text(json.dumps({"layers": distribution}))
    main(["optuna", str(study)])
    assert json.loads(capsys.readouterr().out)["hyperparameters"]["layers"] == numbers("int", 1, 3)


@pytest.mark.parametrize(
    ("text", "sentence"), [("{", "cannot be read as JSON"), ("[]", "has no dictionary")]
)
def test_the_command_says_what_is_wrong(
    text: str, sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    study = tmp_path / "study.json"
    study.write_text(text)
    with pytest.raises(SystemExit) as ended:
        main(["optuna", str(study)])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
