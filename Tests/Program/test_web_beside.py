"""`--web` starts the page beside a coordinator: neither ends nor slows the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from program import murmur_binary
from support.waiting import STOP_SECONDS, wait_until
from web import Page

SPACE = "name,min,max,scale\nrate,0.0001,0.1,log\n"
TRAIN = """
import time
from murmuration import Worker

with Worker() as worker:
    while worker.training:
        time.sleep(0.05)
        worker.report(worker.target_step, 1.0, checkpoint="/c")
"""


@contextmanager
def murmur(*arguments: str) -> Iterator[tuple[Page, subprocess.Popen[str]]]:
    """The command, and the page that it says it started."""
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    with subprocess.Popen([str(binary), *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if line.startswith("In a browser: "))
            yield Page(line), process
        finally:
            process.kill()
            process.wait(STOP_SECONDS)


def is_served(page: Page) -> bool:
    try:
        return page.ask("/api/state")[0] == 200
    except OSError:
        return False


@pytest.fixture
def serving(tmp_path: Path) -> list[str]:
    return ["serve", "--web", "--port", "0", "--data", str(tmp_path / "data")]


@pytest.fixture
def running(tmp_path: Path) -> list[str]:
    (tmp_path / "space.csv").write_text(SPACE)
    (tmp_path / "train.py").write_text(TRAIN)
    return [
        "run", "--web", "--space", str(tmp_path / "space.csv"), "--population-size", "2",
        "--workers", "1", "--data", str(tmp_path / "runs"),
        "--", sys.executable, str(tmp_path / "train.py"),
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["serving", "running"])
def test_a_page_ends_with_its_coordinator(command: str, request: pytest.FixtureRequest) -> None:
    with murmur(*request.getfixturevalue(command)) as (page, process):
        assert is_served(page)
        process.send_signal(signal.SIGKILL)
        process.wait(STOP_SECONDS)
        wait_until(lambda: not is_served(page), "the page is gone")


@pytest.mark.skipif(sys.platform != "linux", reason="a process's children are read from /proc")
def test_a_run_goes_on_without_its_page(running: list[str]) -> None:
    with murmur(*running) as (page, process):
        page.wait_for("space", 1)
        reports = page.population("space", "board")["summary"]["reports"]
        [page_process] = children(process.pid, "web")
        os.kill(page_process, signal.SIGKILL)
        wait_until(lambda: not is_served(page), "the page is gone")
        data = running[running.index("--data") + 1]

        def trained() -> int:
            shown = subprocess.run(
                [running_binary(), "list", "--data", data, "--json"],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            return int(shown.stdout.split('"reports":')[1].split(",")[0])

        wait_until(lambda: trained() > reports + 5, "it trains on")
        assert process.poll() is None


def running_binary() -> str:
    binary = murmur_binary()
    assert binary is not None
    return str(binary)


def children(parent: int, command: str) -> list[int]:
    """The processes that a process has, which run a command of murmur."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            status = (path / "stat").read_text().rsplit(")", 1)[1].split()
            words = (path / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(status[1]) == parent and len(words) > 1 and words[1] == command.encode():
            found.append(int(path.name))
    return found
