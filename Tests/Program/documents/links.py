"""Whether what a document links to is there."""

from __future__ import annotations

import re
from pathlib import Path

_LINK = re.compile(r"\]\((?![a-z]+:|<)([^)\s]*)\)")
_FENCED = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def broken(page: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    text = _FENCED.sub("", page.read_text())
    return [link for link in _LINK.findall(text) if not _leads(page, link)]


def _leads(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in _anchors(target)


def _anchors(page: Path) -> set[str]:
    """What the headings of a page are called by, as its renderers make it of them."""
    text = _FENCED.sub("", page.read_text())
    return {_anchor(heading) for heading in _HEADING.findall(text)}


def _anchor(heading: str) -> str:
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", plain.lower())).strip("-")
