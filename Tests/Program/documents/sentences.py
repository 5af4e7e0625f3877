"""The sentences that the sources print, with `…` for what differs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .blocks import REPOSITORY

_QUOTED = re.compile(r"^- \*\*“(.+?)”\*\*", re.MULTILINE | re.DOTALL)
_LITERAL = re.compile(r'"""\n(.*?)\n\s*"""|"((?:[^"\\\n]|\\.)*)"', re.DOTALL)
_INTERPOLATION = re.compile(r"\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_FORMAT = re.compile(r"%[-+.0-9]*[sdrfgi]")
_JOINED = re.compile(r'"\s*\+\s*"')
_FEWEST_LETTERS = 3
_VARIABLE = re.compile(r'"([A-Z][A-Z_]{3,})"')
# Texts of the form of a variable's name: codes of errors, words of file formats and of libzmq.
_NO_VARIABLES = {
    *("CONFLICT", "INVALID", "LEASE_LAPSED", "LIMIT", "MALFORMED", "NO_MEMBER", "NO_POPULATION"),
    *("SPACE_MISMATCH", "STALE_SEQUENCE", "UNAUTHORIZED", "UNAVAILABLE", "UNKNOWN_LEASE"),
    *("UNSPECIFIED", "UNSUPPORTED", "UNSUPPORTED_VERSION"),
    *("CURVE", "MURC", "DESC", "FALSE", "NULL", "TRUE", "DENY", "HEAD", "FILE", "FUSE", "GPFS"),
}


def quoted(page: Path) -> list[str]:
    """The sentences that a page quotes, each in bold and quotes as an item of a list."""
    return [" ".join(found.split()) for found in _QUOTED.findall(page.read_text())]


def printed() -> list[str]:
    """Every text in the sources of the program and of both clients."""
    texts = [text for path in _swift() for text in _of_swift(path.read_text())]
    return texts + [text for path in _python() for text in _of_python(path.read_text())]


def variables() -> set[str]:
    """The names of environment variables in the sources, by their form."""
    sources = [path.read_text() for path in (*_swift(), *_python())]
    return {found for text in sources for found in _VARIABLE.findall(text)} - _NO_VARIABLES


def _swift() -> list[Path]:
    found = (REPOSITORY / "Sources").rglob("*.swift")
    return [path for path in found if "Generated" not in path.parts]


def _python() -> list[Path]:
    found = (REPOSITORY / "python" / "murmuration").rglob("*.py")
    return [path for path in found if "v1" not in path.parts]


def is_printed(sentence: str, texts: list[str]) -> bool:
    """Whether the parts of a sentence between its `…` follow each other in one of the texts."""
    parts = [part.strip() for part in sentence.split("…")]
    parts = [part for part in parts if len(part) >= _FEWEST_LETTERS]
    pattern = re.compile(".*".join(re.escape(part) for part in parts), re.DOTALL)
    return any(pattern.search(text) for text in texts)


def _of_swift(source: str) -> Iterator[str]:
    joined = _JOINED.sub("", source)
    for several, one in _LITERAL.findall(joined):
        text = re.sub(r"\\\n\s*", "", several) or one
        yield " ".join(_INTERPOLATION.sub("…", text).replace('\\"', '"').split())


def _of_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _FORMAT.sub("…", node.value)
