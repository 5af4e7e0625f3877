"""The text of a search space, which only the coordinator reads."""

from __future__ import annotations

import os
from pathlib import Path

from murmuration.errors import InvalidError


def text_of(space: str | os.PathLike[str] | None) -> str:
    """The text of a space file, which a string with more than one line is already."""
    if space is None or (isinstance(space, str) and "\n" in space):
        return space or ""
    try:
        return Path(space).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidError(
            f"The search space {os.fspath(space)!r} cannot be read: give the path of a CSV or "
            "YAML file."
        ) from None


def source_of(space: str | os.PathLike[str]) -> str:
    """The name of a space file, which the coordinator's messages mention; empty for a text."""
    return "" if isinstance(space, str) and "\n" in space else Path(space).name
