"""A directory in which the commands of a page are run, one after the other."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.ports import free_ports

from .blocks import Block
from .shapes import HASH

# What a command may take on a machine that is slow and busy.
COMMAND_SECONDS = 240.0
_POLL_SECONDS = 0.1
_PORTS = 3
_LEAST_OF_AN_ID = 6
_SOME_REPORTS = 100
_ERROR = re.compile(r"^Error: ", re.MULTILINE)
_PROMPT = "$ "
_CONTINUATION = "> "
# The default ports may be somebody else's; that of a page's address is the one of its coordinator.
_MURMUR = """\
#!/bin/sh
if [ "$1" = serve ]; then shift; set -- serve --port {port} "$@"; fi
exec {binary} "$@"
"""


@dataclass(frozen=True)
class Command:
    """A command of a console block, and the output that the page shows for it."""

    text: str
    shown: str

    @property
    def is_background(self) -> bool:
        return self.text.endswith(" &")


def commands(block: Block) -> list[Command]:
    found: list[tuple[str, list[str]]] = []
    for line in block.text.split("\n"):
        if line.startswith(_PROMPT):
            found.append((line.removeprefix(_PROMPT), []))
            continue
        assert found, f"{block.place} begins with an output: write its command before it"
        text, shown = found[-1]
        if line.startswith(_CONTINUATION) and not shown:
            found[-1] = (f"{text}\n{line.removeprefix(_CONTINUATION)}", shown)
        else:
            shown.append(line)
    return [Command(text, "\n".join(shown)) for text, shown in found]


@dataclass
class Stage:
    """Runs commands as a reader would type them, in a directory of the page's own."""

    directory: Path
    binary: Path
    environment: dict[str, str] = field(default_factory=dict)
    background: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        programs = self.directory.parent / f"{self.directory.name}-bin"
        programs.mkdir()
        wrapper = programs / "murmur"
        port = free_ports(_PORTS)
        wrapper.write_text(_MURMUR.format(port=port, binary=shlex.quote(str(self.binary))))
        wrapper.chmod(0o700)
        path = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MURMUR")}
        self.environment = {**kept, "PATH": ":".join(path), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self._state = programs / "environment"

    def write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text + "\n")

    def run(self, command: Command) -> str:
        """The output of a command, which must succeed unless the page shows its error."""
        text = self._translated(command.text)
        if command.is_background:
            return self._start(text.removesuffix(" &"))
        if text == "wait":
            self._wait_for_all()
            return ""
        # What it exports is there for the next one.
        script = f"{text}\ncode=$?; env -0 >{shlex.quote(str(self._state))}; exit $code"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
        )
        output = done.stdout.decode()
        fails = _ERROR.search(command.shown) is not None and "||" not in command.text
        assert (done.returncode != 0) == fails, f"$ {command.text}\n{output}"
        self.environment = dict(
            line.split("=", 1) for line in self._state.read_text().split("\0") if line
        )
        self._learn(command.shown, output)
        return output

    def _learn(self, shown: str, output: str) -> None:
        """What ids of a page are called in its run, since later commands name them."""
        self.ids |= dict(zip(HASH.findall(shown), HASH.findall(output), strict=False))

    def _translated(self, text: str) -> str:
        for shown, real in self.ids.items():
            for word in text.split():
                if len(word) >= _LEAST_OF_AN_ID and shown.startswith(word):
                    text = text.replace(word, real[: len(word)])
        return text

    def _wait_for_all(self) -> None:
        for process in self.background:
            process.wait(COMMAND_SECONDS)

    def _start(self, text: str) -> str:
        log = self.directory.parent / f"{self.directory.name}-{len(self.background)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {text}"],
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.background.append(process)
        if " serve" in text:
            self._wait(lambda: "Serving at" in log.read_text(), process, log)
        else:
            words = shlex.split(text)
            workers = int(words[words.index("--workers") + 1])
            data = words[words.index("--data") + 1] if "--data" in words else "runs"
            self._wait(lambda: self._is_training(data, workers), process, log)
        return log.read_text()

    def _is_training(self, data: str, workers: int) -> bool:
        """Whether the run's population has so many workers, and a history."""
        listed = subprocess.run(
            ["murmur", "list", "--json", "--data", data],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            timeout=COMMAND_SECONDS,
        )
        populations = json.loads(listed.stdout) if listed.returncode == 0 else []
        return any(
            each["training"] >= workers and each["reports"] >= _SOME_REPORTS for each in populations
        )

    def _wait(
        self, is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path
    ) -> None:
        end = time.monotonic() + COMMAND_SECONDS
        while not is_ready():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, f"it is not ready: {log.read_text()}"
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        for process in reversed(self.background):
            process.send_signal(signal.SIGTERM)
        self._wait_for_all()
