"""Boards and directives show as tables in a notebook, and what is in them stays text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from support.hostile import EVIL, steers

from murmuration import Directive, Entry, Leaderboard, Summary
from murmuration._notebook import table


class Table(HTMLParser):
    """The tags of a document, and the text of each cell."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert attributes == []
        self.tags.append(tag)
        if tag in ("td", "th", "caption"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        self.cells[-1] += data


SUMMARY = Summary(2, 1, 1, 0, 3, 1, (), None, 30, False)


def board(*entries: Entry, population: str = "digits") -> Leaderboard:
    return Leaderboard(population, False, entries, 0, SUMMARY, 1, 12)


def entry(name: str, value: float | str) -> Entry:
    return Entry(1, 3, 10, 0.123456789, "/c", {name: value}, "training", False, None)


def test_a_board_is_a_table_of_its_members() -> None:
    shown = Table(board(entry("rate", 0.1), entry("width", 64))._repr_html_())
    assert shown.cells == [
        "digits: 2 members, 1 in training, 0 finished, 3 reports, 1 exploits",
        *["rank", "member", "step", "score", "rate", "width", "state"],
        *["1", "3", "10", "0.123457", "0.1", "-", "training"],
        *["1", "3", "10", "0.123457", "-", "64", "training"],
    ]


@pytest.mark.parametrize(
    ("directive", "caption"),
    [
        (Directive("continue", 3, 10, 20, {"rate": 0.1}), "continue"),
        (Directive("exploit", 3, 10, 20, {"rate": 0.1}, donor=5), "exploit: copies member 5"),
        (Directive("stop", 3, 10, 20, {"rate": 0.1}, reason="All done."), "stop: All done."),
    ],
)
def test_a_directive_is_a_table_of_what_to_do(directive: Directive, caption: str) -> None:
    shown = Table(directive._repr_html_())
    assert shown.cells[0] == caption
    assert shown.cells[1:] == [
        *["member", "step", "target step", "checkpoint", "hyperparameters"],
        *["3", "10", "20", "", "rate=0.1"],
    ]


def test_names_and_values_of_others_are_text() -> None:
    tags = ["table", "caption", "thead", "tr", "th", "tbody", "td"]
    sources = [
        board(entry(EVIL, EVIL), population=EVIL)._repr_html_(),
        Directive("stop", 3, 10, 20, {EVIL: EVIL}, EVIL, reason=EVIL)._repr_html_(),
    ]
    for source in sources:
        assert "<script" not in source
        assert not steers(source)
        assert set(Table(source).tags) == set(tags)
        assert any("<script>" in cell for cell in Table(source).cells)


def test_a_long_board_is_cut_and_says_so() -> None:
    shown = table("many", ["number"], [[number] for number in range(52)])
    assert shown.endswith("<p>2 more</p>")
    assert len(Table(shown.removesuffix("<p>2 more</p>")).cells) == 52
