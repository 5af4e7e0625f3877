"""Ray Tune's trainables as what a worker trains."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from murmuration._nesting import nested
from murmuration._worker import Worker
from murmuration.errors import InvalidError
from murmuration.ray._classes import train_class
from murmuration.ray._functions import train_function

logger = logging.getLogger("murmuration")

Train = Callable[[Worker], object]
"""What trains whatever a worker is told to, as `murmuration.ray.run` wants it."""


def trainable(
    trainable: Callable[..., Any],
    *,
    metric: str,
    config: Mapping[str, Any] | None = None,
) -> Train:
    """A trainable of Ray Tune, a class or a function, as `run` wants it.

    ```python
    run(trainable(Trainer, metric="accuracy"), space={"lr": tune.loguniform(1e-4, 1e-1)}, …)
    ```

    A step is one `step()` of a class, and one `tune.report` of a function. `metric` is the score,
    and the other numbers of a result are kept as metrics. Hyperparameters come in the
    configuration, after the constants of `config`; one called `optimizer.lr` in a dictionary.

    When a member copies another one, `reset_config` of a class is called; where that does not
    return true, a new object is made, and then the checkpoint loaded. A function is ended within
    its `tune.report`, as Tune does, and called again. It should report a checkpoint with each
    report at which a member may copy; without one nobody can copy it.

    Resources that a trainable asks for are not looked at, with a warning: they are `run`'s.

    Checkpoints are what the trainable saves, which may be pickles, and only those in the run's
    directory are loaded. A result that says `done`, and a function that returns before the last
    step, raise `InvalidError`: say with `max_steps` how long to train.
    """
    if isinstance(trainable, str) or not callable(trainable):
        raise InvalidError(
            f"The trainable is {trainable!r:.60}: give a class or a function of Ray Tune's."
        )
    if inspect.isclass(trainable) and not all(
        hasattr(trainable, each) for each in ("train", "save", "restore", "reset", "stop")
    ):
        raise InvalidError(
            f"The class {trainable.__name__} is no trainable: derive it from ray.tune.Trainable, "
            "or give a function."
        )
    if _asks_for_resources(trainable):
        logger.warning(
            "The resources that %s asks for are not looked at: name them in resources={…} of run.",
            getattr(trainable, "__name__", repr(trainable)),
        )
    constants = dict(config or {})

    def train(worker: Worker) -> None:
        def configured() -> dict[str, Any]:
            return _joined(deepcopy(constants), nested(worker.hyperparameters))

        if inspect.isclass(trainable):
            train_class(worker, trainable, metric, configured)
        else:
            train_function(worker, trainable, metric, configured)

    return train


def _asks_for_resources(trainable: Callable[..., Any]) -> bool:
    """Whether Tune would give it more than a processor: it went through `tune.with_resources`, or
    is a class with a `default_resource_request` of its own."""
    if not inspect.isclass(trainable):
        return hasattr(trainable, "_resources")
    request = "default_resource_request"
    kind = next((each for each in trainable.__mro__ if request in vars(each)), None)
    return kind is not None and kind.__module__ != "ray.tune.trainable.trainable"


def _joined(constants: dict[str, Any], hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in hyperparameters.items():
        inside = constants.get(name)
        if isinstance(value, dict) and isinstance(inside, dict):
            _joined(inside, value)
        else:
            constants[name] = value
    return constants
