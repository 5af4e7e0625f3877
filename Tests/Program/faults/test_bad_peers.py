"""Peers that do not speak ZMTP as they should: the coordinator hangs up on them alone."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import pytest
from live import complaints, living
from peers import (
    COMMAND,
    MORE,
    connect,
    frame,
    greeting,
    is_hung_up,
    read,
    ready,
    shake_hands,
)
from populations import create
from program import Murmur
from seed import seeded
from vitals import log_lines, resident_megabytes

MESSAGE_BYTES = 64 * 1024
# What CURVE adds to a message may be there.
CURVE_BYTES = 33
ROUNDS = 3
# What allocators keep may grow a little; a peer that is kept grows it in each round.
MEGABYTES = 8.0

Peer = Callable[[int], socket.socket]


def says(data: bytes) -> Peer:
    def peer(port: int) -> socket.socket:
        connection = connect(port)
        connection.sendall(data)
        return connection

    return peer


def greets_and_says(data: bytes, mechanism: bytes = b"NULL") -> Peer:
    def peer(port: int) -> socket.socket:
        connection = says(greeting(mechanism))(port)
        read(connection, len(greeting()))
        connection.sendall(data)
        return connection

    return peer


def shakes_hands_and_says(data: bytes) -> Peer:
    def peer(port: int) -> socket.socket:
        connection = shake_hands(port)
        connection.sendall(data)
        return connection

    return peer


TLS_HELLO = bytes.fromhex("16030100f1010000ed0303") + bytes(230)
UNBOUNDED_PROPERTY = b"\x05READY\x0bSocket-Type\xff\xff\xff\xffDEALER"
NONSENSE = frame(b"\x07NONSENS" * 20, COMMAND)

# Each of these is hung up on: first those that any coordinator knows, then those that come further
# with one that does not encrypt, or with one that does.
HOPELESS: dict[str, Peer] = {
    "TLS": says(TLS_HELLO),
    "an unknown mechanism": says(greeting(b"KERBEROS")),
    "a mechanism that is not the server's": says(greeting(b"PLAIN")),
}
HOPELESS_PLAIN: dict[str, Peer] = {
    "a socket that does not fit": greets_and_says(ready(b"PUB")),
    "a property longer than its command": greets_and_says(frame(UNBOUNDED_PROPERTY, COMMAND)),
    "an unknown command for a handshake": greets_and_says(NONSENSE),
    "a message before the handshake": greets_and_says(frame(b"too early")),
    "a frame too large": shakes_hands_and_says(
        frame(b"", claimed=2 * MESSAGE_BYTES + CURVE_BYTES + 1)
    ),
    "a frame of 2^40 bytes": shakes_hands_and_says(frame(b"begun", claimed=2**40)),
    "a frame of 2^63 bytes": shakes_hands_and_says(frame(b"begun", claimed=2**63)),
    "a frame of 2^64 - 1 bytes": shakes_hands_and_says(frame(b"begun", claimed=2**64 - 1)),
    "a ping with a long context": shakes_hands_and_says(
        frame(b"\x04PING\0\x0a" + b"x" * 200, COMMAND)
    ),
}
HOPELESS_ENCRYPTED: dict[str, Peer] = {
    "no encryption": says(greeting()),
    "an unknown command for a handshake": greets_and_says(NONSENSE, b"CURVE"),
    "a greeting with another key": greets_and_says(
        frame(b"\x05HELLO\1\0" + b"k" * 192, COMMAND), b"CURVE"
    ),
    "a message before the handshake": greets_and_says(frame(b"too early"), b"CURVE"),
    "a frame of 2^63 bytes": greets_and_says(frame(b"begun", claimed=2**63), b"CURVE"),
}

# Nobody can know yet what comes of these: they end by themselves, in the middle of what they say.
UNFINISHED: dict[str, Peer] = {
    "nothing": says(b""),
    "half a greeting": says(greeting()[:32]),
    # Its first bytes can be those of ZMTP 1.0.
    "a browser": says(b"GET / HTTP/1.1\r\nHost: coordinator\r\n\r\n"),
}
UNFINISHED_PLAIN: dict[str, Peer] = {
    "no handshake": greets_and_says(b""),
    "half a handshake": greets_and_says(ready()[:12]),
    "a truncated frame": shakes_hands_and_says(frame(b"x" * 100, claimed=30_000)),
    "a message that goes on": shakes_hands_and_says(frame(b"x" * 100, MORE) * 100),
    "nothing but empty frames": shakes_hands_and_says(frame(b"") * 1000),
    "an unknown command": shakes_hands_and_says(NONSENSE * 100),
}
UNFINISHED_ENCRYPTED: dict[str, Peer] = {
    "no handshake": greets_and_says(b"", b"CURVE"),
    "half a greeting of the mechanism": greets_and_says(
        frame(b"\x05HELLO\1\0", COMMAND, claimed=200), b"CURVE"
    ),
}


@pytest.mark.parametrize("secret", [None, "a-secret-of-the-faults-0001"])
def test_peers_without_sense_disturb_nobody(
    murmur: Murmur, secret: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    random = seeded()
    hopeless = HOPELESS | (HOPELESS_PLAIN if secret is None else HOPELESS_ENCRYPTED)
    unfinished = UNFINISHED | (UNFINISHED_PLAIN if secret is None else UNFINISHED_ENCRYPTED)
    if secret is not None:
        murmur.start_with_secret(secret)
    create(murmur, "p", "--population-size", "6")
    port = int(murmur.url.rpartition(":")[2])
    with caplog.at_level(logging.INFO, "murmuration"), living(murmur) as live:
        live.go_on()
        lines = log_lines(murmur)
        megabytes = []
        for _ in range(ROUNDS):
            for name, peer in hopeless.items():
                with peer(port) as connection:
                    assert is_hung_up(connection), name
            for peer in [*unfinished.values()] * 10:
                with peer(port):
                    pass
            for _ in range(50):
                with says(random.randbytes(random.randrange(1, 5000)))(port):
                    pass
            live.go_on()
            megabytes.append(resident_megabytes(murmur))
    assert megabytes[-1] - megabytes[0] < MEGABYTES
    # Nobody floods the log, and no worker lost its connection or had to say anything twice.
    assert log_lines(murmur) - lines < 10
    assert complaints(caplog.messages) == []
