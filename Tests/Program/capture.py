"""What travels over the loopback, captured by tshark and put together again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

START_SECONDS = 60.0
MARK_SECONDS = 0.5
# A kernel's buffer, so large that a busy machine drops nothing.
BUFFER_MEGABYTES = "64"

_GREETING_BYTES = 64
_COMMAND, _LARGE = 4, 2


@dataclass(frozen=True)
class Stream:
    """All that went one way over one connection."""

    port: int
    """The coordinator's."""
    is_clients: bool
    content: bytes

    @property
    def mechanism(self) -> bytes:
        """What the greeting says of how the rest is protected."""
        return self.content[12:32].rstrip(b"\0")

    def frames(self) -> Iterator[tuple[bool, bytes]]:
        """Whether each frame is a command, and its body; the last one may have been cut off."""
        rest = self.content[_GREETING_BYTES:]
        while len(rest) >= 2:
            header = 9 if rest[0] & _LARGE else 2
            end = header + int.from_bytes(rest[1:header], "big")
            yield bool(rest[0] & _COMMAND), rest[header:end]
            rest = rest[end:]


class Capture:
    """A tshark that writes all that these ports send and receive into a file."""

    def __init__(self, directory: Path, ports: Sequence[int]) -> None:
        self._file = directory / "captured.pcapng"
        self._seen = directory / "captured.ports"
        self._said = directory / "captured.log"
        self._ports = ports
        wanted = " or ".join(f"port {port}" for port in ports)
        # It tells the port of each packet as it comes: so a mark shows how far it is.
        command = [_tshark(), "-i", "lo", "-f", f"tcp and ({wanted})", "-B", BUFFER_MEGABYTES]
        command += ["-w", str(self._file), "-P", "-l", "-T", "fields", "-e", "tcp.srcport"]
        with self._seen.open("wb") as seen, self._said.open("wb") as said:
            self._process = subprocess.Popen(command, stdout=seen, stderr=said)

    def reach(self) -> None:
        """Waits until what happens from now on is captured, and what happened before is."""
        until = time.monotonic() + START_SECONDS
        marks: set[str] = set()
        while not marks & set(self._seen.read_text().split()):
            if self._process.poll() is not None:
                pytest.skip(f"tshark cannot capture here: {self._said.read_text().strip()}")
            assert time.monotonic() < until, f"nothing is captured: {self._said.read_text()}"
            with socket.socket() as mark:
                mark.bind(("127.0.0.1", 0))
                marks.add(str(mark.getsockname()[1]))
                # Whether anybody listens there does not matter.
                mark.connect_ex(("127.0.0.1", self._ports[0]))
            time.sleep(MARK_SECONDS)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def streams(self) -> list[Stream]:
        """Borders of packets are nowhere in them, and nothing is missing."""
        fields = ("tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.seq", "tcp.payload")
        command = [_tshark(), "-r", str(self._file), "-Y", "tcp.len > 0", "-T", "fields"]
        command += [part for field in fields for part in ("-e", field)]
        listed = subprocess.run(
            command, capture_output=True, text=True, timeout=START_SECONDS, check=True
        )
        packets: dict[tuple[int, int, int], dict[int, bytes]] = {}
        for line in listed.stdout.splitlines():
            *numbers, payload = line.split("\t")
            stream, source, destination, sequence = map(int, numbers)
            packets.setdefault((stream, source, destination), {})[sequence] = bytes.fromhex(payload)
        return [
            Stream(
                port=destination if destination in self._ports else source,
                is_clients=destination in self._ports,
                content=_joined(parts),
            )
            for (_, source, destination), parts in packets.items()
        ]


def _joined(parts: dict[int, bytes]) -> bytes:
    """The payloads by the numbers of their first bytes, of which 1 is a connection's first."""
    content = b""
    for sequence, payload in sorted(parts.items()):
        place = sequence - 1
        assert place <= len(content), "a packet was not captured"
        # One that was sent again.
        content = content[:place] + payload + content[place + len(payload) :]
    return content


@contextmanager
def capturing(directory: Path, ports: Sequence[int]) -> Iterator[Capture]:
    """Captures until the block ends; skips the test where that is not possible."""
    capture = Capture(directory, ports)
    try:
        capture.reach()
        yield capture
        capture.reach()
    finally:
        capture.stop()


def _tshark() -> str:
    if sys.platform != "linux":
        pytest.skip("only Linux's loopback is captured")
    found = shutil.which("tshark")
    if found is None:
        pytest.skip("tshark is missing; scripts/setup.sh installs it")
    assert found is not None
    return found
