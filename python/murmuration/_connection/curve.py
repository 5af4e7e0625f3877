"""The CURVE keys of a client: from a shared secret, or from an invitation."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

import zmq
from zmq.utils import z85

from murmuration.errors import AddressError

KEY_BYTES = 32

_SALT = b"murmuration/v1/curve"
_SCRYPT_N = 2**15
_SCRYPT_R = 8
_SCRYPT_P = 1
# scrypt works on 128 * N * r bytes and a little more; OpenSSL refuses above 32 MiB by default.
_SCRYPT_MEMORY = 64 * 2**20

INVITED = "invited:"
"""How the user part of an address begins that is an invitation and no shared secret."""

# 32 bytes as base64url without padding; the two lowest bits of the last character are 0.
_KEY = r"([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])"
_INVITATION = re.compile(rf"{INVITED}{_KEY}\.{_KEY}")


@dataclass(frozen=True, repr=False)
class Keys:
    """The two CURVE secret keys that a shared secret stands for."""

    server_secret: bytes
    client_secret: bytes

    @staticmethod
    @lru_cache(maxsize=4)
    def derive(secret: str) -> Keys:
        """Derives the keys; it takes some 0.1 s, by intention."""
        both = hashlib.scrypt(
            secret.encode(),
            salt=_SALT,
            n=_SCRYPT_N,
            r=_SCRYPT_R,
            p=_SCRYPT_P,
            maxmem=_SCRYPT_MEMORY,
            dklen=2 * KEY_BYTES,
        )
        return Keys(both[:KEY_BYTES], both[KEY_BYTES:])

    @property
    def server_public(self) -> bytes:
        return public_of(self.server_secret)

    @property
    def client_public(self) -> bytes:
        return public_of(self.client_secret)


@dataclass(frozen=True, repr=False)
class Invitation:
    """A secret key of a client's own, and the public key by which the coordinator proves itself."""

    client_secret: bytes
    server_public: bytes

    @staticmethod
    def parse(text: str) -> Invitation:
        """Reads the user part of an address, `invited:CLIENTSECRET.SERVERPUBLIC`."""
        found = _INVITATION.fullmatch(text)
        if found is None:
            raise AddressError(DAMAGED)
        secret, server = found.groups()
        return Invitation(_bytes(secret), _bytes(server))

    @property
    def text(self) -> str:
        """The user part of an address; it contains the secret."""
        return f"{INVITED}{_text(self.client_secret)}.{_text(self.server_public)}"

    @property
    def client_public(self) -> bytes:
        return public_of(self.client_secret)


ClientKeys = Keys | Invitation
"""What a client's sockets encrypt with."""

DAMAGED = (
    "The address's invitation is damaged: copy the whole invitation, which is one line of the form "
    f"murmur://{INVITED}….…@HOST:PORT[/POPULATION]."
)


def public_of(secret: bytes) -> bytes:
    """The public key that belongs to a secret one."""
    return z85.decode(zmq.curve_public(z85.encode(secret)))


def new_secret() -> bytes:
    """A new secret key from the system's randomness."""
    _, secret = zmq.curve_keypair()
    return z85.decode(secret)


def _text(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(f"{text}=")
