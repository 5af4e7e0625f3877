"""The design around a PBTServer and a PBTClient: an object that a `multiprocessing` manager serves.

A client asks three times for a report: `save`, `should_exploit`, and `exploit` when there is
something to copy; it explores by itself. Run as a program, this serves until its input closes.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from multiprocessing.managers import BaseManager
from typing import TYPE_CHECKING

from bench.against.population import Population, Saved

HOST = "127.0.0.1"


class Server:
    """What clients call, each from a thread of its own."""

    def __init__(self) -> None:
        self._population = Population(random.Random(0))
        self._reports = 0
        self._lock = threading.Lock()

    def save(self, member: int, saved: Saved) -> None:
        with self._lock:
            self._population.saved[member] = saved
            self._reports += 1

    def should_exploit(self, member: int) -> bool:
        with self._lock:
            return self._population.should_exploit(member)

    def exploit(self, member: int) -> Saved:
        """What one of the best saved."""
        with self._lock:
            return self._population.saved[self._population.donor_for(member)]

    def reports(self) -> int:
        with self._lock:
            return self._reports


class Manager(BaseManager):
    if TYPE_CHECKING:

        def server(self) -> Server: ...


def connected(address: str, key: str) -> Server:
    """The server at a port, as a proxy."""
    Manager.register("server")
    manager = Manager((HOST, int(address)), key.encode())
    manager.connect()
    return manager.server()


def main() -> None:
    key = sys.stdin.readline().strip()
    server = Server()
    Manager.register(
        "server", lambda: server, exposed=("save", "should_exploit", "exploit", "reports")
    )
    serving = Manager((HOST, 0), key.encode()).get_server()
    assert isinstance(serving.address, tuple)
    print(serving.address[1], flush=True)

    def end_with_input() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_input, daemon=True).start()
    serving.serve_forever()


if __name__ == "__main__":
    main()
