"""Runs the Swift tests that are built, and names those that hang.

    scripts/swift_tests.py [--filter PATTERN]… [--skip PATTERN]… [--no-parallel]

What passes is not printed. When no test has begun or ended for LIMIT_SECONDS, all that run hang:
each is named, what every thread of theirs waits in is shown, and the run fails. A test that has a
time limit of its own is ended by that, with what it waited for (Tests/Support/Waiting.swift).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

BUNDLE = Path(__file__).resolve().parents[1] / ".build" / "debug" / "murmurationPackageTests.xctest"
# Longer than the time limit that most tests have, which says more.
LIMIT_SECONDS = float(os.environ.get("MURMURATION_TEST_LIMIT") or 420)
# Tests that compute may take all processors. When hundreds more wait for one at once, those that
# talk with each other wait longer than they may.
os.environ.setdefault("SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH", "16")
# How much of each thread is shown, and how long that may take.
FRAMES = 12
STACKS_SECONDS = 120
SLOWEST = 10
# A process that a test left behind may hold the pipe.
PRINT_SECONDS = 10


@dataclass
class Run:
    """What the testing library says of the tests, a line of JSON for each thing that happens."""

    names: dict[str, str] = field(default_factory=dict)
    running: dict[str, float] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=time.monotonic)

    def take(self, line: bytes) -> None:
        record: dict[str, Any] = json.loads(line)
        content = record["payload"]
        if record["kind"] == "test":
            if content["kind"] == "function":
                self.names[content["id"]] = _name(content)
            return
        test = content.get("testID", "")
        if test not in self.names:
            return
        self.last = time.monotonic()
        if content["kind"] == "testStarted":
            self.running[test] = self.last
        elif content["kind"] == "testEnded":
            self.took[test] = self.last - self.running.pop(test, self.last)

    def hanging(self) -> str:
        now = time.monotonic()
        return "\n".join(
            f"  {self.names[test]}, since {now - begun:.0f} s"
            for test, begun in self.running.items()
        )

    def slowest(self) -> str:
        slow = sorted(self.took.items(), key=lambda each: -each[1])[:SLOWEST]
        return "\n".join(f"  {seconds:6.1f} s  {self.names[test]}" for test, seconds in slow)


def _name(test: dict[str, Any]) -> str:
    place = test["sourceLocation"]
    return f"“{test.get('displayName') or test['name']}” ({place['fileID']}:{place['line']})"


def main(options: list[str]) -> int:
    run = Run()
    with tempfile.TemporaryDirectory() as directory:
        stream = Path(directory, "events")
        stream.touch()
        command = ["--event-stream-output-path", str(stream), "--event-stream-version", "0"]
        process = subprocess.Popen(
            [*_tests(), *command, *options],
            # What is printed is read below.
            env={**os.environ, "NO_COLOR": "1"},
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        printer = threading.Thread(
            target=_print_what_counts, args=[_there(process.stdout)], daemon=True
        )
        printer.start()
        try:
            with stream.open("rb") as events:
                return _follow(run, process, events)
        finally:
            _kill(process)
            printer.join(PRINT_SECONDS)
            # Where many run at once, most of the time is that of the others.
            if "--no-parallel" in options:
                print(f"The slowest tests:\n{run.slowest()}", flush=True)


def _tests() -> list[str]:
    """The program that `swift test` runs too, when it has planned the whole build, for 9 s."""
    if sys.platform != "linux":
        return ["swift", "test", "--skip-build", "--disable-xctest"]
    if not BUNDLE.exists():
        sys.exit("The Swift tests are not built; build them first (swift build --build-tests).")
    return [str(BUNDLE), "--testing-library", "swift-testing"]


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _print_what_counts(lines: IO[bytes]) -> None:
    """Leaves out that a test began, passed or was skipped, with the lines that belong to that."""
    is_left_out = False
    for line in lines:
        text = line.decode(errors="replace").rstrip("\n")
        if text[:2] in ("◇ ", "✔ ", "➜ "):
            is_left_out = "Test run with" not in text
        elif text[:2] in ("✘ ", "↳ ", "⚠ ") or "rror" in text or text.startswith("*** "):
            is_left_out = False
        if not is_left_out:
            print(text, flush=True)


def _follow(run: Run, process: subprocess.Popen[bytes], events: IO[bytes]) -> int:
    rest = b""
    while True:
        code = process.poll()
        *lines, rest = (rest + events.read()).split(b"\n")
        for line in lines:
            run.take(line)
        if code is not None:
            return code
        if time.monotonic() - run.last > LIMIT_SECONDS:
            print(
                f"No test has begun or ended for {LIMIT_SECONDS:g} s. These hang:\n{run.hanging()}",
                flush=True,
            )
            _show_threads(process)
            print(f"These hang:\n{run.hanging()}", flush=True)
            return 1
        time.sleep(0.2)


def _show_threads(process: subprocess.Popen[bytes]) -> None:
    debugger = shutil.which("gdb")
    if debugger is None:
        print("gdb would show what their threads wait in; it is not installed.", flush=True)
        return
    print("This is what the threads of their process wait in:", flush=True)
    for pid in _descendants(process.pid):
        command = [debugger, "-p", str(pid), "-batch", "-ex", f"thread apply all bt {FRAMES}"]
        subprocess.run(command, stderr=subprocess.DEVNULL, timeout=STACKS_SECONDS, check=False)


def _descendants(root: int) -> list[int]:
    """The processes that run tests: one, and those that it starts for exit tests."""
    listed = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid=,args="], text=True)
    parents: dict[int, int] = {}
    tests = []
    for line in listed.splitlines():
        pid, parent, arguments = line.split(None, 2)
        parents[int(pid)] = int(parent)
        if ".xctest" in arguments:
            tests.append(int(pid))

    def descends(pid: int) -> bool:
        while pid in parents and pid != root:
            pid = parents[pid]
        return pid == root

    return [pid for pid in tests if descends(pid)]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends all that it started and that is still there."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
