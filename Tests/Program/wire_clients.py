"""The clients that were written from docs/wire alone: built, started, and read."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.repository import REPOSITORY
from support.waiting import START_SECONDS, WAIT_SECONDS

SOURCES = Path(__file__).parent / "wire"
LANGUAGES = ("c", "python")


@dataclass(frozen=True)
class Commands:
    """How each client is started."""

    c: list[str]
    python: list[str]
    environment: dict[str, str]

    def of(self, language: str, *arguments: str) -> subprocess.Popen[str]:
        command = [*getattr(self, language), *arguments]
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
        )


def build(place: Path) -> Commands:
    """Compiles what is to be compiled: the client in C, and the messages for the one in Python."""
    found = _output("pkg-config", "--cflags", "--libs", "libzmq", "libsodium")
    warnings = ("-std=c11", "-Wall", "-Wextra", "-Werror")
    program = place / "client"
    # The Swift toolchain brings one.
    compiler = shutil.which("cc") or shutil.which("clang")
    assert compiler is not None, "there is no C compiler: put cc or clang on PATH"
    _output(compiler, *warnings, str(SOURCES / "client.c"), "-o", str(program), *shlex.split(found))
    proto = REPOSITORY / "proto"
    generated = place / "generated"
    generated.mkdir()
    definition = proto / "murmuration" / "v1" / "murmuration.proto"
    _output("protoc", f"--proto_path={proto}", f"--python_out={generated}", str(definition))
    # Otherwise the package of this name would be found before them.
    for folder in ("murmuration", "murmuration/v1"):
        (generated / folder / "__init__.py").touch()
    environment = {**os.environ, "PYTHONPATH": str(generated)}
    return Commands([str(program)], [sys.executable, str(SOURCES / "client.py")], environment)


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
    assert done.returncode == 0, f"`{shlex.join(command)}` failed: {done.stdout}{done.stderr}"
    return done.stdout


@dataclass
class Client:
    """One that runs, and the lines that it printed once it has ended."""

    name: str
    process: subprocess.Popen[str]
    status: int = -1
    printed: str = ""

    def end(self) -> None:
        self.printed, _ = self.process.communicate(timeout=WAIT_SECONDS)
        self.status = self.process.returncode

    def lines(self, *kinds: str) -> list[dict[str, str]]:
        """What was printed in lines of these kinds, by name."""
        found = []
        for line in self.printed.splitlines():
            kind, *words = line.split(" ")
            if kind in kinds:
                pairs = [word.partition("=") for word in words]
                found.append({"kind": kind} | {key: value for key, _, value in pairs})
        return found


@contextmanager
def running(commands: Commands, language: str, url: str, name: str, *more: str) -> Iterator[Client]:
    process = commands.of(language, url, name, *more)
    try:
        yield Client(name, process)
    finally:
        process.kill()
        process.communicate(timeout=WAIT_SECONDS)


def run(commands: Commands, language: str, url: str, name: str, *more: str) -> Client:
    """Runs one to its end."""
    with running(commands, language, url, name, *more) as client:
        client.end()
        return client
