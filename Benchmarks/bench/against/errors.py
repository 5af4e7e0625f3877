"""What can go wrong with a measurement."""

from __future__ import annotations


class BenchmarkError(Exception):
    """A measurement that cannot be made, with what to do about it."""
