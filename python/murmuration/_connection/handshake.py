"""Finds out why a coordinator cannot be reached, in words."""

from __future__ import annotations

import socket

from murmuration._connection.address import Address

_TIMEOUT_SECONDS = 3.0
_GREETING_BYTES = 64
_MECHANISM = slice(12, 32)

# ZMTP 3.0's signature and version. The rest of the greeting is held back: a server that has read
# all of it hangs up over a mechanism that does not fit, before its own greeting is out.
_GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00"


def nothing_listens(address: Address) -> str:
    return f"Nothing listens at {address.place}: start a coordinator there, or correct the address."


def diagnose(address: Address) -> str | None:
    """One sentence that says why the handshake fails, or `None` if nothing hinders it for good.

    libzmq tells a client that was refused little, and what it tells depends on which side closes
    first. The server's greeting, which comes before any encryption, names its mechanism; so this
    reads one over a connection of its own.
    """
    try:
        with socket.create_connection((address.host, address.port), _TIMEOUT_SECONDS) as plain:
            plain.settimeout(_TIMEOUT_SECONDS)
            plain.sendall(_GREETING)
            greeting = _read(plain)
    except OSError:
        return None
    if not _is_of_zeromq(greeting):
        return (
            f"What listens at {address.place} is not a coordinator: correct the address's host "
            "and port."
        )
    if len(greeting) < _GREETING_BYTES:
        # A coordinator that was stopped, killed just now, or is held up says nothing, or not all,
        # and a tunnel to one that is away hangs up without a word.
        return None
    mechanism = greeting[_MECHANISM].rstrip(b"\0")
    if address.invitation is not None:
        return _invitation_refused(address, mechanism)
    if mechanism == b"CURVE" and address.secret is None:
        return (
            f"The coordinator at {address.place} wants a secret, and none was given: use the "
            "address that it wrote to the file `url` in its data directory."
        )
    if mechanism == b"CURVE":
        return (
            f"The coordinator at {address.place} has another secret: use the address that it "
            "wrote to the file `url` in its data directory."
        )
    if mechanism == b"NULL" and address.secret is not None:
        return (
            f"The coordinator at {address.place} serves without encryption, and a secret was "
            "given: leave the secret out of the address, or start the coordinator with it."
        )
    return None


def _invitation_refused(address: Address, mechanism: bytes) -> str | None:
    if mechanism == b"CURVE":
        return (
            f"The coordinator at {address.place} does not let this invitation in: it was revoked, "
            "has expired, or is another coordinator's; ask for a new one."
        )
    if mechanism == b"NULL":
        return (
            f"The coordinator at {address.place} serves without encryption, and this is an "
            "invitation: correct the address's port, or ask for a new one."
        )
    return None


def _is_of_zeromq(start: bytes) -> bool:
    """Whether a greeting of ZeroMQ can begin so; https://rfc.zeromq.org/spec/37."""
    return start[:1] in (b"", b"\xff") and all(byte & 1 for byte in start[9:10])


def unreachable(address: Address) -> str:
    """One sentence on why no answer came within the time."""
    if not address.is_known:
        return (
            f"There is no address in the file {str(address.file)!r} yet: start a coordinator that "
            "writes it, or correct the path."
        )
    try:
        with socket.create_connection((address.host, address.port), _TIMEOUT_SECONDS):
            return (
                f"The coordinator at {address.place} does not answer: see whether it is busy or "
                "stopped, or allow more time."
            )
    except socket.gaierror:
        return f"There is no host {address.host!r}: correct the address."
    except OSError:
        return nothing_listens(address)


def _read(plain: socket.socket) -> bytes:
    greeting = b""
    while len(greeting) < _GREETING_BYTES:
        try:
            part = plain.recv(_GREETING_BYTES - len(greeting))
        except TimeoutError:
            break
        if not part:
            break
        greeting += part
    return greeting
