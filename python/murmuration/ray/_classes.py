"""Class trainables: a step of the population is one of the trainable's."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from murmuration._checkpoints import writing
from murmuration._restoring import restored
from murmuration._worker import Worker
from murmuration.errors import CheckpointError
from murmuration.ray._results import existing, metrics_of, score_of


def train_class(
    worker: Worker, kind: Any, metric: str, configured: Callable[[], dict[str, Any]]
) -> None:
    """Trains what the worker is told to, with objects of a class, until there is no more."""
    holder = _Holder(worker, kind, configured)
    try:
        while worker.training:
            holder.load()
            loads = False
            while worker.training and not loads:
                loads = holder.train(metric)
    finally:
        holder.stop()


class _Holder:
    """The object that trains, which lives on from one member to the next where it can."""

    def __init__(self, worker: Worker, kind: Any, configured: Callable[[], dict[str, Any]]) -> None:
        self._worker = worker
        self._kind = kind
        self._configured = configured
        self._object: Any = None

    def load(self) -> None:
        """Takes over the member's state, with its hyperparameters."""
        worker = self._worker
        restored(worker, self._restore, self._make, inside=worker.checkpoint_directory)

    def train(self, metric: str) -> bool:
        """Trains up to the next report, and returns whether there is something to load after it."""
        worker = self._worker
        result: dict[str, Any] = {}
        for _ in range(worker.step, worker.target_step):
            result = self._object.train()
            score = score_of(result, metric)
        path = worker.checkpoint_path()
        with writing(path) as temporary:
            temporary.mkdir()
            self._object.save(str(temporary))
        directive = worker.report(worker.target_step, score, path, metrics_of(result, metric))
        return directive.loads

    def stop(self) -> None:
        ended, self._object = self._object, None
        if ended is not None:
            ended.stop()
            _tidy(ended.logdir)

    def _is_reset(self) -> bool:
        """Whether the object that there is goes on with other hyperparameters."""
        if self._object is None:
            return False
        before = self._object.logdir
        is_reset = bool(self._object.reset(self._configured()))
        _tidy(before)
        return is_reset

    def _make(self) -> None:
        self.stop()
        self._object = self._kind(config=self._configured())

    def _restore(self, path: str) -> None:
        existing(path)
        if not self._is_reset():
            self._make()
        try:
            self._object.restore(path)
        except (EOFError, pickle.UnpicklingError) as error:
            raise CheckpointError(f"The checkpoint {path!r} is damaged: {error}") from error
        # A checkpoint of a class has its own state alone, and Tune keeps the iteration beside it.
        self._object._iteration = self._worker.step


def _tidy(directory: str) -> None:
    """Removes a directory that Tune made for an object's logs, unless something is in it."""
    with suppress(OSError):
        Path(directory).rmdir()
