"""Peers that do not speak as they should: ZMTP by hand (https://rfc.zeromq.org/spec/37)."""

from __future__ import annotations

import contextlib
import resource
import socket
from collections.abc import Iterator

END_SECONDS = 20.0

MORE, LONG, COMMAND = 1, 2, 4


def greeting(mechanism: bytes = b"NULL") -> bytes:
    signature = b"\xff" + bytes(8) + b"\x7f"
    return signature + b"\x03\x01" + mechanism.ljust(20, b"\0") + bytes(32)


def frame(body: bytes, flags: int = 0, claimed: int | None = None) -> bytes:
    """A frame; `claimed` is the length that it says it has, if that is another one."""
    size = len(body) if claimed is None else claimed
    if size > 255:
        return bytes([flags | LONG]) + size.to_bytes(8, "big") + body
    return bytes([flags, size]) + body


def ready(socket_type: bytes = b"DEALER", **properties: bytes) -> bytes:
    body = b"\x05READY" + _property(b"Socket-Type", socket_type)
    for name, value in properties.items():
        body += _property(name.encode(), value)
    return frame(body, COMMAND)


def _property(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), END_SECONDS)


def shake_hands(port: int, socket_type: bytes = b"DEALER") -> socket.socket:
    """A connection on which messages may follow, without encryption."""
    peer = connect(port)
    peer.sendall(greeting())
    read(peer, 64)
    peer.sendall(ready(socket_type))
    size = read(peer, 2)[1]
    assert read(peer, size).startswith(b"\x05READY")
    return peer


def read(peer: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = peer.recv(count - len(data))
        assert part, f"the connection ended after {len(data)} of {count} bytes"
        data += part
    return data


def is_hung_up(peer: socket.socket, seconds: float = END_SECONDS) -> bool:
    """Whether the other side closes within the time; what it says before is passed over."""
    peer.settimeout(seconds)
    try:
        while peer.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


@contextlib.contextmanager
def files_for(count: int) -> Iterator[None]:
    """Lets this process open so many files more than it usually may, as far as the system does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 256
    enough = hard == resource.RLIM_INFINITY or wanted <= hard
    assert enough, f"this system's hard limit of open files is {hard}: {wanted} are needed"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
