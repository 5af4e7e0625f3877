"""What runs on a cluster's nodes: one worker of a run, in a process that Ray starts."""

from __future__ import annotations

import os
import socket
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from murmuration._connection.address import WORKER_VARIABLE
from murmuration._naming import default_name
from murmuration._worker import Worker
from murmuration.errors import CheckpointError, InvalidError


@dataclass(frozen=True)
class Joining:
    """What a worker needs to join a run. It travels as an argument, which Ray shows nowhere."""

    url: str = field(repr=False)
    space: str
    run: str
    checkpoints: str
    delete_released: bool
    mark: str | None
    """The name of a file in the directory for checkpoints, by which a node knows that it sees the
    driver's directory; `None` when that is an address."""


@dataclass(frozen=True)
class Failure:
    """What ended a worker's training before its time."""

    text: str
    """The traceback, or what Ray says."""
    member: int | None = None
    step: int | None = None

    @property
    def said(self) -> str:
        """Its last line, and where it was."""
        last = self.text.strip().splitlines()[-1]
        if self.member is None:
            return last
        return f"{last} (member {self.member}, trained on from step {self.step})"


class Trainer:
    """One worker's process."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __repr__(self) -> str:
        """What stands before the lines that it prints, and in Ray's lists."""
        return f"Worker {self._number}"

    def begin(self) -> None:
        """Returns as soon as the process is there."""

    def work(
        self, train: Callable[[Worker], object], joining: Joining, pause: float
    ) -> Failure | None:
        """Trains until there is nothing more; returns what went wrong when that ended it."""
        time.sleep(pause)
        worker: Worker | None = None
        try:
            _check(joining)
            worker = Worker(
                joining.url,
                space=joining.space,
                name=default_name(environment={**os.environ, WORKER_VARIABLE: str(self._number)}),
                # Whoever is started again gets the member that it had, wherever that is.
                place=f"ray/{joining.run}/{self._number}",
                checkpoints=joining.checkpoints,
                delete_released=joining.delete_released,
            )
            with worker:
                while worker.training:
                    before = worker._holder.lease
                    train(worker)
                    if worker.training and worker._holder.lease is before:
                        raise InvalidError(
                            "The function that trains returned without a report: let it call "
                            "worker.report."
                        )
        except Exception:
            text = traceback.format_exc()
            if worker is None or worker._holder.lease is None:
                return Failure(text)
            return Failure(text, worker.member, worker.step)
        return None


def _check(joining: Joining) -> None:
    if joining.mark is not None and not (Path(joining.checkpoints) / joining.mark).exists():
        raise CheckpointError(
            f"{joining.checkpoints!r} on {socket.gethostname()} is not the directory for "
            "checkpoints that the driver sees: name one that all nodes share, or an address such "
            "as s3://bucket/run."
        )
