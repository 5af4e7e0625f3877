"""What a hostile peer calls everything, and what must not come of it."""

from __future__ import annotations

import unicodedata

EVIL = 'w\x1b[2J\n\r\u202ex\x9b31m<script>&\'"\u0301,"]; a=b\\'


def steers(text: str) -> set[str]:
    """The characters in a text that do something else than show what they are."""
    return {
        each
        for each in text
        if unicodedata.category(each).startswith("C") or unicodedata.category(each) in ("Zl", "Zp")
    }
