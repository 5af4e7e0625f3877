"""Where a coordinator is, and the keys that its secret gives."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import socket
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

import zmq
from zmq.utils import z85

from murmuration.errors import AddressError

URL_VARIABLE = "MURMUR_URL"
POPULATION_VARIABLE = "MURMUR_POPULATION"
WORKER_VARIABLE = "MURMUR_WORKER"

SCHEME = "murmur://"
DEFAULT_PORT = 7777
FORM = "murmur://[SECRET@]HOST:PORT[/POPULATION]"

_SALT = b"murmuration/v1/curve"
_SCRYPT_N = 2**15
_SCRYPT_R = 8
_SCRYPT_P = 1
# scrypt works on 128 * N * r bytes and a little more; OpenSSL refuses above 32 MiB by default.
_SCRYPT_MEMORY = 64 * 2**20
_KEY_BYTES = 32

_PLACE = re.compile(
    r"(?:\[(?P<number>[0-9A-Za-z:.%_-]+)\]|(?P<host>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,9}))?"
)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Address:
    """`murmur://[SECRET@]HOST:PORT[/POPULATION]`, taken apart."""

    host: str
    port: int
    # The secret stays out of everything that prints an address.
    secret: str | None = field(default=None, repr=False)
    population: str = ""

    @staticmethod
    def parse(url: str) -> Address:
        """Reads an address; raises `AddressError` that says what is wrong with it."""
        if not url.lower().startswith(SCHEME):
            raise AddressError(f"The address does not begin with {SCHEME}; write it as {FORM}.")
        authority, _, population = url[len(SCHEME) :].partition("/")
        if "@" in population:
            raise AddressError("The address has a / before its @; write / in a secret as %2F.")
        secret, at, place = authority.rpartition("@")
        if at and not secret:
            raise AddressError(
                "The address has an @ but no secret before it: add the secret, or leave out the @."
            )
        found = _PLACE.fullmatch(place)
        if found is None:
            raise AddressError(f"The address has no host and port that fit; write it as {FORM}.")
        host = found["number"] or found["host"]
        port = DEFAULT_PORT if found["port"] is None else int(found["port"])
        if not 0 < port < 2**16:
            raise AddressError(f"The address has the port {port}; use one from 1 to 65535.")
        if population and not _NAME.fullmatch(population):
            raise AddressError(
                f"The address names the population {population!r}; a name has 1 to 64 letters, "
                "digits, dots, underscores and dashes."
            )
        return Address(host, port, _decoded(secret) if at else None, population)

    @property
    def url(self) -> str:
        """The address as text; it contains the secret."""
        secret = "" if self.secret is None else f"{quote(self.secret, safe='')}@"
        population = f"/{self.population}" if self.population else ""
        return f"{SCHEME}{secret}{self.place}{population}"

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def endpoint(self, port: int | None = None) -> str:
        """What libzmq connects to: this host at this port, or at another one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port if port is None else port}"

    @property
    def needs_ipv6(self) -> bool:
        """Whether the host has no IPv4 address.

        libzmq tries one address of a name only, and with IPv6 switched on `localhost` may become
        ::1, where a coordinator on 127.0.0.1 does not listen.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError:
            return ":" in self.host
        return all(family == socket.AF_INET6 for family, *_ in found)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine for certain: `localhost`, 127.0.0.0/8 or ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def address_from(url: str | None, population: str | None) -> Address:
    """The address of a coordinator: from the arguments, else from the environment.

    A population that is given wins over the address's, and that one over the environment's.
    """
    text = url if url is not None else os.environ.get(URL_VARIABLE, "")
    if not text:
        raise AddressError(
            f"No coordinator is named: give a url of the form {FORM}, or set {URL_VARIABLE}."
        )
    address = Address.parse(text.strip())
    name = population or address.population or os.environ.get(POPULATION_VARIABLE, "")
    return Address(address.host, address.port, address.secret, name)


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
            dklen=2 * _KEY_BYTES,
        )
        return Keys(both[:_KEY_BYTES], both[_KEY_BYTES:])

    @property
    def server_public(self) -> bytes:
        return _public(self.server_secret)

    @property
    def client_public(self) -> bytes:
        return _public(self.client_secret)


def _decoded(secret: str) -> str:
    """A secret as it is, from the way in which an address writes it."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", secret) is None:
        try:
            return unquote_to_bytes(secret).decode()
        except UnicodeDecodeError:
            pass
    raise AddressError(
        "The address's secret has a % that does not begin a byte such as %2F; write it as %25."
    )


def _public(secret: bytes) -> bytes:
    return z85.decode(zmq.curve_public(z85.encode(secret)))
