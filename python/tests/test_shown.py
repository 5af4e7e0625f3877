"""How people are shown texts of others: `Tests/Vectors/shown.json`, which holds for Swift too."""

from __future__ import annotations

import json
import unicodedata

import pytest
from support.repository import VECTORS

from murmuration._shown import escaped

SHOWN: list[dict[str, str]] = json.loads((VECTORS / "shown.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", SHOWN, ids=lambda vector: ascii(vector["shown"]))
def test_a_text_is_shown_as_its_vector_says(vector: dict[str, str]) -> None:
    assert escaped(vector["text"]) == vector["shown"]
    assert escaped(vector["shown"]) == vector["shown"]


def test_of_all_there_is_nothing_that_is_shown_steers() -> None:
    shown = escaped("".join(map(chr, range(0x110000))))
    kinds = {unicodedata.category(each) for each in set(shown)}
    assert not {kind for kind in kinds if kind.startswith("C") or kind in ("Zl", "Zp")}


def test_a_byte_of_a_file_name_that_is_no_text_is_shown_by_its_code() -> None:
    assert escaped("a\udc9bb") == r"a\u{dc9b}b"
