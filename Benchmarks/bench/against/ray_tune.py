"""Ray Tune, in a virtual environment of its own, for it is heavy (630 MB).

The environment is made in `.build-ray` when it is missing, with the version that is named here:

    python3 -m venv .build-ray
    .build-ray/bin/python -m pip install 'ray[tune]==2.60.0'
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.against.clocks import descendants
from bench.against.errors import BenchmarkError
from bench.against.processes import BENCHMARKS, Child, started
from bench.against.result import Round

NAME = "ray"
VERSION = "2.60.0"
TITLE = f"Ray Tune {VERSION}"
ENVIRONMENT = BENCHMARKS.parent / ".build-ray"
INSTALL_SECONDS = 600.0
ROUND_SECONDS = 180.0
_END_SECONDS = 10.0


def install(tell: Callable[[str], None]) -> None:
    """Makes the virtual environment, unless it is there with this version."""
    mark = ENVIRONMENT / ".installed"
    if mark.exists() and mark.read_text() == VERSION:
        return
    tell(f"installing Ray {VERSION} into {ENVIRONMENT.name}")
    python = ENVIRONMENT / "bin" / "python"
    if ENVIRONMENT.exists():
        shutil.rmtree(ENVIRONMENT)
    for command in (
        [sys.executable, "-m", "venv", str(ENVIRONMENT)],
        [str(python), "-m", "pip", "install", "--quiet", f"ray[tune]=={VERSION}"],
    ):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            raise BenchmarkError(
                f"Ray was not installed within {INSTALL_SECONDS:g} s; try again."
            ) from None
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise BenchmarkError(f"Ray could not be installed: {' '.join(said)}")
    mark.write_text(VERSION)


def measured_once(members: int, processes: int, warm_up: int, reports: int) -> Round:
    """One round, with a Ray that is started for it and stopped after it."""
    # Ray's sockets lie in it, and the path of one has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as name:
        directory = Path(name)
        environment = {
            "PYTHONPATH": str(BENCHMARKS),
            "RAY_USAGE_STATS_ENABLED": "0",
            # With it Ray stays on 127.0.0.1, which it otherwise replaces by another address.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        }
        command = [str(ENVIRONMENT / "bin" / "python"), "-m", "bench.against.ray_driver"]
        command += [str(each) for each in (directory, members, processes, warm_up, reports)]
        with started(command, directory / "driver.log", environment) as driver:
            try:
                return _round_of(driver, directory / "round.json")
            finally:
                _end(driver)


def _round_of(driver: Child, path: Path) -> Round:
    until = time.monotonic() + ROUND_SECONDS
    while not path.exists():
        driver.check()
        if time.monotonic() > until:
            raise BenchmarkError(
                f"Ray took more than {ROUND_SECONDS:g} s; it said: {driver.last_words}"
            )
        time.sleep(0.1)
    return Round(**json.loads(path.read_text()))


def _end(driver: Child) -> None:
    """Lets the driver end Ray, and then whatever of Ray is left."""
    processes = {pid: began for pid in descendants(driver.pid) if (began := _began(pid))}
    driver.stop()
    until = time.monotonic() + _END_SECONDS
    while processes and time.monotonic() < until:
        processes = {pid: began for pid, began in processes.items() if _began(pid) == began}
        time.sleep(0.05)
    for pid in processes:
        os.kill(pid, signal.SIGKILL)


def _began(pid: int) -> str | None:
    """When a process began, which tells it from a later one with its number."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]
