"""Tables for people: columns that line up, and numbers with their spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """The median of what several measurements gave, the least and the most."""

    median: float
    minimum: float
    maximum: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        return Spread(median(values), min(values), max(values))

    @staticmethod
    def of_ratios(above: Sequence[float], below: Sequence[float]) -> Spread:
        """Of the ratios of each pair: what one shares with the other cancels out."""
        return Spread.of([one / other for one, other in zip(above, below, strict=True)])

    def text(self, form: str = ".2f") -> str:
        middle = number(self.median, form)
        if self.minimum == self.maximum:
            return middle
        return f"{middle} ({number(self.minimum, form)} to {number(self.maximum, form)})"


def number(value: float, form: str) -> str:
    """Thousands are set apart by spaces where the form has a comma."""
    return format(value, form).replace(",", " ")


def aligned(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A line for the headings and each row, with columns below each other."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
