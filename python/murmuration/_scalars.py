"""Numbers as people have them: Python's own, and scalars of numpy, torch, jax and the like."""

from __future__ import annotations

from typing import Any, SupportsIndex

from murmuration.errors import InvalidError


def number(value: Any, what: str) -> float:
    """A float from a number, or from a scalar or an array with one element."""
    try:
        found = plain(value)
        if not isinstance(found, (str, bytes)):
            return float(found)
    except OverflowError:
        raise InvalidError(
            f"The {what} is too large for a number with a fraction; give float('inf'), or a "
            "smaller one."
        ) from None
    except (AttributeError, TypeError, ValueError, RuntimeError):
        # What several elements, and what is no number at all, raise in the one library or another.
        pass
    raise InvalidError(f"The {what} is {_shown(value)}; give a single number.")


def plain(value: Any) -> Any:
    """Python's own value for the scalar of a library; anything else as it is."""
    # A library's own way comes first: float() of an array with one element is on its way out.
    return value.item() if hasattr(value, "item") else value


def count(value: SupportsIndex, what: str) -> int:
    """A number from 0 up that fits the wire."""
    try:
        found = value.__index__()
    except (AttributeError, TypeError, ValueError, RuntimeError):
        found = -1
    if not 0 <= found < 2**63:
        raise InvalidError(f"The {what} is {_shown(value)}; give a whole number from 0 up.")
    return found


def _shown(value: Any) -> str:
    return f"{' '.join(repr(value).split()):.60}"
