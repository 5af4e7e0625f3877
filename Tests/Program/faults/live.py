"""Workers that train while something else misbehaves, and how long their reports took."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from program import Murmur

from murmuration import Worker

# A hundred times what a report takes on a busy machine, and less than anything waits that holds a
# coordinator up: handshakes, heartbeats and leases are given up after 30 s at the earliest.
SLOWEST_SECONDS = 20.0


class LiveWorkers:
    """Reports one after another, and remembers when and how long each took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took: list[float] = []
        self.stopping = threading.Event()
        self.started = threading.Semaphore(0)

    def train(self, url: str, population: str, checkpoint_bytes: int) -> None:
        with Worker(url, population, name="live") as worker:
            self.started.release()
            while not self.stopping.wait(0.02):
                checkpoint = f"/live/{uuid.uuid4().hex}".ljust(checkpoint_bytes, "-")
                start = time.monotonic()
                told = worker.report(worker.target_step, 1.0, checkpoint=checkpoint)
                assert told.recorded
                with self._lock:
                    self._took.append(time.monotonic() - start)

    def count(self) -> int:
        with self._lock:
            return len(self._took)

    def go_on(self, reports: int = 40) -> None:
        """Waits for so many more reports, none of which may take long."""
        with self._lock:
            before = len(self._took)
        until = time.monotonic() + SLOWEST_SECONDS * reports
        while self.count() < before + reports:
            assert time.monotonic() < until, f"{self.count() - before} of {reports} reports came"
            time.sleep(0.01)
        with self._lock:
            slowest = max(self._took[before:])
        assert slowest < SLOWEST_SECONDS, f"a report took {slowest:.1f} s"


def complaints(messages: list[str]) -> list[str]:
    """What clients logged, but that one needed a moment to connect."""
    return [message for message in messages if not message.startswith("No coordinator yet")]


@contextmanager
def living(
    murmur: Murmur, workers: int = 4, population: str = "p", checkpoint_bytes: int = 0
) -> Iterator[LiveWorkers]:
    """Has workers train until the block ends; what stops one of them is raised then."""
    live = LiveWorkers()
    url = murmur.url
    with ThreadPoolExecutor(workers) as pool:
        training: list[Future[None]] = [
            pool.submit(live.train, url, population, checkpoint_bytes) for _ in range(workers)
        ]
        try:
            for _ in range(workers):
                assert live.started.acquire(timeout=30)
            yield live
        finally:
            live.stopping.set()
        for each in training:
            each.result(timeout=30)
