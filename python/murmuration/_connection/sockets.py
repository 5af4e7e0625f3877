"""What the sockets of workers and monitors have in common."""

from __future__ import annotations

import secrets

import zmq
from zmq.utils import z85

from murmuration._connection.curve import ClientKeys
from murmuration._version import __version__
from murmuration.errors import RefusedError

KEY_BYTES = 16


def secure(any_socket: zmq.Socket[bytes], keys: ClientKeys | None) -> None:
    """Gives a client's socket its keys, which come from a shared secret or an invitation."""
    if keys is None:
        return
    any_socket.setsockopt(zmq.CURVE_SERVERKEY, z85.encode(keys.server_public))
    any_socket.setsockopt(zmq.CURVE_PUBLICKEY, z85.encode(keys.client_public))
    any_socket.setsockopt(zmq.CURVE_SECRETKEY, z85.encode(keys.client_secret))
    # libzmq goes on without encryption when it does not like a key.
    if any_socket.getsockopt(zmq.MECHANISM) != zmq.CURVE:
        raise RefusedError(
            "This libzmq is built without CURVE encryption: install pyzmq from its wheels."
        )


def keep_alive(any_socket: zmq.Socket[bytes]) -> None:
    """Notices a connection that died without a word, in both directions."""
    any_socket.setsockopt(zmq.HEARTBEAT_IVL, 15_000)
    any_socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 30_000)
    # A longer time to live than 65.5 s overflows.
    any_socket.setsockopt(zmq.HEARTBEAT_TTL, 45_000)


def new_key() -> bytes:
    """A key that makes a request safe to repeat."""
    return secrets.token_bytes(KEY_BYTES)


def client_name() -> str:
    return f"murmuration-python {__version__}"
