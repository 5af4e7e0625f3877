"""Frames of the wire: what may be read, and what is refused."""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from murmuration.errors import LimitError, MalformedError, UnsupportedError
from murmuration.v1 import murmuration_pb2 as wire

MESSAGE_BYTES = 64 * 1024
# What a socket takes: CURVE adds some bytes to a message, which are counted too.
FRAME_BYTES = MESSAGE_BYTES + 33

Envelope = TypeVar("Envelope", bound=wire.Request | wire.Reply | wire.Broadcast)


def decode(kind: type[Envelope], frame: bytes) -> Envelope:
    """The message that a frame holds; raises what is wrong with one that holds none."""
    if len(frame) > MESSAGE_BYTES:
        raise LimitError(
            f"A message has {len(frame)} bytes; more than {MESSAGE_BYTES} are not allowed."
        )
    message = kind()
    try:
        message.ParseFromString(frame)
    except DecodeError:
        raise MalformedError(
            "A message could not be read: client and coordinator disagree about the protocol."
        ) from None
    if message.WhichOneof("body") is None:
        if len(UnknownFieldSet(message)) > 0:
            raise UnsupportedError(
                "A message is of a kind that this package does not know: install a newer one."
            )
        raise MalformedError("A message has no content.")
    return message
