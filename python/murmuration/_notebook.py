"""How boards and directives look in a notebook: small tables of HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from murmuration._shown import escaped

_DIGITS = 6
_ROWS = 50


def table(caption: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table of HTML. Names and texts in it are somebody else's, and show as what they are."""
    head = "".join(f"<th>{_cell(column)}</th>" for column in columns)
    all_rows = [list(row) for row in rows]
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>"
        for row in all_rows[:_ROWS]
    )
    more = len(all_rows) - _ROWS
    rest = f"<p>{more} more</p>" if more > 0 else ""
    return (
        f"<table><caption>{_cell(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{rest}"
    )


def listed(values: Mapping[str, Any]) -> str:
    """Hyperparameters in one line."""
    return ", ".join(
        f"{name}={'null' if value is None else _text(value)}" for name, value in values.items()
    )


def _cell(value: Any) -> str:
    return html.escape(escaped(_text(value)))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.{_DIGITS}g}" if isinstance(value, float) else str(value)
