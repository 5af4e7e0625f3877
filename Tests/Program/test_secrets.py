"""Secrets: in no list of processes, in no log, and in nothing that is printed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from program import Murmur
from support.waiting import START_SECONDS, STOP_SECONDS, wait_until

from murmuration import (
    PBTServer,
)
from murmuration._connection.address import Address

SECRET = "correct-horse-battery-staple"
WORKER = "import time; print('here', flush=True); time.sleep(600)"

lists_processes = pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="this system shows its processes otherwise"
)


def command_lines(root: int) -> list[bytes]:
    """Of a process and all that descend from it, as anybody on this machine may read them."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text(errors="replace")
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            parents[int(entry.name)] = (int(status.rpartition(")")[2].split()[1]), line)
    found = {root}
    while more := {pid for pid, (parent, _) in parents.items() if parent in found} - found:
        found |= more
    return [parents[pid][1] for pid in found if pid in parents]


@contextmanager
def running(command: list[str], directory: Path, **environment: str) -> Iterator[Path]:
    """Runs a command, whose output is in the file that it yields, and looks at its processes."""
    said = directory / "said"
    with said.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            cwd=directory,
            env={**os.environ, **environment},
        )
    try:
        yield said
        assert process.poll() is None, said.read_text()
        lines = command_lines(process.pid)
        assert any(WORKER.encode() in line for line in lines), lines
        assert any(b"hold-worker" in line for line in lines), lines
        assert not any(SECRET.encode() in line for line in lines), lines
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def texts(directory: Path) -> str:
    """All that is in a directory's logs and other files but the address."""
    return "".join(
        path.read_bytes().decode(errors="replace")
        for path in directory.rglob("*")
        if path.is_file() and path.name not in ("url", "data.secret")
    )


@lists_processes
def test_serving_and_working_show_no_secret(idle: Murmur, tmp_path: Path) -> None:
    idle.start_with_secret(SECRET, "--port", "0")
    assert idle.process is not None
    assert SECRET in idle.url
    space = tmp_path / "space.csv"
    space.write_text("rate,0.1,1,log\n")
    idle.murmur("create", "digits", "--space", str(space))
    work = [str(idle.binary), "work", "--workers", "1", "--", sys.executable, "-c", WORKER]
    with running(work, tmp_path, MURMUR_URL=idle.url):
        log = tmp_path / "worker-logs" / "worker-0.log"
        wait_until(lambda: log.exists() and "here" in log.read_text(), "the worker runs")
    assert not any(SECRET.encode() in line for line in command_lines(idle.process.pid))
    idle.stop()
    assert "the coordinator serves" in idle.log
    assert SECRET not in texts(tmp_path)


@lists_processes
def test_a_run_shows_no_secret(idle: Murmur, tmp_path: Path) -> None:
    space = tmp_path / "space.csv"
    space.write_text("rate,0.1,1,log\n")
    run = [str(idle.binary), "run", "--space", str(space), "--workers", "1", "--max-steps", "9"]
    url = tmp_path / "runs" / "0001" / "url"
    with running([*run, "--", sys.executable, "-c", WORKER], tmp_path):
        log = tmp_path / "runs" / "0001" / "logs" / "worker-0.log"
        wait_until(lambda: log.exists() and "here" in log.read_text(), "the worker runs")
        secret = Address.parse(url.read_text().strip()).secret
        assert secret
        assert url.stat().st_mode & 0o077 == 0
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    line = (process / "cmdline").read_bytes()
                except OSError:
                    continue
                assert secret.encode() not in line
    assert secret not in texts(tmp_path)


@lists_processes
def test_a_server_of_a_program_shows_no_secret(idle: Murmur, tmp_path: Path) -> None:
    os.environ["MURMUR_BIN"], before = str(idle.binary), os.environ.get("MURMUR_BIN")
    try:
        with PBTServer(0, SECRET, host="127.0.0.1", data=tmp_path / "run") as server:
            lines = command_lines(os.getpid())
            assert any(b"serve" in line for line in lines)
            assert not any(SECRET.encode() in line for line in lines)
            assert SECRET not in repr(server) + str(server)
            assert SECRET not in (tmp_path / "run" / "server.log").read_text()
    finally:
        if before is None:
            del os.environ["MURMUR_BIN"]
        else:
            os.environ["MURMUR_BIN"] = before
    assert SECRET not in texts(tmp_path)


def test_a_secret_on_a_command_line_is_warned_of_once(idle: Murmur) -> None:
    idle.start_with_secret(SECRET, "--port", "0")

    def warnings(*options: str, **environment: str) -> list[str]:
        done = subprocess.run(
            [str(idle.binary), "list", *options],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stderr + done.stdout
        return done.stderr.splitlines()

    found = warnings("--url", idle.url)
    assert len(found) == 1
    assert "MURMUR_URL" in found[0]
    assert "visible" in found[0]
    assert warnings(MURMUR_URL=idle.url) == []
    assert warnings("--data", str(idle.data)) == []
    idle.stop()
    idle.start()
    assert warnings("--url", idle.url) == []


def test_an_address_that_others_can_read_is_refused(idle: Murmur) -> None:
    idle.start_with_secret(SECRET, "--port", "0")
    (idle.data / "url").chmod(0o640)
    command = [str(idle.binary), "list", "--data", str(idle.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)
    assert done.returncode == 1
    assert "chmod 600" in done.stderr
    assert SECRET not in done.stderr
    idle.secret_file.chmod(0o604)
    command = [str(idle.binary), "serve", "--secret-file", str(idle.secret_file), "--port", "0"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=START_SECONDS, cwd=idle.data.parent
    )
    assert done.returncode == 1
    assert "chmod 600" in done.stderr
    assert SECRET not in done.stderr
