"""Lets pages of the site link to files of the repository that are not in docs/.

The documents link to each other as they lie in the repository, so that they can be read there. A
file outside of docs/ that a page links to comes into the site below repository/: another document
as a page, anything else as it is. MkDocs calls these functions (mkdocs.yml, hooks).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

BELOW = "repository"
REPOSITORY = Path(__file__).resolve().parents[1]

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|<)([^)#\s]+)")
_FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the files that pages link to, and those that these link to."""
    waiting = [Path(config.docs_dir) / file.src_uri for file in files.documentation_pages()]
    seen = set(waiting)
    while waiting:
        page = waiting.pop()
        for target in sorted(_targets(page) - seen):
            seen.add(target)
            if target.is_relative_to(config.docs_dir) or not target.is_file():
                continue
            file = File.generated(
                config,
                _uri(target, config),
                abs_src_path=str(target),
                inclusion=InclusionLevel.NOT_IN_NAV,
            )
            files.append(file)
            if target.suffix == ".md":
                waiting.append(target)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Says for each link where in the site its file is."""
    assert page.file.abs_src_path is not None
    directory = Path(page.file.abs_src_path).parent
    here = PurePosixPath(page.file.src_uri).parent

    def link(match: re.Match[str]) -> str:
        target = (directory / match[1]).resolve()
        return os.path.relpath(_uri(target, config), here)

    return _outside_of_blocks(markdown, lambda text: _LINK.sub(link, text))


def _targets(page: Path) -> set[Path]:
    """The files that a page links to."""
    text = _FENCED.sub("", page.read_text())
    return {(page.parent / link).resolve() for link in _LINK.findall(text)}


def _uri(target: Path, config: MkDocsConfig) -> str:
    """Where a file is in the site."""
    if target.is_relative_to(config.docs_dir):
        return target.relative_to(config.docs_dir).as_posix()
    return f"{BELOW}/{target.relative_to(REPOSITORY).as_posix()}"


def _outside_of_blocks(markdown: str, change: Callable[[str], str]) -> str:
    parts = []
    end = 0
    for block in _FENCED.finditer(markdown):
        parts += [change(markdown[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*parts, change(markdown[end:])])
