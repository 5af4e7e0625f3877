"""The two servers that a load is put on: the floor and the coordinator."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).parents[2]
#: What is built for measuring lies apart from what is built for tests.
BUILD = ROOT / ".build-bench"
MURMUR = BUILD / "release" / "murmur"
LOAD = BUILD / "release" / "bench-load"
FLOOR = BUILD / "floor"

#: Strong, so that nothing is said about it, and secret from nobody.
SECRET = "benchmarks-have-no-secrets"

_START = 120.0


class BenchError(Exception):
    """What keeps a measurement from being made, in a sentence."""


@dataclass(frozen=True)
class Server:
    """A server that is ready."""

    url: str
    pid: int
    #: The coordinator's journal; the floor has none.
    data: pathlib.Path | None


@contextlib.contextmanager
def floor(*, encrypted: bool = False, durable: bool = False) -> Iterator[Server]:
    command = [str(FLOOR)]
    if encrypted:
        command += ["--secret", _output([str(LOAD), "server-key", SECRET])]
    with tempfile.TemporaryDirectory(prefix="floor-", dir=BUILD) as directory:
        if durable:
            command += ["--journal", f"{directory}/messages.sqlite"]
        with _started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            port = process.stdout.readline().decode().strip()
            if not port:
                raise BenchError("The floor did not start.")
            yield Server(_url(port, encrypted), process.pid, None)


@contextlib.contextmanager
def coordinator(
    *,
    encrypted: bool,
    data: pathlib.Path | None = None,
    port: int = 0,
    under: Sequence[str] = (),
    murmur: pathlib.Path = MURMUR,
    options: Sequence[str] = (),
) -> Iterator[Server]:
    """A coordinator on a journal of its own, which goes away with it unless `data` is given.

    `under` is a command that runs it, as a tracer does, in the same process.
    """
    BUILD.mkdir(exist_ok=True)
    # Elsewhere than /tmp, which may be in memory.
    directory = data or pathlib.Path(tempfile.mkdtemp(prefix="data-", dir=BUILD))
    log = directory.with_suffix(".log")
    environment = {**os.environ, "MURMUR_SECRET": SECRET if encrypted else ""}
    if not encrypted:
        del environment["MURMUR_SECRET"]
    address = directory / "url"
    address.unlink(missing_ok=True)
    command = [*under, str(murmur), "serve", "--port", str(port), "--data", str(directory)]
    command += options
    try:
        with (
            log.open("wb") as output,
            _started(command, stdout=output, stderr=output, env=environment) as process,
        ):
            end = time.monotonic() + _START
            while not address.exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise BenchError(f"The coordinator did not start: {log.read_text()}")
                time.sleep(0.005)
            yield Server(address.read_text().strip(), process.pid, directory)
    finally:
        log.unlink(missing_ok=True)
        if data is None:
            shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _started(command: list[str], **options: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _url(port: str, encrypted: bool) -> str:
    return f"murmur://{SECRET + '@' if encrypted else ''}127.0.0.1:{port}"
