"""`murmur web`: the process, and requests to it as a browser or an attacker makes them."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import zmq
from program import murmur_binary
from support.waiting import STOP_SECONDS, WAIT_SECONDS, wait_until

ADDRESS = re.compile(r"http://([\w.]+):(\d+)/\?token=(\w+)")


class Page:
    """A page that is served: where, and with which token."""

    def __init__(self, line: str) -> None:
        found = ADDRESS.search(line)
        assert found, f"no address is printed: {line!r}"
        self.host, self.port, self.token = found[1], int(found[2]), found[3]

    def ask(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> tuple[int, dict[str, str], bytes]:
        """Asks as whoever has the token does, unless `headers` says who asks."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=WAIT_SECONDS)
        try:
            connection.request(method, path, headers=self.key if headers is None else headers)
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            connection.close()

    @property
    def key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def text(self, path: str) -> str:
        status, _, body = self.ask(path)
        assert status == 200, (status, body)
        return body.decode()

    def json(self, path: str) -> Any:
        return json.loads(self.text(path))

    def population(self, name: str, path: str) -> Any:
        return self.json(f"/api/populations/{name}/{path}")

    def wait_for(self, name: str, committed: int) -> None:
        """Waits until so much of a population's history is taken in."""

        def is_there() -> bool:
            found = [p for p in self.json("/api/state")["populations"] if p["name"] == name]
            return (
                bool(found) and found[0]["committed"] >= committed and not found[0].get("loading")
            )

        wait_until(is_there, f"the page has event {committed} of {name}")

    def connect(self) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout=WAIT_SECONDS)

    def raw(self, request: bytes) -> bytes:
        """All that comes before the connection is closed."""
        with self.connect() as connection:
            with contextlib.suppress(OSError):
                # It may be refused before all of it is sent.
                connection.sendall(request)
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer


@contextmanager
def page(*options: str) -> Iterator[tuple[Page, subprocess.Popen[str]]]:
    """A page at a free port."""
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    command = [str(binary), "web", *options]
    if "--port" not in options:
        command += ["--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Page(process.stdout.readline()), process
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


class Stream:
    """Server-sent events of a page, as they come."""

    def __init__(self, page: Page, population: str, last: int | None = None) -> None:
        path = f"/api/stream?population={population}"
        headers = page.key | ({} if last is None else {"Last-Event-ID": str(last)})
        self.connection = http.client.HTTPConnection(page.host, page.port, timeout=WAIT_SECONDS)
        self.connection.request("GET", path, headers=headers)
        self.reply = self.connection.getresponse()
        assert self.reply.status == 200, self.reply.read()

    def next(self) -> tuple[str, Any, str | None]:
        """The next event's name, data and id."""
        name, data, number = "", None, None
        while True:
            line = self.reply.readline().decode()
            assert line, "the stream ended"
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = json.loads(value)
            elif field == "id":
                number = value
            elif not line.strip() and name:
                return name, data, number

    def next_of(self, kind: str) -> tuple[Any, str | None]:
        while True:
            name, data, number = self.next()
            if name == kind:
                return data, number

    def close(self) -> None:
        # What is read until the connection's end has the socket for itself.
        self.reply.close()
        self.connection.close()


class HostileCoordinator:
    """Answers whatever is asked with bytes that mean nothing, many times over."""

    def __init__(self, seed: int = 20) -> None:
        self.random = random.Random(seed)
        context: Any = zmq.Context.instance()
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.port: int = self.socket.bind_to_random_port("tcp://127.0.0.1")
        self.answered = 0
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._run)

    @property
    def url(self) -> str:
        return f"murmur://127.0.0.1:{self.port}"

    def _run(self) -> None:
        while not self.ends.is_set():
            if not self.socket.poll(50):
                continue
            peer, *_ = self.socket.recv_multipart()
            for _ in range(20):
                size = self.random.choice([0, 1, 40, 60_000])
                self.socket.send_multipart([peer, self.random.randbytes(size)])
            self.answered += 1
        self.socket.close()

    def __enter__(self) -> HostileCoordinator:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.ends.set()
        self.thread.join()


def resident_kilobytes(process: subprocess.Popen[str]) -> int:
    """Memory that the process has now."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1])
