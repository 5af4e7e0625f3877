"""The blocks of code in a document, and how each of them is checked.

A comment before a block, `<!-- check: MECHANISM -->`, names the mechanism; without one it goes by
the block's language, else by the page's `<!-- check all: MECHANISM -->`. A block is left out by
`<!-- unchecked: REASON -->`. One with a title is written into the file of that name, which the
page's commands find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]

BY_LANGUAGE = {
    "console": "run",
    "python": "names",
    "sh": "options",
    "swift": "types",
    "yaml": "space",
    "csv": "space",
}
"""What checks a block of each language when no comment says otherwise."""

MECHANISMS = {
    "run": "each command is run, and its output compared, up to numbers and paths, or as JSON",
    "words": "each command is run, and every word of the output shown is in the real one",
    "names": "it is compiled, and what it takes from murmuration is there",
    "options": "commands, subcommands, options and targets of make exist",
    "types": "the Swift compiler finds no error in it",
    "space": "a coordinator makes a population of it",
    "help": "it is what `murmur help` prints",
    "screen": "a real board has lines like these",
    "elsewhere": "the test that is named reads the page, and checks its blocks",
}

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^`]*)$")
_COMMENT = re.compile(r"<!-- (?P<key>check|unchecked): (?P<value>[^>]+?) -->")
_SETUP = re.compile(r"<!-- setup: (\w+) -->")
_PAGE = re.compile(r"<!-- check all: ([^>]+?) -->")
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """One fenced block of a document."""

    page: Path
    line: int
    language: str
    title: str | None
    text: str
    mechanism: str | None
    argument: str
    """What follows the mechanism's name in its comment."""
    reason: str | None
    """Why it is left out, when it is."""

    @property
    def place(self) -> str:
        return f"{name(self.page)}:{self.line}"


def documents() -> list[Path]:
    """Every document that people read, but for the list of changes."""
    here = [path for path in REPOSITORY.glob("*.md") if path.name != "CHANGELOG.md"]
    below = [*(REPOSITORY / "docs").rglob("*.md"), REPOSITORY / "python" / "README.md"]
    return sorted([*here, *below, *(REPOSITORY / "Benchmarks").glob("*.md")])


def setup(page: Path) -> str | None:
    """What `<!-- setup: NAME -->` says is there when the page's first command is run."""
    found = _SETUP.search(page.read_text())
    return found[1] if found else None


def name(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    text = page.read_text()
    of_page = _PAGE.search(text)
    usual = of_page[1] if of_page else ""
    lines = text.split("\n")
    number = 0
    comment: re.Match[str] | None = None
    while number < len(lines):
        line = lines[number]
        number += 1
        fence = _FENCE.match(line)
        if fence is None:
            # A comment is for the block that follows it, with nothing but space between.
            found = _COMMENT.search(line)
            comment = found or (comment if not line.strip() else None)
            continue
        start = number
        while lines[number].strip() != fence["fence"]:
            number += 1
        inside = "\n".join(each[len(fence["indent"]) :] for each in lines[start:number])
        number += 1
        yield _block(page, start, fence["info"], inside, comment, usual)
        comment = None


def _block(
    page: Path, line: int, info: str, text: str, comment: re.Match[str] | None, usual: str
) -> Block:
    language = info.split(" ")[0].strip()
    title = _TITLE.search(info)
    mechanism, _, argument = BY_LANGUAGE.get(language, usual).partition(" ")
    if comment is not None and comment["key"] == "check":
        mechanism, _, argument = comment["value"].partition(" ")
    reason = comment["value"] if comment is not None and comment["key"] == "unchecked" else None
    return Block(
        page=page,
        line=line,
        language=language,
        title=title[1] if title else None,
        text=text,
        mechanism=None if reason else mechanism or None,
        argument=argument,
        reason=reason,
    )
