"""A Ray cluster of this machine, with a home and a directory of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.fixtures import heed_signals, no_environment
from support.repository import REPOSITORY

__all__ = ["no_environment"]

CPUS = 4
# A node has half a minute to start, and that is little on a busy machine.
TRIES = 5
# Sockets lie in it, whose paths may not be long.
FOLDER = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))


@dataclass(frozen=True)
class Cluster:
    """Where a cluster is."""

    address: str
    dashboard: str
    session: Path
    """What it writes."""


def pytest_configure() -> None:
    heed_signals()
    # Ray looks for its home when it is imported, and its processes have to find the tests' modules.
    home = FOLDER / "home"
    home.mkdir()
    modules = f"{Path(__file__).parent}:{REPOSITORY / 'python' / 'tests'}"
    os.environ.update(HOME=str(home), RAY_USAGE_STATS_ENABLED="0", PYTHONPATH=modules)


def pytest_unconfigure() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    import ray

    try:
        context = _started(ray)
        address = context.address_info
        yield Cluster(address["address"], context.dashboard_url, Path(address["session_dir"]))
    finally:
        ray.shutdown()


def _started(ray: Any) -> Any:
    for left in reversed(range(TRIES)):
        try:
            return ray.init(
                num_cpus=CPUS,
                include_dashboard=True,
                log_to_driver=False,
                _node_ip_address="127.0.0.1",
                _temp_dir=str(FOLDER),
            )
        except Exception as error:
            if left == 0 or "timed out during startup" not in str(error):
                raise
            ray.shutdown()
    return None
