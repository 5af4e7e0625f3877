"""Paths, and the addresses of checkpoints, which travel as text."""

from __future__ import annotations

import os
import re
from pathlib import Path

from murmuration._texts import is_writable
from murmuration.errors import InvalidError, LimitError

AnyPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]

# The wire's limit, checked here so that a mistake is named before it travels.
CHECKPOINT_BYTES = 4096

_WITH_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def text_of_path(path: AnyPath, what: str) -> str:
    """A path as text; raises when it is none that can be passed on."""
    try:
        text = os.fsdecode(path)
    except TypeError:
        raise InvalidError(f"The {what} is {path!r:.60}; give a path.") from None
    if not is_writable(text):
        raise InvalidError(
            f"The {what} is {text!r}, which is not UTF-8, and paths travel as text: choose a path "
            "that is, and a locale that reads it, such as LC_ALL=C.UTF-8."
        )
    # One of spaces comes of a variable that is not set, or of a slip.
    if not text.strip():
        raise InvalidError(f"The {what} is {text!r}; give a path.")
    if "\0" in text:
        raise InvalidError(f"The {what} is {text!r}; a path holds no zero byte: leave it out.")
    return text


def absolute(path: AnyPath, what: str) -> Path:
    """The absolute path, which is the same text for every process; raises when it is none."""
    # The directory that a relative path begins at may be the one that is not text.
    return Path(text_of_path(Path(text_of_path(path, what)).absolute(), what))


def checkpoint_address(checkpoint: AnyPath | None) -> str:
    """The address of a checkpoint as it travels; empty for none.

    A path becomes absolute, because other workers may run in other directories; an address with a
    scheme, such as `s3://…`, travels as it is.
    """
    if checkpoint is None or checkpoint == "":
        return ""
    address = text_of_path(checkpoint, "checkpoint")
    if not address.startswith(os.sep) and not _WITH_SCHEME.match(address):
        address = str(absolute(address, "checkpoint"))
    if len(address.encode()) > CHECKPOINT_BYTES:
        raise LimitError(
            f"The checkpoint's address is longer than {CHECKPOINT_BYTES} bytes: report a shorter "
            "path, not the checkpoint itself."
        )
    return address
