"""Asks for what open pages ask for, without a browser: many of those need more than a machine.

    python -m bench.pages.readers PORT TOKEN POPULATION COUNT

It prints a line when all have begun, and at the end of its input what they got.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

#: What each view asks for, again and again.
VIEWS = {
    "now": ["scores?points=160"],
    "scores": ["scores?points=400"],
    "lineage": ["lineage?nodes=5000"],
    "hyperparameters": ["hyperparameters?points=200"],
    "workers": ["workers"],
    "diversity": ["diversity?points=200"],
    "events": [],
    "best": ["best", "schedule"],
}
#: A view asks again after so long, or after so many times what the answer took.
_SOONEST = 1.0
_TIMES = 3
#: Between two looks at which populations there are.
_STATE = 10.0


@dataclass
class Got:
    streams: int = 0
    boards: int = 0
    answers: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def each_second(self, count: int) -> float:
        return count / self.seconds if self.seconds else 0.0


class Reader:
    """One page that is open at a view."""

    def __init__(self, port: int, token: str, population: str, view: str, got: Got) -> None:
        self.port, self.population, self.view, self.got = port, population, view, got
        self.head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"

    async def read(self) -> None:
        paths = [f"populations/{self.population}/{each}" for each in VIEWS[self.view]]
        await asyncio.gather(
            self._stream(), self._ask(["state"], _STATE), self._ask(paths, _SOONEST)
        )

    def _request(self, path: str) -> bytes:
        return f"GET /api/{path} HTTP/1.1\r\n{self.head}".encode()

    async def _stream(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(self._request(f"stream?population={self.population}"))
        head = await reader.readuntil(b"\r\n\r\n")
        _check(head)
        self.got.streams += 1
        while part := await reader.read(1 << 16):
            self.got.bytes += len(part)
            self.got.boards += part.count(b"event: board\n")
        raise ConnectionError("A stream ended.")

    async def _ask(self, paths: list[str], pause: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while True:
            begin = time.monotonic()
            for path in paths:
                writer.write(self._request(path))
                head = await reader.readuntil(b"\r\n\r\n")
                _check(head)
                length = next(
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                )
                await reader.readexactly(length)
                self.got.bytes += length
                self.got.answers += 1
            await asyncio.sleep(max(pause, _TIMES * (time.monotonic() - begin)))


def _check(head: bytes) -> None:
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(head.partition(b"\r\n")[0].decode())


async def _main(port: int, token: str, population: str, count: int) -> None:
    got = Got()
    views = list(VIEWS)
    readers = [
        Reader(port, token, population, views[number % len(views)], got) for number in range(count)
    ]
    tasks = [asyncio.create_task(each.read()) for each in readers]
    end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while got.streams < count and not any(each.done() for each in tasks):
        await asyncio.sleep(0.01)
    print("begun", flush=True)
    got.boards, got.answers, got.bytes, begin = 0, 0, 0, time.monotonic()
    done, _ = await asyncio.wait([*tasks, end], return_when=asyncio.FIRST_COMPLETED)
    for each in tasks:
        if each in done:
            each.result()
        each.cancel()
    got.seconds = time.monotonic() - begin
    print(json.dumps(asdict(got)), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
