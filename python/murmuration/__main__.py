"""`python -m murmuration` says what is installed, and where this package looks."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

import google.protobuf
import zmq

from murmuration._checkpoints import CHECKPOINTS_VARIABLE, DATA_VARIABLE
from murmuration._connection.address import (
    FILE_SCHEME,
    POPULATION_VARIABLE,
    SCHEME,
    URL_VARIABLE,
    WORKER_VARIABLE,
    read_address,
)
from murmuration._connection.training_mark import TRAINING_VARIABLE
from murmuration._pbt_server import SECRET_VARIABLE
from murmuration._program import BINARY_VARIABLE, find_program
from murmuration._shown import escaped
from murmuration._version import __version__
from murmuration.errors import AddressError, ServerError

_VARIABLES = (
    POPULATION_VARIABLE,
    WORKER_VARIABLE,
    CHECKPOINTS_VARIABLE,
    DATA_VARIABLE,
    TRAINING_VARIABLE,
    BINARY_VARIABLE,
)
_FOR_DEVELOPERS = {"dev", "examples"}
_EXTRA = re.compile(r"([A-Za-z0-9._-]+)[^;]*;.*\bextra == ['\"]([^'\"]+)['\"]")
_NAME_WIDTH = 20


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m murmuration",
        description="Says what is installed, and where this package looks.",
    ).parse_args()
    print("\n".join([*_installed(), "", *_program(), "", *_environment(), "", *_extras()]))


def _row(name: str, value: str) -> str:
    # A path may hold bytes that are no text, and anything that steers a terminal.
    return f"{name:{_NAME_WIDTH}}{escaped(value)}"


def _installed() -> list[str]:
    encrypts = zmq.has("curve")
    rows = [
        _row("murmuration", f"{__version__}, in {Path(__file__).parent}"),
        _row("Python", f"{platform.python_version()}, {sys.executable}"),
        _row(
            "pyzmq",
            f"{zmq.pyzmq_version()} with libzmq {zmq.zmq_version()}, "
            f"{'with' if encrypts else 'without'} CURVE encryption",
        ),
        _row("protobuf", google.protobuf.__version__),
    ]
    if not encrypts:
        rows.append(
            "Addresses with a secret or an invitation need CURVE: install pyzmq from its wheels."
        )
    return rows


def _program() -> list[str]:
    try:
        program = find_program()
        path = _row("murmur", f"{program.path}, {program.origin}")
    except ServerError as error:
        return [_row("murmur", "not found"), escaped(str(error))]
    try:
        version = program.version()
    except ServerError as error:
        return [path, str(error)]
    rows = [path, _row("murmur --version", version)]
    if version != __version__:
        rows.append(
            f"The program is of version {escaped(version)} and this package of {__version__}: "
            "bring both to one version with pip install --upgrade 'murmuration[server]', or build "
            "the program of this version."
        )
    return rows


def _environment() -> list[str]:
    secret = os.environ.get(SECRET_VARIABLE)
    return [
        _row(URL_VARIABLE, _shown_url(os.environ.get(URL_VARIABLE))),
        _row(SECRET_VARIABLE, "set" if secret else "not set"),
        *(_row(name, os.environ.get(name) or "not set") for name in _VARIABLES),
    ]


def _shown_url(url: str | None) -> str:
    """An address without what lets in there."""
    if not url:
        return "not set"
    try:
        address = read_address(url)
    except AddressError as error:
        return f"set, and cannot be read: {error}"
    hidden = "(secret)@" if address.secret is not None else ""
    if address.invitation is not None:
        hidden = "(invitation)@"
    population = f"/{address.population}" if address.population else ""
    if address.file is not None:
        what = (
            f"{SCHEME}{hidden}{address.place}{population}" if address.is_known else "not there yet"
        )
        return f"{FILE_SCHEME}{address.file} ({what})"
    return f"{SCHEME}{hidden}{address.place}{population}"


def _extras() -> list[str]:
    try:
        requirements = metadata.requires("murmuration") or []
    except metadata.PackageNotFoundError:
        return ["Extras are known only of a package that pip installed, and this one is not."]
    wanted: dict[str, list[str]] = {}
    for requirement in requirements:
        if (found := _EXTRA.match(requirement)) and found[2] not in _FOR_DEVELOPERS:
            wanted.setdefault(found[2], []).append(found[1])
    return [_row(f"[{extra}]", _extra(extra, names)) for extra, names in sorted(wanted.items())]


def _extra(extra: str, names: list[str]) -> str:
    versions = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            return f"no {name}: pip install 'murmuration[{extra}]'"
    return ", ".join(f"{name} {version}" for name, version in versions.items())


if __name__ == "__main__":
    main()
