"""Fixtures: a scripted coordinator, a quick client, and an environment without our variables.

Each conftest.py imports them.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from murmuration import Timing
from support.coordinator import Coordinator

QUICK = Timing(
    connect=10.0, retry=0.1, retry_limit=0.2, reconnect=0.02, reconnect_limit=0.1, leave=2.0
)

_VARIABLES = (
    "MURMUR_URL",
    "MURMUR_POPULATION",
    "MURMUR_WORKER",
    "MURMUR_PLACE",
    "MURMUR_CHECKPOINTS",
    "MURMUR_DATA",
    "MURMUR_TRAINING",
    "RANK",
    "LOCAL_RANK",
    "NODE_RANK",
    "WORLD_SIZE",
    "MASTER_ADDR",
    "SLURM_JOB_ID",
    "SLURM_ARRAY_JOB_ID",
    "JOB_COMPLETION_INDEX",
)


def heed_signals() -> None:
    """Has what is started here end by the signals that end it elsewhere.

    What runs in the background of a script inherits these as ignored, and so would all that is
    started here.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def quick() -> Timing:
    """A client that repeats and reconnects within a moment."""
    return QUICK


@pytest.fixture
def coordinator() -> Iterator[Coordinator]:
    with Coordinator() as scripted:
        yield scripted
