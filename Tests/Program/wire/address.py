"""The address of a coordinator, and the keys that come from it."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import sys
from typing import NoReturn
from urllib.parse import unquote_to_bytes

import zmq
from zmq.utils import z85

REFUSED, USAGE, UNREACHABLE = 1, 2, 3
KEY_BYTES = 32

_ADDRESS = re.compile(
    r"murmur://(?:(?P<user>[^/]*)@)?(?P<host>\[[^\]/]+\]|[A-Za-z0-9._-]+)"
    r"(?::(?P<port>[0-9]+))?(?:/(?P<population>[A-Za-z0-9._-]{0,64}))?",
    re.IGNORECASE,
)
# The two bits that the last character has to spare are 0.
_KEY = "([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])"
_INVITATION = re.compile(rf"invited:{_KEY}\.{_KEY}")


def die(status: int, sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(status)


def public_of(secret: bytes) -> bytes:
    return z85.decode(zmq.curve_public(z85.encode(secret)))


def keys_of(user: str) -> tuple[bytes, bytes]:
    """The server's public key and the client's secret one."""
    if user.startswith("invited:"):
        found = _INVITATION.fullmatch(user)
        if found is None:
            die(USAGE, "The address's invitation is damaged; copy all of it.")
        client, server = (base64.urlsafe_b64decode(f"{key}=") for key in found.groups())
        return server, client
    if not user or re.search(r"%(?![0-9A-Fa-f]{2})", user):
        die(
            USAGE, "The address's secret is empty, or has a % that begins no byte; write it as %25."
        )
    both = hashlib.scrypt(
        unquote_to_bytes(user),
        salt=b"murmuration/v1/curve",
        n=2**15,
        r=8,
        p=1,
        maxmem=64 * 2**20,
        dklen=2 * KEY_BYTES,
    )
    return public_of(both[:KEY_BYTES]), both[KEY_BYTES:]


class Address:
    def __init__(self, text: str) -> None:
        found = _ADDRESS.fullmatch(text)
        if found is None:
            die(USAGE, "The address is not murmur://[SECRET@]HOST[:PORT][/POPULATION].")
        self.population = found["population"] or ""
        self.endpoint = f"tcp://{found['host']}:{found['port'] or 7777}"
        self.keys = None if found["user"] is None else keys_of(found["user"])
        # libzmq tries one address of a name.
        host = found["host"].strip("[]")
        try:
            socket.getaddrinfo(host, None, socket.AF_INET)
            self.needs_ipv6 = False
        except OSError:
            self.needs_ipv6 = True
