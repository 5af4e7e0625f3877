"""The coordinators that are served to our workers: how each is started, and what it kept."""

from __future__ import annotations

import os
import secrets
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.against import manager
from bench.against.errors import BenchmarkError
from bench.against.population import space_text
from bench.against.processes import started, started_module, wait_until_there

START_SECONDS = 30.0
_POPULATION = "against"


@dataclass(frozen=True)
class Served:
    """A coordinator that runs."""

    pid: int
    address: str
    key: str
    recorded: Callable[[], int]
    """How many reports it has."""


@dataclass(frozen=True)
class Contender:
    """A coordinator that our workers report to."""

    name: str
    title: str
    durable: bool
    encrypted: bool
    serve: Callable[[Path, Path, int], AbstractContextManager[Served]]
    """Starts it in a directory; told the program `murmur` and the number of members."""


@contextmanager
def murmuration(directory: Path, murmur: Path, members: int) -> Iterator[Served]:
    """`murmur serve` as on a cluster: encrypted and durable."""
    data = directory / "data"
    space = directory / "space.yaml"
    space.write_text(space_text())
    secret = _murmur(murmur, "keys", "generate")
    command = [str(murmur), "serve", "--port", "0", "--data", str(data)]
    with started(command, directory / "murmur.log", {"MURMUR_SECRET": secret}) as child:
        wait_until_there(data / "url", child, START_SECONDS)
        create = ["create", _POPULATION, "--space", str(space), "--data", str(data)]
        _murmur(murmur, *create, "--population-size", str(members))

        def recorded() -> int:
            query = "SELECT COUNT(*) FROM event WHERE kind = 'reported'"
            return _count(data / "journal.sqlite", query)

        url = (data / "url").read_text().strip()
        yield Served(child.pid, f"{url}/{_POPULATION}", "", recorded)


@contextmanager
def served_by_manager(directory: Path, murmur: Path, members: int) -> Iterator[Served]:
    """The manager's server."""
    key = secrets.token_hex(16)
    with started_module("manager", directory / "manager.log") as child:
        child.tell(key)
        address = child.line(START_SECONDS)
        yield Served(child.pid, address, key, lambda: manager.connected(address, key).reports())


@contextmanager
def served_by_router(directory: Path, murmur: Path, members: int) -> Iterator[Served]:
    """The ROUTER with SQLite."""
    database = directory / "router.sqlite"
    with started_module("router", directory / "router.log", str(database)) as child:
        address = child.line(START_SECONDS)
        query = "SELECT COUNT(*) FROM report"
        yield Served(child.pid, address, "", lambda: _count(database, query))


CONTENDERS = (
    Contender("murmuration", "Murmuration", True, True, murmuration),
    Contender("manager", "multiprocessing manager", False, False, served_by_manager),
    Contender("router", "pyzmq ROUTER, SQLite", True, False, served_by_router),
)


def _murmur(murmur: Path, *arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MURMUR_")}
    done = subprocess.run(
        [str(murmur), *arguments],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        env=environment,
    )
    if done.returncode != 0:
        raise BenchmarkError(f"murmur {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _count(database: Path, query: str) -> int:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        (count,) = connection.execute(query).fetchone()
    finally:
        connection.close()
    return int(count)
