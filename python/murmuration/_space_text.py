"""The text of a search space, which only the coordinator reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from murmuration._connection.frames import MESSAGE_BYTES
from murmuration._paths import AnyPath, text_of_path
from murmuration._texts import is_writable
from murmuration.errors import InvalidError, LimitError
from murmuration.events import Segment

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


def text_of_schedule(schedule: Iterable[Segment]) -> str:
    """A schedule as `murmur schedule --json` prints it, which is the space file of its replay."""
    segments = list(schedule)
    if not segments:
        raise InvalidError("The schedule is empty: give one with a segment or more.")
    printed = {
        # Those that count in some segment.
        "hyperparameters": list(
            dict.fromkeys(name for each in segments for name in each.hyperparameters)
        ),
        "segments": [
            {"end": each.end, "hyperparameters": each.hyperparameters} for each in segments
        ],
    }
    return _checked(json.dumps(printed), "The schedule")


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
