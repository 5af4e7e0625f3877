"""A TCP relay that does to connections what networks do: cuts, corrupts and swallows."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections import deque
from collections.abc import Callable
from enum import Enum
from types import TracebackType

END_SECONDS = 20.0


class Way(Enum):
    UP = "to the coordinator"
    DOWN = "to the client"


# What becomes of bytes that came: those to pass on, and whether the connection ends then.
Fault = Callable[[bytes], tuple[bytes, bool]]


def cut_after(share: float) -> Fault:
    """Passes on a share of the bytes, at least one and not all, and then cuts the connection."""

    def cut(data: bytes) -> tuple[bytes, bool]:
        return data[: min(max(1, int(len(data) * share)), len(data) - 1)], True

    return cut


def corrupt(data: bytes) -> tuple[bytes, bool]:
    """Changes one bit in the middle."""
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 1
    return bytes(changed), False


class _Link:
    """The two sockets of a relayed connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.ends = (client, server)
        self.ways = {Way.UP: (client, server), Way.DOWN: (server, client)}
        self.is_hole = False

    def cut(self) -> None:
        """Wakes both directions, which then end."""
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Proxy:
    """Relays connections to a port of this machine, each with threads of its own."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._links: set[_Link] = set()
        self._faults: dict[Way, deque[tuple[Fault, threading.Event]]] = {
            way: deque() for way in Way
        }
        self._chance = 0.0
        self._random = random.Random()
        self.connections = 0
        self.faults_done = 0
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)

    def __enter__(self) -> Proxy:
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closing alone does not wake the thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(END_SECONDS)
        self._listener.close()
        self.cut_all()
        for thread in self._threads:
            thread.join(END_SECONDS)

    def url(self, url: str) -> str:
        """The address of a coordinator on this machine, by way of this proxy."""
        return f"{url.rpartition(':')[0]}:{self.port}"

    # ------------------------------------------------------------------------------------ faults

    def strike(self, way: Way, fault: Fault) -> threading.Event:
        """Does something to the next bytes that go this way, and says when it is done."""
        done = threading.Event()
        with self._lock:
            self._faults[way].append((fault, done))
        return done

    def strike_at_random(self, chance: float, seed: int) -> None:
        """Cuts with this chance at whatever passes, either way, anywhere in it."""
        with self._lock:
            self._chance = chance
            self._random = random.Random(seed)

    def cut_all(self) -> None:
        with self._lock:
            links = list(self._links)
        for link in links:
            link.cut()

    def swallow_all(self) -> None:
        """Lets nothing more through the connections that stand; they stay open, and silent."""
        with self._lock:
            for link in self._links:
                link.is_hole = True

    # ----------------------------------------------------------------------------------- threads

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target), END_SECONDS)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self._relay(_Link(client, server))

    def _relay(self, link: _Link) -> None:
        for end in link.ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._links.add(link)
            self.connections += 1
        threads = [threading.Thread(target=self._pass_on, args=(link, way)) for way in Way]
        self._threads = [thread for thread in self._threads if thread.is_alive()] + threads
        for thread in threads:
            thread.start()

    def _pass_on(self, link: _Link, way: Way) -> None:
        source, sink = link.ways[way]
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if link.is_hole:
                    continue
                passed, ends = self._struck(way, data)
                sink.sendall(passed)
                if ends:
                    break
        link.cut()
        with self._lock:
            self._links.discard(link)
            del link.ways[way]
            is_last = not link.ways
        # The direction that ends first may not: the other one still reads.
        if is_last:
            for end in link.ends:
                end.close()

    def _struck(self, way: Way, data: bytes) -> tuple[bytes, bool]:
        with self._lock:
            if self._faults[way] and len(data) > 1:
                fault, done = self._faults[way].popleft()
                self.faults_done += 1
                done.set()
                return fault(data)
            if len(data) > 1 and self._random.random() < self._chance:
                self.faults_done += 1
                return cut_after(self._random.random())(data)
        return data, False
