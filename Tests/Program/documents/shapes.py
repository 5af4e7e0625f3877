"""Compares outputs whose numbers, times and paths differ from run to run."""

from __future__ import annotations

import json
import re
from typing import Any

MORE = "…"
"""A line of a document that stands for any number of lines."""

HASH = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b")
"""An id, or what makes a name unique."""

_PARTS = [
    (re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?Z?)?)?"), " TIME "),
    (re.compile(r"murmur://\S+"), "ADDRESS"),
    (re.compile(r"(?<![\w<])[\w.~-]*(/[\w.~*-]+)+/?"), "PATH"),
    (HASH, "HASH"),
    (re.compile(r"\b(\d+ [dhm] )*\d+ [dhms]\b|\ba minute\b|\ban hour\b"), "TIME"),
    (re.compile(r"\w+…"), "NAME"),
    (re.compile(r"[█░▁▂▃▄▅▆▇]+"), "BAR"),
    (re.compile(r"[●├─│]+"), " "),
    (re.compile(r"[\u2212+-]?\d+(?:[\u00a0\u202f ]\d{3}\b)*(?:\.\d+)?(?:e[+-]?\d+)?\*?"), " # "),
]
# What is left out where there is none of it.
_OPTIONAL = {"donor", "exploit", "place", "placed", "rank", "ranked"}
# Whether there is one member or several is a number too.
_PLURAL = re.compile(r"(# \w+?)s\b")


def shape(line: str) -> str:
    """The line with wildcards in place of numbers, times, hashes and paths."""
    for pattern, wildcard in _PARTS:
        line = pattern.sub(wildcard, line)
    return _PLURAL.sub(r"\1", " ".join(line.split()))


def difference(shown: str, real: str) -> str | None:
    """What of the output that a document shows is not in the real one; `None` when all is."""
    wanted = [shape(line) for line in shown.split("\n") if line.strip()]
    found = [shape(line) for line in real.split("\n") if line.strip()]
    at = 0
    skips = False
    for line in wanted:
        if line == MORE:
            skips = True
            continue
        if skips:
            while at < len(found) and found[at] != line:
                at += 1
            skips = False
        if at == len(found) or found[at] != line:
            there = found[at] if at < len(found) else "its end"
            return f"the document has the line\n  {line}\nand the output has\n  {there}"
        at += 1
    if at < len(found) and not skips:
        return f"the output goes on with\n  {found[at]}"
    return None


def missing_words(shown: str, real: str) -> set[str]:
    """The words of an output that a document shows and that are not in the real one."""
    found = set(shape(real).split())
    return set(shape(shown).split()) - found - {MORE}


def json_difference(shown: str, real: str) -> str | None:
    """How the structure of one JSON text, or of one per line, differs from the other's."""
    return _structural("the output", json_of(shown), json_of(real))


def json_of(text: str) -> Any:
    """One value, or a list of those of each line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.split("\n") if line.strip() not in ("", MORE)]


def _structural(where: str, shown: Any, real: Any) -> str | None:
    if isinstance(shown, dict) and isinstance(real, dict):
        if differing := (shown.keys() ^ real.keys()) - _OPTIONAL:
            return f"{where} has the keys {sorted(real)}; {sorted(differing)} differ"
        both = shown.keys() & real.keys()
        parts = ((f"{where}.{key}", shown[key], real[key]) for key in both)
        return next(filter(None, (_structural(*part) for part in parts)), None)
    if isinstance(shown, list) and isinstance(real, list):
        # Which of several each one is like depends on the run.
        for each in shown:
            ways = [_structural(f"{where}[]", each, other) for other in real]
            if ways and None not in ways:
                return ways[0]
        return None
    if _kind(shown) != _kind(real):
        return f"{where} is {real!r} where the document has {shown!r}"
    return None


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)
