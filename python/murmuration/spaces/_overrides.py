"""The values of Hydra's overrides, read as far as a search space has use for them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from murmuration.errors import InvalidError
from murmuration.spaces._dimensions import without_counterpart

_FUNCTION = re.compile(r"\s*([A-Za-z_]\w*)\(")
_NAMED = re.compile(r"\s*([A-Za-z_]\w*)\s*=")
_QUOTED = re.compile(r"""\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*""", re.DOTALL)
_PLAIN = re.compile(r"[^,()\[\]{}'\"]*")
_WHOLE = re.compile(r"[+-]?\d+(_\d+)*")
_REAL = re.compile(
    r"[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?|[+-]?(inf|nan)", re.I
)
# Deeper ones are nobody's.
_MOST_DEPTH = 16


@dataclass
class Call:
    """A function and what it is called with: values, and further calls."""

    function: str
    values: list[Any] = field(default_factory=list)
    named: dict[str, Any] = field(default_factory=dict)


def elements(name: str, text: str) -> list[Any]:
    """What stands between the commas of a hyperparameter's value: values and calls."""
    reader = _Reader(name, text)
    found = [reader.element()]
    while reader.passes(","):
        found.append(reader.element())
    reader.end()
    return found


class _Reader:
    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self._place = 0
        self._depth = 0

    def element(self) -> Any:
        if function := _FUNCTION.match(self._text, self._place):
            self._place = function.end()
            return self._call(function[1])
        if quoted := _QUOTED.match(self._text, self._place):
            self._place = quoted.end()
            inside = quoted[1][1:-1]
            return re.sub(r"\\([\\'\"])", r"\1", inside)
        if self.passes("["):
            return self._list()
        plain = _PLAIN.match(self._text, self._place)
        written = plain[0].strip() if plain else ""
        self._place += len(plain[0]) if plain else 0
        if self._next in "[{":
            raise without_counterpart(
                self._name,
                "a dictionary",
                "sweep the names of such values, and look them up where you train",
            )
        if not written:
            raise self._mistake("a value is missing")
        return _value(written)

    def _list(self) -> list[Any]:
        self._deepen()
        found: list[Any] = []
        while not self.passes("]"):
            if found:
                self._require(",")
            found.append(self.element())
        self._depth -= 1
        return found

    def _deepen(self) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise self._mistake("functions or lists are nested too deeply")

    def _call(self, function: str) -> Call:
        self._deepen()
        call = Call(function)
        while not self.passes(")"):
            if call.values or call.named:
                self._require(",")
            if named := _NAMED.match(self._text, self._place):
                self._place = named.end()
                call.named[named[1]] = self.element()
            else:
                if call.named:
                    raise self._mistake("a value without a name follows one with a name")
                call.values.append(self.element())
        self._depth -= 1
        return call

    def passes(self, mark: str) -> bool:
        while self._next.isspace():
            self._place += 1
        if self._next != mark:
            return False
        self._place += 1
        return True

    def end(self) -> None:
        if self._text[self._place :].strip():
            raise self._mistake(f"{self._text[self._place :].strip()!r:.40} is left over")

    def _require(self, mark: str) -> None:
        if not self.passes(mark):
            raise self._mistake(f"{mark!r} is missing")

    @property
    def _next(self) -> str:
        return self._text[self._place : self._place + 1] or "\0"

    def _mistake(self, what: str) -> InvalidError:
        return InvalidError(
            f"The hyperparameter {self._name!r} is {self._text!r:.80}, in which {what}: write it "
            "as Hydra has it, such as choice(a, b)."
        )


def _value(written: str) -> Any:
    lowered = written.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    if lowered == "null":
        return None
    if _WHOLE.fullmatch(written):
        return int(written)
    if _REAL.fullmatch(written):
        return float(written)
    return written
