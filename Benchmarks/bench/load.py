"""The processes that load a server, and what they print."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from bench.servers import LOAD, BenchError, Server

#: Beyond what a load was asked to take: joining and the last answers have limits of their own.
_PATIENCE = 300.0


Printed = TypeVar("Printed")


def read(kind: type[Printed], found: dict[str, Any]) -> Printed:
    """What a load printed, as a dataclass that names its fields in Python's spelling."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: found[_in_swift(name)] for name in names})


def _in_swift(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


@dataclass(frozen=True)
class Outcome:
    """What `bench-load reports` measured."""

    reports: int
    """Those that were answered while it was measured."""
    seconds: float
    reports_per_second: float
    p50: float
    """From a report's leaving to its directive, in microseconds."""
    p99: float
    p999: float
    server_microseconds: float
    """What the server spent on processors, for each report."""
    load_microseconds: float
    exploits: int
    retries: int
    """Reports that had no answer for a second and were sent again."""
    acknowledged: int
    """All that were answered, with warming up and ending."""
    bytes_per_report: float
    bytes_per_directive: float
    join_seconds: float


class Run:
    """A load that is under way."""

    def __init__(self, process: subprocess.Popen[str], what: str) -> None:
        self._process = process
        self._what = what

    def line(self) -> str:
        """The next line that it prints, once it does."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            self.result()
            raise BenchError(f"bench-load {self._what} said nothing.")
        return line

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def result(self, seconds: float = 0.0) -> dict[str, Any]:
        """What it prints at its end; it may take so long, and some more."""
        try:
            output, errors = self._process.communicate(timeout=seconds + _PATIENCE)
        except subprocess.TimeoutExpired:
            raise BenchError(f"bench-load {self._what} did not end.") from None
        if self._process.returncode != 0:
            raise BenchError(f"bench-load {self._what} failed: {errors.strip() or 'no reason'}")
        found: dict[str, Any] = json.loads(output.splitlines()[-1])
        return found


@contextlib.contextmanager
def started(what: str, *arguments: object) -> Iterator[Run]:
    """`bench-load` with a subcommand, which is ended with the block."""
    process = subprocess.Popen(
        [str(LOAD), what, *(str(argument) for argument in arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Run(process, what)
        finally:
            if process.poll() is None:
                process.kill()


def run(what: str, *arguments: object, seconds: float = 0.0) -> dict[str, Any]:
    with started(what, *arguments) as load:
        return load.result(seconds)


def arguments_of(
    server: Server,
    *,
    connections: int,
    leases: int = 1,
    seconds: float,
    warm_up: float,
    members: int | None = None,
    others: int = 0,
    every: float | None = None,
    sources: int = 1,
    population: str = "bench",
) -> list[object]:
    """What `bench-load reports` is told to put such a load on a server."""
    given: list[object] = [server.url, "--server", server.pid, "--population", population]
    given += ["--connections", connections, "--leases", leases, "--sources", sources]
    given += ["--seconds", seconds, "--warm-up", warm_up]
    if server.data is None:
        given.append("--floor")
    if members is not None:
        given += ["--members", members]
    if others:
        given += ["--others", others]
    if every is not None:
        given += ["--every", every]
    return given
