"""A script that ends without leaving gives its members back all the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from support.coordinator import Coordinator, lease
from support.waiting import START_SECONDS

BEGIN = """
import os, sys, threading
from murmuration import PBTClient, Timing, Worker
def train():
    worker = {made}
"""
MADE = {
    "Worker": "Worker({url!r})",
    "PBTClient": "PBTClient({url!r}, name='w')",
}
# Each ends with the worker alive, or with one that went just before.
ENDS = {
    "its last line": ("    return worker\nkept = train()\n", 0),
    "a function": ("train()\n", 0),
    "an exception": ("    raise ValueError\ntrain()\n", 1),
    "sys.exit": ("    return worker\nkept = train()\nsys.exit(3)\n", 3),
}


def script(coordinator: Coordinator, kind: str, end: str) -> subprocess.CompletedProcess[str]:
    coordinator.answers.append(lease())
    made = MADE[kind].format(url=coordinator.url)
    return subprocess.run(
        [sys.executable, "-c", BEGIN.format(made=made) + end],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        env={name: value for name, value in os.environ.items() if "MURMUR" not in name},
    )


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("end", ENDS)
def test_the_end_of_a_script_gives_its_member_back(
    kind: str, end: str, coordinator: Coordinator
) -> None:
    text, code = ENDS[end]
    done = script(coordinator, kind, text)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr == "" or end == "an exception"
    assert coordinator.next("leave").request.leave.lease == 7
    assert coordinator.count("leave") == 1


def test_who_has_left_does_not_leave_again_at_the_end(coordinator: Coordinator) -> None:
    done = script(coordinator, "Worker", "    worker.leave()\n    return worker\nkept = train()\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert coordinator.count("leave") == 1


def test_a_forked_child_gives_nothing_back_at_its_end(coordinator: Coordinator) -> None:
    end = (
        "    return worker\nkept = train()\n"
        "child = os.fork()\n"
        "if child == 0: sys.exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "os._exit(0)\n"
    )
    assert script(coordinator, "Worker", end).returncode == 0
    assert coordinator.count("leave") == 0


def test_a_script_whose_coordinator_is_away_ends_without_a_word(coordinator: Coordinator) -> None:
    coordinator.answers.append(lease())
    end = "    return worker\nkept = train()\nprint('trains', flush=True)\ninput()\n"
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN.format(made=MADE["Worker"].format(url=coordinator.url)) + end],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "trains\n"
        coordinator.stop()
        said, warned = process.communicate("\n", timeout=START_SECONDS)
    assert (process.returncode, said, warned) == (0, "", "")
