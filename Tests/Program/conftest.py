"""The tests that run the program: the fixtures of the Python package, and real coordinators."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Murmur, murmur_binary
from support.fixtures import coordinator, heed_signals, no_environment, quick

from bench.ports import share

__all__ = ["coordinator", "no_environment", "quick"]


def pytest_configure() -> None:
    heed_signals()
    # Where tests run in several processes, each has a number.
    if process := os.environ.get("PYTEST_XDIST_WORKER"):
        share(int(process.removeprefix("gw")), int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Murmur]:
    """A real coordinator that is not started yet, with an empty directory of its own."""
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    coordinator = Murmur(binary, data)
    try:
        yield coordinator
    finally:
        coordinator.stop()


@pytest.fixture
def murmur(idle: Murmur) -> Murmur:
    """A real coordinator on free ports of the loopback, in a directory of its own."""
    idle.start()
    return idle
