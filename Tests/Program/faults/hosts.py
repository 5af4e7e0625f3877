"""Hosts that share a disk: each has a name, a mount of its own, and a coordinator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from program import Murmur, murmur_binary
from support.waiting import STOP_SECONDS, wait_until

PROGRAM = Path(__file__).with_name("shared_disk.py")
NAMED = 'echo "$0" >/proc/sys/kernel/hostname && exec "$@"'


@dataclass
class Host(Murmur):
    """A coordinator on a host of its own, in a directory that hosts share."""

    name: str = ""
    folder: Path = Path()
    _copies: int = field(default=0, init=False)

    @property
    def home(self) -> Path:
        return self.folder

    @property
    def log_file(self) -> Path:
        return self.folder / f"{self.name}.log"

    def journal_file(self) -> Path:
        """A copy: nobody reads beside a coordinator where hosts share a disk."""
        self._copies += 1
        copy = self.folder / f"{self.name}-{self._copies}.sqlite"
        self._run("backup", str(self.data), str(copy))
        return copy

    def launch(self, *options: str, limits: Sequence[str] = ()) -> None:
        named = ("unshare", "--uts", "sh", "-c", NAMED, self.name)
        super().launch(*options, limits=[*named, *limits])


class Hosts:
    """The hosts of a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._disk = folder / "disk"
        self._disk.mkdir()
        self._mounts: list[subprocess.Popen[bytes]] = []
        self._hosts: list[Host] = []

    def host(self, name: str, *options: str, prefix: Sequence[str] = ()) -> Host:
        """A host, with the shared disk mounted as `options` of shared_disk.py say."""
        binary = murmur_binary()
        assert binary is not None, "build the binary first (swift build), or set MURMUR_BIN"
        data = self.mount(name, *options) / "data"
        host = Host(binary, data, prefix=prefix, name=name, folder=self._folder)
        self._hosts.append(host)
        return host

    def mount(self, name: str, *options: str) -> Path:
        mountpoint = self._folder / f"mount-{name}"
        mountpoint.mkdir()
        log = self._folder / f"mount-{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, str(PROGRAM), str(self._disk), str(mountpoint), *options],
                stdout=output,
                stderr=output,
            )
        self._mounts.append(process)
        wait_until(
            lambda: os.path.ismount(mountpoint) or process.poll() is not None,
            lambda: f"{mountpoint} is mounted: {log.read_text()}",
        )
        if process.poll() is not None:
            said = log.read_text().strip().splitlines()
            pytest.skip(f"FUSE cannot be had here: {said[-1] if said else 'it says nothing'}")
        return mountpoint

    def close(self) -> None:
        for host in self._hosts:
            if host.process is not None and host.process.poll() is None:
                host.process.send_signal(signal.SIGCONT)
                host.kill()
        for process in self._mounts:
            # It unmounts then.
            process.terminate()
            process.wait(STOP_SECONDS)


@contextmanager
def sharing(folder: Path) -> Iterator[Hosts]:
    """Hosts that share a disk, on a machine that lets a test name hosts and mount file systems."""
    if sys.platform != "linux":
        pytest.skip("hosts are namespaces of Linux")
    tried = subprocess.run(
        ["unshare", "--uts", "sh", "-c", NAMED, "host", "true"], capture_output=True, text=True
    )
    if tried.returncode != 0:
        pytest.skip(f"a host cannot be named here: {tried.stderr.strip()}")
    hosts = Hosts(folder)
    try:
        yield hosts
    finally:
        hosts.close()
