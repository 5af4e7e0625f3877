"""Giving members back when the process is told to end."""

from __future__ import annotations

import logging
import os
import signal
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

logger = logging.getLogger("murmuration")


class Preempted(SystemExit):
    """SIGTERM came: `preemptible` raises this in the main thread.

    It is no `Exception`, so that a training loop that survives errors does not survive this. When
    nothing catches it the process ends with the code 143, the one that shells give to SIGTERM.
    """

    def __init__(self) -> None:
        super().__init__(128 + signal.SIGTERM)


@contextmanager
def preemptible() -> Iterator[None]:
    """Within it, SIGTERM gives the members of this process's workers back at once.

    ```python
    with preemptible(), Worker() as worker:
        ...
    ```

    Schedulers such as Slurm and Kubernetes send SIGTERM some time before they kill a process.
    Without this it ends the process on the spot, and the member waits until its lease lapses.
    With it, `Preempted` is raised in the main thread, between two instructions of Python: a call
    into an extension is let end first. What unwinds leaves `with` blocks as any exception does;
    then every worker that has not left leaves, in whichever thread or `PBTClient` it is. A
    second SIGTERM does not disturb this.

    It may decorate a function: `@preemptible()`. A handler that the program had set before is
    called first, and is there again afterwards. Nothing is done, and a warning logged, in other
    threads than the main one, where Python has no handlers, and where SIGTERM is ignored or
    handled by an extension.
    """
    if not _state.install():
        yield
        return
    try:
        yield
    finally:
        if _state.was_told:
            _state.leave_all()
        _state.uninstall()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Puts `Preempted` off to the end of the block, which takes no longer than a scheduler waits.

    Only the main thread is interrupted at all.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.blocks += 1
    try:
        yield
    finally:
        _state.blocks -= 1
        if _state.blocks == 0 and _state.is_due:
            _state.is_due = False
            _state.interrupt(None)


def register(worker: Leaves) -> None:
    """Says that a worker is to leave when the process is told to end."""
    with _state.lock:
        _state.workers.add(worker)


def forget(worker: Leaves) -> None:
    """Says that a worker has left."""
    with _state.lock:
        _state.workers.discard(worker)


class Leaves(Protocol):
    """What gives something back."""

    def leave(self) -> None: ...


class _State:
    """What there is once in a process.

    The handler runs in the main thread and takes no lock, since what it interrupts may hold it.
    """

    def __init__(self) -> None:
        # The process with the handler; one that was forked from it inherits the handler alone.
        self.pid: int | None = None
        # What SIGTERM did before: a function of the program, or the default.
        self.previous: Callable[[int, FrameType | None], Any] | signal.Handlers = signal.SIG_DFL
        self.was_told = False
        self.blocks = 0
        self.is_due = False
        self.lock = threading.Lock()
        self.workers: weakref.WeakSet[Leaves] = weakref.WeakSet()

    def install(self) -> bool:
        if threading.current_thread() is not threading.main_thread():
            logger.warning("SIGTERM is not handled: call preemptible() in the main thread.")
            return False
        if self.pid == os.getpid():
            # An outer block has the handler already.
            return False
        found = signal.getsignal(signal.SIGTERM)
        if found is not _handle:
            if found != signal.SIG_DFL and not callable(found):
                logger.warning(
                    "SIGTERM is not handled, because %s.",
                    "it is ignored" if found == signal.SIG_IGN else "an extension handles it",
                )
                return False
            self.previous = found if callable(found) else signal.SIG_DFL
        self.was_told = self.is_due = False
        self.blocks = 0
        self.pid = os.getpid()
        signal.signal(signal.SIGTERM, _handle)
        return True

    def uninstall(self) -> None:
        self.pid = None
        # The program may have set another handler meanwhile.
        if signal.getsignal(signal.SIGTERM) is _handle:
            signal.signal(signal.SIGTERM, self.previous)

    def interrupt(self, frame: FrameType | None) -> None:
        is_first = not self.was_told
        self.was_told = True
        if callable(self.previous):
            self.previous(signal.SIGTERM, frame)
        if is_first:
            raise Preempted

    def leave_all(self) -> None:
        with self.lock:
            workers = list(self.workers)
        with undisturbed():
            for worker in workers:
                worker.leave()


_state = _State()


def _handle(number: int, frame: FrameType | None) -> None:
    if os.getpid() != _state.pid:
        # A process that was forked ends as it would have without the handler.
        signal.signal(number, _state.previous)
        os.kill(os.getpid(), number)
    elif _state.blocks > 0:
        _state.is_due = True
    else:
        _state.interrupt(frame)
