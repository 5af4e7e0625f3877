"""The program, the Python package and the list of changes are of one version."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

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


def test_a_new_version_is_written_wherever_one_is(tmp_path: Path) -> None:
    script, source = Path("scripts/version.py"), Path("python/murmuration/_version.py")
    places = (Path("Sources/murmur/Murmur.swift"), Path("python/pyproject.toml"))
    for file in (script, source, *places):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / file, tmp_path / file)

    def version_script(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(tmp_path / script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)

    assert version_script("--check").returncode == 0
    text = (tmp_path / source).read_text(encoding="utf-8")
    (tmp_path / source).write_text(text.replace(VERSION, "12.3.4rc1"), encoding="utf-8")
    checked = version_script("--check")
    assert checked.returncode == 1
    for place in places:
        assert str(place) in checked.stderr
        assert (tmp_path / place).read_bytes() == (REPOSITORY / place).read_bytes()
    assert version_script().returncode == 0
    assert version_script("--check").returncode == 0
    for place in places:
        before = (REPOSITORY / place).read_text(encoding="utf-8")
        now = (tmp_path / place).read_text(encoding="utf-8")
        changed = zip(before.splitlines(), now.splitlines(), strict=True)
        assert [new for old, new in changed if new != old] == [
            old.replace(VERSION, "12.3.4rc1") for old in before.splitlines() if VERSION in old
        ]


def test_the_newest_changes_are_of_this_version_or_of_none_yet() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+)", text, re.MULTILINE)
    assert "Unreleased" not in headings[1:]
    released = [each for each in headings if each != "Unreleased"]
    assert released[:1] in ([], [VERSION])
