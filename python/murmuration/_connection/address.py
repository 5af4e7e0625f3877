"""Where a coordinator is, and what lets a client in there."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from murmuration._connection.curve import DAMAGED, INVITED, ClientKeys, Invitation, Keys
from murmuration.errors import AddressError

URL_VARIABLE = "MURMUR_URL"
POPULATION_VARIABLE = "MURMUR_POPULATION"
WORKER_VARIABLE = "MURMUR_WORKER"

SCHEME = "murmur://"
DEFAULT_PORT = 7777
FORM = "murmur://[SECRET@]HOST:PORT[/POPULATION]"
# Before the path of a file that holds an address.
FILE_SCHEME = "file:"

_PLACE = re.compile(
    r"(?:\[(?P<number>[0-9A-Za-z:.%_-]+)\]|(?P<host>[A-Za-z0-9._-]+))(?::(?P<port>[0-9]{1,9}))?"
)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Address:
    """`murmur://[SECRET@]HOST:PORT[/POPULATION]`, taken apart.

    In place of a shared secret it may hold an invitation, which begins with `invited:`. One that is
    read from a file is read again when nobody answers: a coordinator that comes back on another
    machine writes there where it is.
    """

    host: str
    port: int
    # What lets a client in stays out of everything that prints an address.
    secret: str | None = field(default=None, repr=False)
    population: str = ""
    invitation: Invitation | None = field(default=None, repr=False)
    file: Path | None = None
    """Where it was read. While nothing is there, it has no host."""

    @staticmethod
    def parse(url: str) -> Address:
        """Reads an address; raises `AddressError` that says what is wrong with it."""
        if not isinstance(url, str):
            # It may hold a secret, which no message repeats.
            raise AddressError(f"The address is no text; write it as {FORM}.")
        if not url.lower().startswith(SCHEME):
            raise AddressError(f"The address does not begin with {SCHEME}; write it as {FORM}.")
        authority, _, population = url[len(SCHEME) :].partition("/")
        if "@" in population:
            raise AddressError(
                DAMAGED
                if authority.startswith(INVITED)
                else "The address has a / before its @; write / in a secret as %2F."
            )
        secret, at, place = authority.rpartition("@")
        invitation = Invitation.parse(secret) if secret.startswith(INVITED) else None
        if at and not secret:
            raise AddressError(
                "The address has an @ but no secret before it: add the secret, or leave out the @."
            )
        found = _PLACE.fullmatch(place)
        if found is None:
            raise AddressError(
                # One that was cut off has no @ any more.
                DAMAGED
                if place.startswith(INVITED)
                else f"The address has no host and port that fit; write it as {FORM}."
            )
        host = found["number"] or found["host"]
        port = DEFAULT_PORT if found["port"] is None else int(found["port"])
        if not 0 < port < 2**16:
            raise AddressError(f"The address has the port {port}; use one from 1 to 65535.")
        if population and not _NAME.fullmatch(population):
            raise AddressError(
                f"The address names the population {population!r}; a name has 1 to 64 letters, "
                "digits, dots, underscores and dashes."
            )
        if invitation is not None:
            return Address(host, port, population=population, invitation=invitation)
        return Address(host, port, _decoded(secret) if at else None, population)

    @staticmethod
    def of_file(name: str) -> Address:
        """The address in a file, of which there may be nothing yet."""
        path = name[len(FILE_SCHEME) :].removeprefix("//")
        if not path.strip():
            raise AddressError(f"The address {FILE_SCHEME} names no file: add its path.")
        return Address("", 0, file=Path(path).absolute()).current()

    def current(self) -> Address:
        """What its file says now; this one when it is of no file, or nothing is there.

        Raises `AddressError` when something else than an address is in the file.
        """
        if self.file is None:
            return self
        try:
            text = self.file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return self
        except OSError as error:
            raise AddressError(
                f"The file {str(self.file)!r} of the address cannot be read ({error.strerror}): "
                "correct its path, or let this user read it."
            ) from None
        except ValueError:
            raise AddressError(
                f"The file {str(self.file)!r} holds no address, and no text: correct its path."
            ) from None
        if not text:
            return self
        try:
            found = Address.parse(text)
        except AddressError as error:
            raise AddressError(f"The file {str(self.file)!r} holds no address: {error}") from None
        return replace(found, population=self.population or found.population, file=self.file)

    @property
    def is_known(self) -> bool:
        """Whether it says where the coordinator is."""
        return self.port != 0

    @property
    def url(self) -> str:
        """The address as text, with the secret or the invitation; of a file, the file's name."""
        if self.file is not None:
            return f"{FILE_SCHEME}{self.file}"
        user = "" if self.secret is None else f"{quote(self.secret, safe='')}@"
        if self.invitation is not None:
            user = f"{self.invitation.text}@"
        population = f"/{self.population}" if self.population else ""
        return f"{SCHEME}{user}{self.place}{population}"

    @property
    def keys(self) -> ClientKeys | None:
        """What the sockets of a client encrypt with; `None` for nothing."""
        if self.invitation is not None:
            return self.invitation
        return None if self.secret is None else Keys.derive(self.secret)

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        if not self.is_known:
            return f"the address in {str(self.file)!r}"
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


def read_address(text: str) -> Address:
    """An address, or that in a file, which is written `file:PATH`."""
    if isinstance(text, str) and text.lower().startswith(FILE_SCHEME):
        return Address.of_file(text)
    return Address.parse(text)


def address_from(url: str | None, population: str | None) -> Address:
    """The address of a coordinator: from the arguments, else from the environment.

    A population that is given wins over the address's, and that one over the environment's.
    """
    text = url if url is not None else os.environ.get(URL_VARIABLE, "")
    if isinstance(text, str) and not text.strip():
        raise AddressError(
            f"No coordinator is named: give a url of the form {FORM}, or {FILE_SCHEME}PATH, or set "
            f"{URL_VARIABLE}."
        )
    address = read_address(text.strip() if isinstance(text, str) else text)
    if population and not (isinstance(population, str) and _NAME.fullmatch(population)):
        raise AddressError(
            f"The population is {population!r:.60}; a name has 1 to 64 letters, digits, dots, "
            "underscores and dashes."
        )
    name = population or address.population or os.environ.get(POPULATION_VARIABLE, "")
    return replace(address, population=name)


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
