"""Texts for people, whatever they hold: the wire takes what UTF-8 can write."""

from __future__ import annotations

from typing import Any

from murmuration.errors import InvalidError


def clipped(text: Any, limit: int) -> str:
    """The beginning of a text that is for people only, as much of it as the wire takes."""
    return written(text).encode()[:limit].decode(errors="ignore")


def written(text: Any) -> str:
    """A text for people, with what UTF-8 cannot write replaced by its code."""
    return str(text).encode(errors="backslashreplace").decode()


def checked(text: object, what: str) -> str:
    """A text that says something to the coordinator, such as a name; raises when it is none."""
    if not isinstance(text, str) or not is_writable(text):
        raise InvalidError(f"The {what} is {text!r:.60}; give a text.")
    return text


def is_writable(text: str) -> bool:
    """Whether UTF-8 can write a text: one that came from other bytes holds lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
