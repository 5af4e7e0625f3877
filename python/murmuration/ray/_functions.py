"""Function trainables: a step of the population is one report of the function's."""

from __future__ import annotations

import importlib
import inspect
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from murmuration._checkpoints import writing
from murmuration._object_store import fetched, is_address
from murmuration._restoring import restored
from murmuration._worker import Worker
from murmuration.adapters._libraries import library
from murmuration.errors import InvalidError
from murmuration.ray._results import existing, metrics_of, score_of

logger = logging.getLogger("murmuration")


def train_function(
    worker: Worker,
    function: Callable[[dict[str, Any]], Any],
    metric: str,
    configured: Callable[[], dict[str, Any]],
) -> None:
    """Trains what the worker is told to, calling a function, until there is no more."""
    tune = library("ray.tune", "Ray Tune", "ray")
    # `tune.report` and `tune.get_checkpoint` ask the session that this module has.
    sessions: Any = importlib.import_module("ray.train._internal.session")
    while worker.training:
        path = restored(worker, existing, lambda: None, inside=worker.checkpoint_directory)
        checkpoint = None if path is None else tune.Checkpoint.from_directory(path)
        session = _Session(worker, metric, checkpoint, tune.Checkpoint.from_directory)
        sessions._session = session
        try:
            with suppress(_Ended):
                _call(function, configured(), session)
                raise InvalidError(
                    f"The function returned after step {session.step}, and its member is to be "
                    f"trained up to step {worker.target_step} next: let it report for so long, or "
                    "say with max_steps how long to train."
                )
        finally:
            sessions._session = None


class _Ended(BaseException):
    """Ends the function, which is to go on from another state. No `Exception`, so that a function
    that survives errors does not survive this."""


class _Session:
    """What Tune's functions ask and tell while they train."""

    # Tune's own are none of a distributed training's ranks either.
    world_rank = world_size = local_rank = local_world_size = node_rank = None
    trial_resources = dataset_shard = run_id = None

    def __init__(
        self,
        worker: Worker,
        metric: str,
        checkpoint: Any,
        from_directory: Callable[[str], Any],
    ) -> None:
        self.loaded_checkpoint = checkpoint
        self.step = worker.step
        self.trial_id = str(worker.member)
        self.trial_name = f"{worker.population}-{worker.member}"
        self.experiment_name = worker.population
        self.trial_dir = str(worker.checkpoint_directory)
        self._worker = worker
        self._metric = metric
        self._from_directory = from_directory
        self._has_said = False
        self._state: dict[str, Any] = {}

    def report(self, metrics: Mapping[str, Any], checkpoint: Any = None) -> None:
        """A step: reports to the coordinator when one is due, and ends the function when another
        state is to be trained."""
        worker = self._worker
        score = score_of(metrics, self._metric)
        self.step += 1
        if self.step < worker.target_step:
            return
        path = None if checkpoint is None else self._save(checkpoint)
        if path is None and not self._has_said:
            self._has_said = True
            logger.warning(
                "Step %d was reported without a checkpoint, so that nobody can copy member %d from "
                "there: call tune.report with a checkpoint at each step at which members may copy.",
                self.step,
                worker.member,
            )
        others = metrics_of(metrics, self._metric)
        directive = worker.report(self.step, score, path, others)
        if directive.loads or not worker.training:
            raise _Ended

    def get_state(self, key: str) -> Any:
        return self._state.get(key)

    def set_state(self, key: str, value: Any) -> None:
        self._state[key] = value

    def _save(self, checkpoint: Any) -> Any:
        path = self._worker.checkpoint_path()
        with writing(path) as temporary:
            temporary.mkdir()
            checkpoint.to_directory(str(temporary))
        copy = fetched(str(path)) if is_address(path) else path
        self.loaded_checkpoint = self._from_directory(str(copy))
        return path


def _call(function: Callable[[dict[str, Any]], Any], config: dict[str, Any], session: Any) -> None:
    """Calls a function, and reports what it yields or returns, as Tune does."""
    if inspect.isgeneratorfunction(function):
        for each in function(config):
            _report(each, session)
    else:
        _report(function(config), session)


def _report(output: Any, session: Any) -> None:
    if isinstance(output, Mapping) and output:
        session.report(output)
