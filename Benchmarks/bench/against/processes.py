"""Processes that are started, spoken with line by line, measured, and ended for certain."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.against.errors import BenchmarkError

BENCHMARKS = Path(__file__).resolve().parents[2]
STOP_SECONDS = 10.0


class Child:
    """A process in a session of its own, so that Ctrl-C reaches it through this one alone."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n".encode())
        except BrokenPipeError:
            raise BenchmarkError(f"A process ended early; it said: {self.last_words}") from None

    def line(self, seconds: float) -> str:
        """The next line that it prints."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        if not ready:
            raise BenchmarkError(
                f"A process said nothing within {seconds:g} s: try again when this machine has "
                f"less to do. It said: {self.last_words}"
            )
        line = self._process.stdout.readline().decode().strip()
        if not line:
            raise BenchmarkError(f"A process ended early; it said: {self.last_words}")
        return line

    def check(self) -> None:
        """Raises what it said last if it has ended."""
        code = self._process.poll()
        if code is not None:
            raise BenchmarkError(f"A process ended with code {code}; it said: {self.last_words}")

    def wait(self, seconds: float) -> int:
        return self._process.wait(seconds)

    @property
    def last_words(self) -> str:
        said = self._log.read_text(errors="replace").strip()
        return said.splitlines()[-1] if said else "nothing."

    def stop(self) -> None:
        """Ends it: it may leave by itself when its input closes, as ours do, or at SIGTERM."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._process.stdout.close()


@contextmanager
def started(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """A process that is ended with the block; what it says as an error is in `log`."""
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    child = Child(process, log)
    try:
        yield child
    finally:
        child.stop()


@contextmanager
def started_module(module: str, log: Path, *arguments: str) -> Iterator[Child]:
    """A module of this package as a process."""
    paths = [str(BENCHMARKS), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-m", f"bench.against.{module}", *arguments]
    with started(command, log, {"PYTHONPATH": os.pathsep.join(paths)}) as child:
        yield child


def wait_until_there(path: Path, child: Child, seconds: float) -> None:
    """Waits until a process has written a file."""
    until = time.monotonic() + seconds
    while not (path.exists() and path.read_text().strip()):
        child.check()
        if time.monotonic() > until:
            raise BenchmarkError(
                f"{path.name} is not there after {seconds:g} s; it said: {child.last_words}"
            )
        time.sleep(0.01)
