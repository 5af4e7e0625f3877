"""What a report takes of its metrics: the score must not be lost for the sake of the rest."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from murmuration._connection.frames import MESSAGE_BYTES
from murmuration._scalars import number
from murmuration._shown import escaped
from murmuration._texts import is_writable
from murmuration.errors import InvalidError
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

METRICS = 1024
NAME_BYTES = 256

# The tags and lengths of a metric and its parts, and its value.
_FRAMING = 16
# What a request and an event say by themselves.
_REQUEST_BYTES = 1024
# A report comes back in an event, beside two addresses of checkpoints and as many as three sets of
# hyperparameters.
_EVENT_BYTES = 13 * 1024
_SETS = 3
_SET_BYTES = 12 * 1024
_SHOWN = 64

_MAPPING = "metrics are a mapping of names to numbers"
_NAMES = f"the name of a metric is 1 to {NAME_BYTES} bytes of printable text"
_VALUES = "the value of a metric is a single number"
_TWICE = "two metrics have one name once it is text"
_ROOM = f"a report takes {METRICS} at most, and fewer when their names are long"


class Metrics:
    """The metrics of one worker's reports. What cannot be taken is left out, with one warning for
    each reason."""

    def __init__(self) -> None:
        self._warned: set[str] = set()

    def add(self, given: Mapping[Any, Any], report: wire.Report, beside: int) -> None:
        """Adds to a report what it takes; `beside` are the bytes of a set of hyperparameters."""
        if not hasattr(given, "items"):
            self._leave_out(1, repr(given), _MAPPING)
            return
        in_event = _EVENT_BYTES + _SETS * min(beside, _SET_BYTES)
        room = MESSAGE_BYTES - max(in_event, _REQUEST_BYTES + report.ByteSize())
        left_out: dict[str, list[str]] = {}
        for name, value, reason in _judged(given):
            size = _FRAMING + len(name.encode(errors="replace"))
            if reason is None and (len(report.metrics) == METRICS or size > room):
                room, reason = 0, _ROOM
            if reason is not None:
                left_out.setdefault(reason, []).append(name)
                continue
            room -= size
            report.metrics.add(name=name, value=value)
        for reason, names in left_out.items():
            self._leave_out(len(names), names[0], reason)

    def _leave_out(self, metrics: int, example: str, reason: str) -> None:
        if reason not in self._warned:
            self._warned.add(reason)
            logger.warning(
                "Of the metrics, %d such as '%s' cannot be reported and are left out: %s.",
                metrics,
                escaped(example[:_SHOWN]),
                reason,
            )


def _judged(given: Mapping[Any, Any]) -> Iterator[tuple[str, float, str | None]]:
    """Each metric as text and number, and why it cannot be taken, if it cannot."""
    seen: set[str] = set()
    for key, value in given.items():
        name = str(key)
        is_name = is_writable(name) and 0 < len(name.encode()) <= NAME_BYTES
        if not is_name or escaped(name) != name:
            yield name, 0, _NAMES
            continue
        # The coordinator takes what differs only in how accents are composed for one name.
        known = unicodedata.normalize("NFC", name)
        if known in seen:
            yield name, 0, _TWICE
            continue
        try:
            found = number(value, "metric")
        except InvalidError:
            yield name, 0, _VALUES
            continue
        seen.add(known)
        yield name, found, None
