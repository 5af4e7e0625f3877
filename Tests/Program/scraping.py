"""Metrics as Prometheus reads them, and what the guide says of each."""

from __future__ import annotations

import http.client
import re
import subprocess
from contextlib import closing

from exposition import Exposition, parse
from support.repository import REPOSITORY
from support.waiting import WAIT_SECONDS

GUIDE = REPOSITORY / "docs" / "guide" / "metrics.md"


def port_in(log: str) -> int:
    """Where a program says that its metrics are."""
    found = re.search(r"Metrics are at http://127\.0\.0\.1:(\d+)/metrics\.", log)
    assert found, f"it does not say where its metrics are: {log}"
    return int(found[1])


def served_metrics(process: subprocess.Popen[str]) -> int:
    """The port that a program says in its next line."""
    assert process.stdout is not None
    return port_in(process.stdout.readline())


def scrape(port: int) -> Exposition:
    with closing(http.client.HTTPConnection("127.0.0.1", port, WAIT_SECONDS)) as asked:
        asked.request("GET", "/metrics")
        return parse(asked.getresponse().read().decode())


def guide(*, of_pages: bool = False) -> dict[str, list[str]]:
    """The page's tables: type, unit, labels and meaning of each metric of coordinators or pages."""
    found = re.findall(r"^\| `(\w+)` \| (.+) \|$", GUIDE.read_text(), re.MULTILINE)
    return {
        name: [cell.strip() for cell in cells.split("|")]
        for name, cells in found
        if name.startswith("murmur_web_") == of_pages
    }
