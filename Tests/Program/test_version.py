"""The program, the Python package and the list of changes are of one version."""

from __future__ import annotations

import re
import subprocess

from program import murmur_binary
from support.repository import REPOSITORY
from support.waiting import START_SECONDS

import murmuration

VERSION = murmuration.__version__


def test_the_program_is_of_the_packages_version() -> None:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    done = subprocess.run(
        [binary, "--version"], capture_output=True, text=True, timeout=START_SECONDS
    )
    assert (done.stdout, done.returncode) == (f"{VERSION}\n", 0)


def test_a_new_version_is_written_wherever_one_is() -> None:
    places = {
        "Sources/murmur/Murmur.swift": r'static let version = "(.+)"',
        "python/murmuration/_version.py": r'__version__ = "(.+)"',
        "python/pyproject.toml": r'"murmuration-server==(.+)"',
    }
    for place, pattern in places.items():
        text = (REPOSITORY / place).read_text(encoding="utf-8")
        assert re.findall(pattern, text) == [VERSION], place


def test_the_newest_changes_are_of_this_version_or_of_none_yet() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+)", text, re.MULTILINE)
    assert "Unreleased" not in headings[1:]
    released = [each for each in headings if each != "Unreleased"]
    assert released[:1] in ([], [VERSION])
