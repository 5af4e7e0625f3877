"""A Ray cluster of this machine, with a home and a directory of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster
from support.fixtures import heed_signals, no_environment

__all__ = ["no_environment"]

CLUSTER = pytest.StashKey[Cluster]()


def pytest_configure(config: pytest.Config) -> None:
    heed_signals()
    config.stash[CLUSTER] = Cluster(Path(tempfile.mkdtemp(prefix="ray", dir="/tmp")))
    config.stash[CLUSTER].configure()


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[CLUSTER].folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    import ray

    cluster = pytestconfig.stash[CLUSTER]
    try:
        cluster.start()
        ray.init(address=cluster.address, log_to_driver=False)
        yield cluster
    finally:
        ray.shutdown()
        cluster.stop()
