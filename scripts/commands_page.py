"""Writes what `murmur help` prints into docs/reference/commands.md, or checks that it is there.

    scripts/commands_page.py          writes it
    scripts/commands_page.py --check  says what differs, and fails then

The page has a comment before each block that is written here, `<!-- check: help COMMAND -->`; what
stands around these is written by hand. The program is the one that MURMUR_BIN names, or that was
built here last.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "reference" / "commands.md"
COLUMNS = 80

_BLOCK = re.compile(r"(?<=<!-- check: help )([a-z -]*?)( ?-->\n```text\n)(.*?)(?=\n```)", re.DOTALL)


def program() -> Path:
    if named := os.environ.get("MURMUR_BIN"):
        return Path(named)
    built = [REPOSITORY / ".build" / kind / "murmur" for kind in ("debug", "release")]
    found = [path for path in built if path.exists()]
    if not found:
        sys.exit("There is no murmur; build it (swift build), or name it in MURMUR_BIN.")
    return max(found, key=lambda path: path.stat().st_mtime)


def output(*arguments: str) -> str:
    environment = {**os.environ, "COLUMNS": str(COLUMNS)}
    command = [str(program()), *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout.strip("\n")


def commands() -> Iterator[str]:
    """Every command that help lists, and its subcommands."""
    listed = json.loads(output("--experimental-dump-help"))

    def below(command: dict[str, Any], words: list[str]) -> Iterator[str]:
        for each in command.get("subcommands", []):
            name = each["commandName"]
            if each.get("shouldDisplay", True) and name != "help":
                yield " ".join([*words, name])
                yield from below(each, [*words, name])

    return below(listed["command"], [])


def current(page: str) -> str:
    """The page with the help of today."""
    found = {match[1].strip() for match in _BLOCK.finditer(page)}
    if lacking := sorted(set(commands()) - found):
        sys.exit(f"{PAGE.name} has no block for {', '.join(lacking)}; write its section.")
    return _BLOCK.sub(
        lambda match: f"{match[1]}{match[2]}{output('help', *match[1].split())}", page
    )


def main() -> None:
    page = PAGE.read_text()
    wanted = current(page)
    if sys.argv[1:] == ["--check"]:
        if page != wanted:
            sys.exit(f"{PAGE} is not what murmur help prints; run scripts/commands_page.py.")
        print("docs/reference/commands.md: what murmur help prints")
    else:
        PAGE.write_text(wanted)


if __name__ == "__main__":
    main()
