"""Space files in the encodings in which editors save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from murmuration._space_text import text_of
from murmuration.errors import InvalidError, LimitError

TEXT = "interval: 5\nhyperparameters: {rate: {type: float, min: 0, max: 1}}\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_left_to_the_coordinator(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(TEXT, encoding=encoding)
    assert text_of(path).encode() == path.read_bytes()


@pytest.mark.parametrize("text", [TEXT, "# Größe\n" + TEXT])
def test_a_file_in_utf_16_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(text, encoding="utf-16")
    with pytest.raises(InvalidError, match=r"space\.yaml' cannot be read as UTF-8: save it as"):
        text_of(path)


def test_a_file_that_does_not_fit_into_a_message_is_named(tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(TEXT + "#" * 64_512)
    for space in (path, path.read_text()):
        with pytest.raises(LimitError, match=r"space.* has 645\d\d bytes and may have 64512, for"):
            text_of(space)
