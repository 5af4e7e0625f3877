"""A network of many hosts on one machine: network namespaces, joined by a bridge in one more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest


class Network:
    """Hosts by their numbers, from 0. Nothing of them is in the machine's own network."""

    def __init__(self, hosts: int) -> None:
        self.hosts = hosts
        # Other processes make such networks too.
        self._name = f"murmur-{os.getpid()}"
        self._hub = f"{self._name}-hub"

    def address(self, host: int) -> str:
        return f"10.77.{host // 250}.{host % 250 + 1}"

    def on(self, host: int) -> tuple[str, ...]:
        """A command that runs others on a host."""
        return ("nsenter", f"--net=/run/netns/{self._namespace(host)}")

    def _namespace(self, host: int) -> str:
        return f"{self._name}-{host}"

    def make(self) -> None:
        names = [self._namespace(host) for host in range(self.hosts)]
        _ip([f"netns add {name}" for name in [self._hub, *names]])
        _ip(["link add bridge type bridge", "link set bridge up"], self._hub)
        _ip(
            f"link add to-{host} netns {self._hub} type veth peer name net0 netns {name}"
            for host, name in enumerate(names)
        )
        _ip((f"link set to-{host} master bridge up" for host in range(self.hosts)), self._hub)
        for host, name in enumerate(names):
            address = f"address add {self.address(host)}/16 dev net0"
            _ip([address, "link set net0 up", "link set lo up"], name)

    def remove(self) -> None:
        """Whoever still runs there keeps a namespace, without a name."""
        names = [self._namespace(host) for host in range(self.hosts)]
        for name in [*names, self._hub]:
            # One that was not made need not go.
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def _ip(lines: Iterator[str] | Sequence[str], namespace: str | None = None) -> None:
    within = ["-netns", namespace] if namespace else []
    subprocess.run(
        ["ip", *within, "-batch", "-"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )


@contextmanager
def networking(hosts: int) -> Iterator[Network]:
    """So many hosts, on a machine that lets a test make them."""
    if sys.platform != "linux":
        pytest.skip("hosts are network namespaces of Linux")
    network = Network(hosts)
    try:
        network.make()
    except FileNotFoundError:
        network.remove()
        pytest.skip("a network takes the program ip (iproute2)")
    except subprocess.CalledProcessError as error:
        network.remove()
        pytest.skip(f"a network is not allowed here: {error.stderr.strip()}")
    try:
        yield network
    finally:
        network.remove()
