"""How a text of somebody else is shown to people: in sentences, exceptions and logs."""

from __future__ import annotations

import unicodedata


def escaped(text: str) -> str:
    """The text with whatever could steer a terminal, forge a line or hide written by its code.

    That is what Unicode has in the category "other" (controls, formats such as the turns of
    direction, private use, surrogates and what is not assigned) and what separates lines and
    paragraphs. `murmur` writes them in the same way, as `\\u{1b}`.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{{{ord(each):x}}}" if _controls(each) else each for each in text)


def _controls(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("C") or category in ("Zl", "Zp")
