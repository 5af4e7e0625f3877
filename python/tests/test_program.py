"""Where the program `murmur` is looked for, and what is said when it is not there."""

from __future__ import annotations

import os
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

import murmuration
from murmuration import ServerError
from murmuration._program import Program, find_program


def program(path: Path, script: str = "exit 0") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a checkout, an environment and PATH are, which hold no program."""
    monkeypatch.delenv("MURMUR_BIN", raising=False)
    monkeypatch.setattr("murmuration._program.__file__", str(tmp_path / "python" / "m" / "p.py"))
    scripts = str(tmp_path / "environment")
    monkeypatch.setattr(sysconfig, "get_path", {"scripts": scripts}.__getitem__)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path


def test_each_place_is_looked_at_before_the_next_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = program(root / "path" / "murmur")
    assert find_program() == Program(on_path, "on PATH")
    in_environment = program(root / "environment" / "murmur")
    assert find_program() == Program(in_environment, "in this Python's environment")
    release = program(root / ".build" / "release" / "murmur")
    debug = program(root / ".build" / "debug" / "murmur")
    first = program(root / ".build" / "run" / "release" / "murmur")
    for newest in (release, debug, first):
        for each in (release, debug, first):
            os.utime(each, (1, 1))
        os.utime(newest, (2, 2))
        assert find_program() == Program(newest, "built in this package's checkout")
    named = program(root / "named")
    monkeypatch.setenv("MURMUR_BIN", str(named))
    assert find_program() == Program(named, "MURMUR_BIN names it")


def test_what_cannot_be_run_is_not_taken_from_the_environment(root: Path) -> None:
    (root / "environment" / "murmur").mkdir(parents=True)
    on_path = program(root / "path" / "murmur")
    assert find_program().path == on_path
    (root / "environment" / "murmur").rmdir()
    program(root / "environment" / "murmur").chmod(0o600)
    assert find_program().path == on_path


def test_without_one_it_is_said_how_to_get_it(root: Path) -> None:
    how = r"is not here: install it with pip install 'murmuration\[server\]', or build it with `swi"
    with pytest.raises(ServerError, match=how):
        find_program()


def test_a_program_says_its_version(tmp_path: Path) -> None:
    path = program(tmp_path / "murmur", 'echo "$1 0.4.2" | sed s/--version.//')
    assert Program(path, "").version() == "0.4.2"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "it ended with code 3"),
        ("exit 0", "it ended with code 0"),
        (None, "No such file"),
    ],
)
def test_one_that_does_not_say_its_version_is_named(
    script: str | None, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "murmur" if script is None else program(tmp_path / "murmur", script)
    with pytest.raises(ServerError, match=rf"murmur does not tell its version \({why}.*MURMUR_BIN"):
        Program(path, "").version()


def test_the_extra_brings_the_program_of_the_packages_version() -> None:
    asked = [
        each
        for each in metadata.requires("murmuration") or []
        if each.startswith("murmuration-server")
    ]
    assert len(asked) == 1
    assert asked[0].startswith(f"murmuration-server=={murmuration.__version__};")
