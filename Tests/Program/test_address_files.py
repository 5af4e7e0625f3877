"""A coordinator that comes back at another port, and workers that find it by its address's file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from populations import create, journal
from program import Murmur
from support.waiting import STOP_SECONDS, wait_until

from murmuration import Address

TRAINS = """
import time
from murmuration import Worker
with Worker() as worker:
    while worker.training:
        time.sleep(0.1)
        step = worker.target_step
        worker.report(step, 1.0, checkpoint=f"/c/{worker.member}/{step}")
"""


def work(murmur: Murmur, url: str) -> subprocess.Popen[str]:
    command = [str(murmur.binary), "work", "--workers", "2", "--logs", str(murmur.data / "logs")]
    return subprocess.Popen(
        [*command, "--", sys.executable, "-c", TRAINS],
        env={**os.environ, "MURMUR_URL": url, "MURMUR_POPULATION": "p"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def reports(murmur: Murmur) -> int:
    rows = journal(murmur, "SELECT count(*) FROM event WHERE kind = 'reported'")
    return int(str(rows[0][0]))


def wait_for(murmur: Murmur, count: int) -> None:
    wait_until(lambda: reports(murmur) >= count, f"{count} reports")


def test_workers_train_on_where_the_coordinator_comes_back(idle: Murmur) -> None:
    url = f"file:{idle.data}/url"
    idle.start("--port", "0")
    # Nobody copies, so that each step is reported once.
    create(idle, "p", "--population-size", "2", "--max-steps", "60", "--fraction", "0")
    working = work(idle, url)
    ports = {Address.parse(idle.url).port}
    for seen in (2, 20, 40):
        wait_for(idle, seen)
        idle.kill()
        idle.start("--port", "0")
        ports.add(Address.parse(idle.url).port)
    said, _ = working.communicate(timeout=STOP_SECONDS)
    assert working.returncode == 0, said
    assert len(ports) > 1
    assert reports(idle) == 120
    rows = journal(idle, "SELECT DISTINCT detail FROM event WHERE kind = 'released'")
    # A worker may go over to who has trained less, and no lease lapsed.
    assert {("finished",)} <= set(rows) <= {("finished",), ("switched",)}
    # The commands read the same file.
    board = [str(idle.binary), "leaderboard", "p", "--url", url]
    done = subprocess.run(board, capture_output=True, text=True, timeout=STOP_SECONDS, check=True)
    assert "60" in done.stdout
    idle.check()


def test_workers_wait_for_a_coordinator_that_is_started_later(idle: Murmur) -> None:
    idle.start("--port", "0")
    create(idle, "p", "--population-size", "2", "--max-steps", "2")
    idle.stop()
    Path(idle.data, "url").unlink(missing_ok=True)
    working = work(idle, f"file:{idle.data}/url")
    assert working.stdout is not None
    assert "There is no address in the file" in working.stdout.readline()
    idle.start("--port", "0")
    said, _ = working.communicate(timeout=STOP_SECONDS)
    assert working.returncode == 0, said


def test_commands_say_what_is_wrong_with_a_file(idle: Murmur, tmp_path: Path) -> None:
    file = tmp_path / "url"

    def refused(url: str) -> str:
        command = [str(idle.binary), "list", "--url", url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=STOP_SECONDS)
        assert done.returncode != 0
        return done.stderr

    assert f"There is no address in the file {file} yet" in refused(f"file:{file}")
    file.write_text("tcp://somewhere:1")
    assert f"The file {file} holds no address: " in refused(f"file:{file}")
    assert "names no file" in refused("file:")
