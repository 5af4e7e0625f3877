"""`murmur web`, which shows a coordinator's populations to browsers."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.servers import MURMUR, BenchError

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=(\w+)")
_PATIENCE = 120.0
_STOPPING = 10.0


@dataclass(frozen=True)
class Page:
    """A page that is served."""

    port: int
    token: str
    pid: int

    @property
    def address(self) -> str:
        """What a browser opens."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def ask(self, question: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", f"/api/{question}", headers=self.headers)
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise BenchError(f"murmur web answered {answer.status} to {question}: {body!r}")
        return json.loads(body)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def view(self, population: str, name: str) -> str:
        """The address of a view, for a browser that has the token already."""
        return f"http://127.0.0.1:{self.port}/#/{population}/{name}"

    def wait_for(self, population: str, *, whole: bool = True) -> None:
        """Until it knows the population and, if it is to be whole, all that had happened in it."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            known = {each["name"]: each for each in self.ask("state")["populations"]}
            if population in known and not (whole and known[population].get("loading")):
                return
            time.sleep(0.005)
        raise BenchError(f"murmur web did not take in {population}.")


@contextlib.contextmanager
def page(data: Path) -> Iterator[Page]:
    """The page of a data directory, whose coordinator runs or does not."""
    command = [str(MURMUR), "web", "--data", str(data), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = _ADDRESS.search(process.stdout.readline())
            if not found:
                raise BenchError("murmur web did not start.")
            yield Page(int(found[1]), found[2], process.pid)
        finally:
            process.terminate()
            try:
                process.wait(_STOPPING)
            except subprocess.TimeoutExpired:
                process.kill()
