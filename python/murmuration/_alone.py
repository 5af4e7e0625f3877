"""Letting one thread in at a time."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from murmuration.errors import BusyError

Given = ParamSpec("Given")
Result = TypeVar("Result")


class OneThread:
    """Lets one thread in at a time, as often as it likes, and tells another one that it is not
    alone."""

    def __init__(self, what: str) -> None:
        self._what = what
        # A thread that was interrupted on its way out comes in again.
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise BusyError(
                f"Another thread is at work with this {self._what}, which trains one member at a "
                f"time: make a {self._what} for each thread."
            )

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Guarded(Protocol):
    """What only one thread may work with at a time."""

    @property
    def _one(self) -> OneThread: ...


Owner = TypeVar("Owner", bound=Guarded)


def alone(
    method: Callable[Concatenate[Owner, Given], Result],
) -> Callable[Concatenate[Owner, Given], Result]:
    """A method that raises `BusyError` while another thread is in one like it."""

    @functools.wraps(method)
    def guarded(self: Owner, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        with self._one:
            return method(self, *args, **kwargs)

    return guarded
