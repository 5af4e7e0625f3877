"""The text of a search space, which only the coordinator reads."""

from __future__ import annotations

from pathlib import Path

from murmuration._connection.frames import MESSAGE_BYTES
from murmuration._paths import AnyPath, text_of_path
from murmuration._texts import is_writable
from murmuration.errors import InvalidError, LimitError

# The rest of a message is for what else is asked.
_MOST_BYTES = MESSAGE_BYTES - 1024


def text_of(space: AnyPath | None) -> str:
    """The text of a space file, which a string with more than one line is already."""
    if space is None:
        return ""
    if isinstance(space, str) and "\n" in space:
        if not is_writable(space):
            raise InvalidError("The search space's text is not UTF-8: give it as that.")
        return _checked(space, "The search space")
    path = text_of_path(space, "search space")
    try:
        return _checked(Path(path).read_text(encoding="utf-8"), f"The search space {path!r}")
    except UnicodeDecodeError:
        raise InvalidError(
            f"The search space {path!r} cannot be read as UTF-8: save it as a text in UTF-8."
        ) from None
    except OSError:
        raise InvalidError(
            f"The search space {path!r} cannot be read: give the path of a CSV or YAML file."
        ) from None


def _checked(text: str, what: str) -> str:
    size = len(text.encode())
    if size > _MOST_BYTES:
        raise LimitError(
            f"{what} has {size} bytes and may have {_MOST_BYTES}, for it travels in one message: "
            "shorten it."
        )
    return text


def source_of(space: AnyPath) -> str:
    """The name of a space file, which the coordinator's messages mention; empty for a text."""
    if isinstance(space, str) and "\n" in space:
        return ""
    return Path(text_of_path(space, "search space")).name
