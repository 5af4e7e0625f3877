"""Writes the version of python/murmuration/_version.py wherever else one stands.

    scripts/version.py          writes it
    scripts/version.py --check  says where another one stands, and fails then

`scripts/lint.sh` does the latter.
"""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCE = "python/murmuration/_version.py"
# What stands before the version, and after it.
PLACES = {
    "Sources/murmur/Murmur.swift": (r'static let version = "', r'"'),
    "python/pyproject.toml": (r'"murmuration-server==', r'"'),
}


def written(place: str, version: str) -> tuple[str, str]:
    """The text of a file, and the one with this version in it."""
    before, after = PLACES[place]
    text = (REPOSITORY / place).read_text(encoding="utf-8")
    pattern = f'(?<={before})[^"]*(?={after})'
    wanted, count = re.subn(pattern, lambda _: version, text)
    if count != 1:
        sys.exit(f"{place} has {count} lines with {before}…{after}; scripts/version.py wants one.")
    return text, wanted


def main(arguments: list[str]) -> None:
    if arguments not in ([], ["--check"]):
        sys.exit(f'version.py takes --check or nothing, not "{" ".join(arguments)}".')
    version = runpy.run_path(str(REPOSITORY / SOURCE))["__version__"]
    stale = []
    for place in PLACES:
        text, wanted = written(place, version)
        if text == wanted:
            continue
        stale.append(place)
        if not arguments:
            (REPOSITORY / place).write_text(wanted, encoding="utf-8")
    if arguments and stale:
        sys.exit(
            f"{' and '.join(stale)} has another version than {SOURCE}, {version}: run "
            "scripts/version.py."
        )
    print(f"version {version}: the same everywhere" if not stale else f"version {version}: written")


if __name__ == "__main__":
    main(sys.argv[1:])
