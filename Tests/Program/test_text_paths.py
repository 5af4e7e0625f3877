"""Commands in directories, and with arguments, whose bytes are no text."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from program import murmur_binary
from support.waiting import WAIT_SECONDS

LATIN = os.fsdecode(b"caf\xe9")
SPACE = "name,min,max,scale\nrate,0.01,1,log\n"


@pytest.fixture
def latin(tmp_path: Path) -> Path:
    directory = tmp_path / LATIN
    try:
        directory.mkdir()
    except OSError:
        pytest.skip("this file system has only names in UTF-8")
    (directory / "space.csv").write_text(SPACE)
    return directory


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def refused(*arguments: str, within: Path) -> str:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    done = subprocess.run(
        [binary, *arguments], cwd=within, capture_output=True, timeout=WAIT_SECONDS, check=False
    )
    assert done.returncode == 1
    return done.stderr.decode()


@pytest.mark.parametrize(
    "command",
    [
        ("run", "--space", "space.csv", "--", "true"),
        ("work", "--url", "murmur://127.0.0.1:1", "--", "true"),
        ("serve", "--port", "0"),
    ],
)
def test_a_directory_whose_path_is_no_text_is_refused_as_such(
    latin: Path, command: tuple[str, ...]
) -> None:
    sentence = refused(*command, within=latin)
    assert "is not text in UTF-8" in sentence
    assert "rename the directory, or go to another one." in sentence
    # Nothing is made there.
    assert names(latin) == {"space.csv"}


@pytest.mark.parametrize(
    "command",
    [
        ("run", "--space", f"{LATIN}/space.csv", "--", "true"),
        ("run", "--space", "space.csv", "--data", LATIN, "--", "true"),
        ("run", "--space", "space.csv", "--checkpoints", LATIN, "--", "true"),
        ("run", "--space", "space.csv", "--", "python3", f"{LATIN}/train.py"),
        ("list", "--data", LATIN),
    ],
)
def test_an_argument_that_is_no_text_is_refused_as_such(
    latin: Path, command: tuple[str, ...]
) -> None:
    above = latin.parent
    (above / "space.csv").write_text(SPACE)
    sentence = refused(*command, within=above)
    assert "is not text in UTF-8" in sentence
    assert "caf" in sentence
    assert names(above) == {LATIN, "space.csv"}
