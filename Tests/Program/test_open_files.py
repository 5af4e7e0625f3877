"""Few open files: what is needed is said before anything is begun."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from populations import SPACE, create
from program import Murmur
from support.waiting import START_SECONDS

WORKER = """
from murmuration import Worker
with Worker() as worker:
    while worker.training:
        worker.report(worker.target_step, 0.5, checkpoint="/checkpoint")
"""


def limit(soft: int, hard: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def run(
    binary: Path, *arguments: str, cwd: Path, soft: int, hard: int
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(binary), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=START_SECONDS,
        preexec_fn=limit(soft, hard),
    )


def commands(directory: Path) -> dict[str, list[str]]:
    space = directory / "space.csv"
    space.write_text(SPACE)
    trains = ["--workers", "1", "--", sys.executable, "-c", WORKER]
    return {
        "list": ["list"],
        "serve": ["serve", "--port", "0", "--data", "new"],
        "run": [
            *("run", "--space", str(space), "--population-size", "1", "--max-steps", "2"),
            *("--data", "new", *trains),
        ],
        "work": ["work", *trains],
    }


@pytest.mark.parametrize(
    ("command", "hard", "needed"),
    [
        *[(each, hard, 48) for each in ("list", "serve", "run", "work") for hard in (20, 34)],
        ("serve", 64, 96),
        ("run", 96, 132),
        ("work", 54, 52),
    ],
)
def test_too_few_open_files_are_said_at_once(
    command: str, hard: int, needed: int, idle: Murmur, tmp_path: Path
) -> None:
    done = run(idle.binary, *commands(tmp_path)[command], cwd=tmp_path, soft=hard, hard=hard)
    who = "murmur" if needed == 48 else f"murmur {command}"
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        f"Error: {who} needs {needed} open files more than it has, and the limit of this process "
        f"is {hard}; raise it where it was set: ulimit -n in the shell or script, nofile in "
        "/etc/security/limits.conf, or LimitNOFILE of a service.\n",
    )
    assert not (tmp_path / "new").exists()


def test_a_low_limit_is_raised_where_that_is_allowed(murmur: Murmur, tmp_path: Path) -> None:
    create(murmur, "p", "--population-size", "1", "--max-steps", "2")
    for command in ("list", "work", "run"):
        arguments = commands(tmp_path)[command]
        if command != "run":
            arguments[1:1] = ["--data", str(murmur.data)]
        done = run(murmur.binary, *arguments, cwd=tmp_path, soft=34, hard=512)
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_a_coordinator_serves_within_what_it_says_it_needs(idle: Murmur) -> None:
    limits = ("sh", "-c", 'ulimit -n 110 && exec "$@"', "sh")
    idle.launch("--port", "0", limits=limits)
    idle.wait_until_ready()
    create(idle, "p", "--population-size", "1")
    assert idle.murmur("list").split("\n")[1].startswith("p ")
