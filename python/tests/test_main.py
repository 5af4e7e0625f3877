"""`python -m murmuration`: what is installed, and where the package looks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.hostile import EVIL, steers
from support.waiting import START_SECONDS

import murmuration
from murmuration._connection.curve import Invitation, new_secret

SECRET = "correct-horse-battery-staple"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "murmuration", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )


def rows(**environment: str) -> dict[str, str]:
    """What is said, by its first word; the sentences are by theirs."""
    done = run(**environment)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.partition(" ") for line in done.stdout.splitlines() if line]
    return {name: rest.strip() for name, _, rest in lines}


@pytest.fixture
def murmur(tmp_path: Path) -> str:
    """A program of this package's version."""
    path = tmp_path / "murmur"
    path.write_text(f"#!/bin/sh\necho {murmuration.__version__}\n")
    path.chmod(0o700)
    return str(path)


def test_it_says_what_is_installed(murmur: str) -> None:
    said = run(MURMUR_BIN=murmur).stdout
    found = rows(MURMUR_BIN=murmur)
    assert found["murmuration"].startswith(f"{murmuration.__version__}, in ")
    assert found["Python"].endswith(sys.executable)
    assert "with CURVE encryption" in found["pyzmq"]
    assert found["protobuf"][0].isdigit()
    assert f"murmur              {murmur}, MURMUR_BIN names it\n" in said
    assert f"murmur --version    {murmuration.__version__}\n" in said
    assert "The program" not in found
    assert {"[sklearn]", "[torch]", "[jax]"} <= set(found)
    assert not {"[dev]", "[examples]"} & set(found)


def test_a_program_of_another_version_is_told(murmur: str) -> None:
    Path(murmur).write_text("#!/bin/sh\necho 0.0.7\n")
    said = run(MURMUR_BIN=murmur).stdout
    assert (
        f"The program is of version 0.0.7 and this package of {murmuration.__version__}: bring "
        "both to one version with pip install --upgrade 'murmuration[server]'" in said
    )


def test_a_program_that_is_not_one_is_told(tmp_path: Path) -> None:
    said = run(MURMUR_BIN=str(tmp_path / "absent")).stdout
    assert "murmur              not found\n" in said
    assert "absent, which is not a program: correct it, or unset it.\n" in said


def test_an_extra_that_is_not_there_is_told(tmp_path: Path, murmur: str) -> None:
    # Another distribution of the same name, which this directory puts first.
    information = tmp_path / "murmuration-0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        "Name: murmuration\nVersion: 0\n"
        "Requires-Dist: pyzmq\n"
        "Requires-Dist: nowhere-to-be-had<2,>=1; extra == 'far'\n"
        "Requires-Dist: pyzmq; extra == 'near'\n"
    )
    found = rows(MURMUR_BIN=murmur, PYTHONPATH=str(tmp_path))
    assert found["[far]"] == "no nowhere-to-be-had: pip install 'murmuration[far]'"
    assert found["[near]"].startswith("pyzmq ")


def test_variables_are_told_without_their_secrets(murmur: str) -> None:
    found = rows(
        MURMUR_BIN=murmur,
        MURMUR_URL=f"murmur://{SECRET}@host:7000/digits",
        MURMUR_SECRET=SECRET,
        MURMUR_CHECKPOINTS="/checkpoints",
    )
    assert found["MURMUR_URL"] == "murmur://(secret)@host:7000/digits"
    assert found["MURMUR_SECRET"] == "set"
    assert found["MURMUR_CHECKPOINTS"] == "/checkpoints"
    assert found["MURMUR_WORKER"] == "not set"
    assert SECRET not in str(found)


def test_an_invitation_is_not_shown_and_an_address_that_is_wrong_is_not_repeated(
    murmur: str,
) -> None:
    invitation = Invitation(bytes(32), new_secret()).text
    found = rows(MURMUR_BIN=murmur, MURMUR_URL=f"murmur://{invitation}@host:7000")
    assert found["MURMUR_URL"] == "murmur://(invitation)@host:7000"
    found = rows(MURMUR_BIN=murmur, MURMUR_URL=f"murmur://{SECRET}@host:port")
    assert found["MURMUR_URL"].startswith("set, and cannot be read: ")
    assert SECRET not in str(found)


def test_nothing_that_is_told_steers(murmur: str) -> None:
    values = dict.fromkeys(("MURMUR_POPULATION", "MURMUR_WORKER", "MURMUR_DATA"), EVIL)
    done = run(MURMUR_BIN=murmur, **values)
    assert steers(done.stdout) == {"\n"}
    odd = run(MURMUR_BIN=murmur, MURMUR_DATA="/a\udc9bb")
    assert r"MURMUR_DATA         /a\u{dc9b}b" in odd.stdout


def test_it_takes_no_arguments() -> None:
    done = run("serve")
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: python -m murmuration" in done.stderr
    assert "serve" in done.stderr
