"""The tests of the Python package need no program; Tests/Program has those that run it."""

from __future__ import annotations

from support.fixtures import coordinator, heed_signals, no_environment, quick

__all__ = ["coordinator", "no_environment", "quick"]


def pytest_configure() -> None:
    heed_signals()
