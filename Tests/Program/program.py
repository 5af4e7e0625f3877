"""The program `murmur`: where it is, and a coordinator that it runs."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.repository import REPOSITORY
from support.waiting import START_SECONDS, STOP_SECONDS, wait_until

from bench.ports import free_ports

# It reads all that ever happened.
CHECK_SECONDS = 300.0


@dataclass
class Murmur:
    """The real coordinator's process; it can be killed and started again in its directory."""

    binary: Path
    data: Path
    process: subprocess.Popen[bytes] | None = None
    prefix: Sequence[str] = ()
    """A command that runs it, and all that is asked of it, where it is."""

    @property
    def url(self) -> str:
        return (self.data / "url").read_text().strip()

    def start(self, *options: str) -> None:
        self.launch(*options)
        self.wait_until_ready()

    def start_with_secret(self, secret: str, *options: str) -> None:
        """Starts it encrypted, in place of the one that runs."""
        self.stop()
        self.secret_file.touch(mode=0o600)
        self.secret_file.write_text(f"{secret}\n")
        self.start(*(options or _free_ports()), "--secret-file", str(self.secret_file))

    @property
    def secret_file(self) -> Path:
        return self.data.with_suffix(".secret")

    def launch(self, *options: str, limits: Sequence[str] = ()) -> None:
        """Starts the process and returns at once; `limits` is a command that runs it."""
        (self.data / "url").unlink(missing_ok=True)
        command = [*self.prefix, *limits, str(self.binary), "serve", "--data", str(self.data)]
        command += options or _free_ports()
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        assert self.process is not None
        address = self.data / "url"

        def is_ready() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"the coordinator ended: {self.log}"
            return address.exists() and address.read_text().strip() != ""

        wait_until(is_ready, lambda: f"its address is written: {self.log}")

    @property
    def home(self) -> Path:
        """Where a test keeps what belongs to it."""
        return self.data.parent

    @property
    def log_file(self) -> Path:
        return self.home / f"{self.data.name}.log"

    def journal_file(self) -> Path:
        """What the journal is read by, also while it runs."""
        return self.data / "journal.sqlite"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def murmur(self, *arguments: str) -> str:
        """Runs a subcommand against this data directory, and returns what it printed."""
        return self._run(*arguments, "--data", str(self.data))

    def check(self) -> None:
        """Has the command line find nothing wrong with the journal."""
        self._run("check", str(self.data), timeout=CHECK_SECONDS)

    def _run(self, *arguments: str, timeout: float = START_SECONDS) -> str:
        command = [*self.prefix, str(self.binary), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        assert done.returncode == 0, f"`{' '.join(command)}` failed: {done.stdout}{done.stderr}"
        return done.stdout

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"the coordinator did not end within {STOP_SECONDS:g} s: {self.log}"
            ) from None


def _free_ports() -> tuple[str, str]:
    return ("--port", str(free_ports(3)))


def murmur_binary() -> Path | None:
    """The binary that MURMUR_BIN names, else the one that was built last."""
    named = os.environ.get("MURMUR_BIN")
    if named:
        return Path(named).resolve()
    built = [REPOSITORY / ".build" / kind / "murmur" for kind in ("debug", "release")]
    found = [path for path in built if path.exists()]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)
