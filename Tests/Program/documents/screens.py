"""A run of the digits on a terminal, as the pages that look at one have it."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time
from fcntl import ioctl

from .blocks import REPOSITORY
from .shapes import missing_words
from .stage import COMMAND_SECONDS, Stage
from .terminal import screens

# Fewer steps than `make run` takes: a few copies are enough.
STEPS = 30
_ROWS, _COLUMNS = 34, 80
_NAME = re.compile(r"^  (\w+):$", re.MULTILINE)
_READ = 65_536


def digits(stage: Stage) -> str:
    """Trains the digits in the stage's directory; returns what was written to the terminal."""
    shutil.copytree(REPOSITORY / "Examples", stage.directory / "Examples")
    command = ["murmur", "run", "--workers", "2", "--max-steps", str(STEPS)]
    command += ["--space", "Examples/digits.yaml", "--", "python3", "Examples/digits.py"]
    mine, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    process = subprocess.Popen(
        command,
        cwd=stage.directory,
        env={**stage.environment, "TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = _read(mine, process)
    assert process.wait() == 0, written[-2000:]
    return written


def _read(descriptor: int, process: subprocess.Popen[bytes]) -> str:
    parts: list[bytes] = []
    end = time.monotonic() + COMMAND_SECONDS
    while True:
        assert time.monotonic() < end, f"it is not done: {b''.join(parts)[-2000:]!r}"
        ready, _, _ = select.select([descriptor], [], [], 1)
        try:
            part = os.read(descriptor, _READ) if ready else None
        except OSError:
            # Linux says so when the last process that writes has ended.
            part = b""
        if part:
            parts.append(part)
        elif part == b"" or process.poll() is not None:
            os.close(descriptor)
            return b"".join(parts).decode(errors="replace")


def missing(shown: str, written: str) -> set[str]:
    """The words of a board in a document that no board of the run has."""
    space = (REPOSITORY / "Examples" / "digits.yaml").read_text()
    # How much of a name fits depends on the others.
    for name in _NAME.findall(space):
        shown = shown.replace(name, f"{name}…")
    return missing_words(shown, "\n".join(screens(written)))
