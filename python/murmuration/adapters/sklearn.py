"""Checkpoints of scikit-learn's estimators that learn by `partial_fit`.

They are pickles, written with joblib: loading one runs whatever code is in it. The path comes from
the coordinator, and was reported by some worker: whoever can report, and can write a file that this
worker sees, can run code in this process. So load only from a directory that your own workers alone
can write to, and name it, so that nothing else is opened:

```python
model = restored(worker, load, fresh, inside=worker.checkpoint_directory)
```

The library has no other form for a partly trained estimator. This module loads nothing by itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

from murmuration._checkpoints import writing
from murmuration._values import Value
from murmuration.adapters._libraries import library
from murmuration.errors import CheckpointError, InvalidError

joblib = library("joblib", "scikit-learn", "sklearn")

Estimator = TypeVar("Estimator")


def save(path: str | os.PathLike[str], estimator: Any) -> None:
    """Writes an estimator, or whatever joblib can write, complete or not at all."""
    with writing(path) as temporary:
        joblib.dump(estimator, temporary)


def load(path: str | os.PathLike[str], hyperparameters: Mapping[str, Value] | None = None) -> Any:
    """The estimator that was saved there, with `hyperparameters` set, by its own names of them.

    The file is a pickle, and loading it runs the code in it: see the module about trust.
    """
    try:
        estimator = joblib.load(path)
    except Exception as error:
        # A pickle that is damaged, or of another version, raises anything.
        raise CheckpointError(f"{os.fspath(path)!r} holds no estimator: {error}") from error
    return set_hyperparameters(estimator, hyperparameters or {})


def set_hyperparameters(estimator: Estimator, hyperparameters: Mapping[str, Value]) -> Estimator:
    """Sets hyperparameters by the estimator's own names, also of one that is partly trained."""
    known = estimator.get_params()  # type: ignore[attr-defined]
    for name in hyperparameters:
        if name not in known:
            raise InvalidError(
                f"{type(estimator).__name__} has no parameter {name!r}; it has "
                f"{', '.join(sorted(known))}."
            )
    estimator.set_params(**hyperparameters)  # type: ignore[attr-defined]
    _set_solver(estimator, hyperparameters)
    return estimator


def _set_solver(estimator: Any, hyperparameters: Mapping[str, Value]) -> None:
    """A multilayer perceptron looks at these once, when its solver is made by the first call of
    `partial_fit`, so that later values would have no effect."""
    solver: Any = getattr(estimator, "_optimizer", None)
    for name, value in hyperparameters.items():
        if hasattr(solver, name):
            setattr(solver, name, value)
        if name == "learning_rate_init" and hasattr(solver, "learning_rate"):
            solver.learning_rate = value
