"""What a terminal shows, as far as a board needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = "\x1b[?2026l"
_TOKEN = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|([^\x1b]+)")


def screens(written: str) -> Iterator[str]:
    """The screen after each update that was written to the terminal."""
    rows: list[str] = []
    row = column = 0
    for update in written.split(_END)[:-1]:
        for codes, command, text in _TOKEN.findall(update):
            while row >= len(rows):
                rows.append("")
            if text:
                for line in text.replace("\r", "").split("\n")[:1]:
                    kept = rows[row].ljust(column)
                    rows[row] = kept[:column] + line + kept[column + len(line) :]
                    column += len(line)
            elif command == "H":
                row, column = (int(code) - 1 for code in codes.split(";"))
            elif command == "K":
                rows[row] = rows[row][:column]
            elif command == "J":
                del rows[row + 1 :]
                rows[row] = rows[row][:column]
            elif command == "h" and codes == "?1049":
                rows, row, column = [""], 0, 0
        yield "\n".join(line.rstrip() for line in rows)
