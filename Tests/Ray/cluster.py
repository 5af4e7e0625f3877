"""A Ray cluster of one node, which is this machine, and what runs on it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from support.repository import REPOSITORY
from support.waiting import STOP_SECONDS, wait_until

from bench.ports import free_ports

RAY = Path(sys.executable).with_name("ray")
CPUS = 4
# Ray counts what it is told, whether it is there or not.
GPUS = 2
# A node has half a minute to start, and that is little on a busy machine.
TRIES = 5


@dataclass
class Cluster:
    """Can be used once `start` returns, and leaves no process behind when `stop` does."""

    folder: Path
    """What it writes, and its home. Sockets lie in it, whose paths may not be long."""
    dashboard: str = ""
    node: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return (self.folder / "ray_current_cluster").read_text().strip()

    @property
    def token(self) -> str:
        return (self.folder / "home" / ".ray" / "auth_token").read_text()

    def configure(self) -> None:
        """Has this process, and those that it starts, look for Ray's things here. Ray does so when
        it is imported."""
        token = self.folder / "home" / ".ray" / "auth_token"
        token.parent.mkdir(parents=True)
        token.write_text(uuid.uuid4().hex)
        # Actors have to find the tests' modules.
        modules = [
            Path(__file__).parent,
            REPOSITORY / "python" / "tests",
            REPOSITORY / "Benchmarks",
        ]
        os.environ.update(
            HOME=str(self.folder / "home"),
            PYTHONPATH=":".join(map(str, modules)),
            RAY_AUTH_MODE="token",
            RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S="0",
            RAY_USAGE_STATS_ENABLED="0",
        )
        os.environ.pop("RAY_ADDRESS", None)

    def start(self) -> None:
        log = self.folder / "node.log"
        for _ in range(TRIES):
            port = free_ports(4)
            self.dashboard = f"127.0.0.1:{port + 1}"
            with log.open("ab") as file:
                self.node = subprocess.Popen(
                    [
                        *(str(RAY), "start", "--head", "--block", f"--temp-dir={self.folder}"),
                        *(f"--num-cpus={CPUS}", f"--num-gpus={GPUS}", f"--port={port}"),
                        # Each of these is the same on every machine, unless it is named.
                        *(f"--dashboard-port={port + 1}", f"--ray-client-server-port={port + 2}"),
                        f"--dashboard-agent-listen-port={port + 3}",
                    ],
                    stdout=file,
                    stderr=file,
                )
            wait_until(self._is_started_or_ended, log.read_text)
            if self.node.poll() is None:
                return
        raise AssertionError(f"Ray did not start: {log.read_text()}")

    def _is_started_or_ended(self) -> bool:
        assert self.node is not None
        return self.node.poll() is not None or (self.folder / "ray_current_cluster").exists()

    def stop(self) -> None:
        if self.node is not None:
            self.node.terminate()
            self.node.wait(STOP_SECONDS)
        until = time.monotonic() + STOP_SECONDS
        while (left := self.processes()) and time.monotonic() < until:
            time.sleep(0.2)
        assert not left, "these are left: " + "; ".join(left)

    def processes(self) -> list[str]:
        """The numbers and commands of those that were started here, and still run."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            # One that ends meanwhile, or is another user's, cannot be read.
            with contextlib.suppress(OSError):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                if process.name != str(os.getpid()) and self._is_ours(process):
                    found.append(f"{process.name} {command:.80}")
        return found

    def _is_ours(self, process: Path) -> bool:
        # Ray writes its actors' names over their environments, and their logs stay open.
        if str(self.folder).encode() in (process / "environ").read_bytes():
            return True
        for each in (process / "fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if str(each.readlink()).startswith(f"{self.folder}/"):
                    return True
        return False
