"""On what it was measured, and what was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

import zmq

from bench.servers import MURMUR, ROOT


@dataclass(frozen=True)
class Machine:
    processor: str
    cores: int
    memory_mebibytes: int
    kernel: str
    filesystem: str
    """Of the journals."""


@dataclass(frozen=True)
class Versions:
    murmur: str
    """Its version and the commit that the sources are at, with a plus for changes to them."""
    libzmq: str
    sqlite: str
    swift: str
    python: str
    pyzmq: str

    def text(self) -> str:
        return (
            f"murmur {self.murmur}, libzmq {self.libzmq}, SQLite {self.sqlite}, "
            f"Swift {self.swift}, Python {self.python}"
        )


@dataclass(frozen=True)
class Others:
    """Shares of the processors' time that others had."""

    programs: float
    """Just before anything was measured."""
    machines: float
    """While it was measured: what the host gave to its other virtual machines."""

    def text(self) -> str:
        return (
            f"Other programs had {self.programs:.0%} of the processors before that, and other "
            f"virtual machines of this host {self.machines:.0%} meanwhile."
        )


@dataclass(frozen=True)
class ProcessorTime:
    """Of all processors since the machine started, in ticks."""

    all: int
    idle: int
    stolen: int

    @staticmethod
    def read(stat: str | None = None) -> ProcessorTime:
        """As /proc/stat has it, or `stat` in its place."""
        line = (stat or Path("/proc/stat").read_text()).partition("\n")[0]
        # Guests' time is part of the user's.
        user, nice, system, idle, waiting, hard, soft, stolen = map(int, line.split()[1:9])
        return ProcessorTime(
            user + nice + system + idle + waiting + hard + soft + stolen, idle + waiting, stolen
        )

    def used_since(self, earlier: ProcessorTime) -> float:
        """By programs of this machine."""
        spare = self.idle - earlier.idle + self.stolen - earlier.stolen
        return 1 - spare / max(1, self.all - earlier.all)

    def stolen_since(self, earlier: ProcessorTime) -> float:
        return (self.stolen - earlier.stolen) / max(1, self.all - earlier.all)


def this_machine() -> Machine:
    return Machine(
        processor=_field("/proc/cpuinfo", "model name") or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_mebibytes=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20,
        kernel=f"{platform.system()} {platform.release()}",
        filesystem=_output("stat", "--file-system", "--format", "%T", str(ROOT)),
    )


def these_versions() -> Versions:
    commit = _output("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD")
    changes = _output("git", "-C", str(ROOT), "status", "--porcelain", "--", "Sources")
    swift = _output("swift", "--version").partition("Swift version ")[2]
    return Versions(
        murmur=f"{_output(str(MURMUR), '--version')}, {commit}{'+' if changes else ''}",
        # The same library files that murmur loads, unless Python's packages bring their own.
        libzmq=_output("pkg-config", "--modversion", "libzmq"),
        sqlite=_output("pkg-config", "--modversion", "sqlite3"),
        swift=swift.split()[0] if swift else "",
        python=platform.python_version(),
        pyzmq=f"{zmq.pyzmq_version()} with libzmq {zmq.zmq_version()}",
    )


def _field(file: str, name: str) -> str:
    for line in Path(file).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
