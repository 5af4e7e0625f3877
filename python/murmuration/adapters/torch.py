"""Checkpoints of PyTorch's modules and optimizers.

They are read with `weights_only=True`, which runs no code of the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from murmuration._checkpoints import writing
from murmuration.adapters._libraries import library
from murmuration.errors import CheckpointError, InvalidError

if TYPE_CHECKING:
    import torch
else:
    torch = library("torch", "PyTorch", "torch")


def save(
    path: str | os.PathLike[str],
    module: torch.nn.Module,
    optimizer: torch.optim.Optimizer | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Writes the states of a module and its optimizer, complete or not at all.

    `extra` is what else training on needs; it may hold numbers, strings, tensors, lists and
    dictionaries, for nothing else is read back.
    """
    saved = {
        "module": module.state_dict(),
        "optimizer": None if optimizer is None else optimizer.state_dict(),
        "extra": dict(extra or {}),
    }
    with writing(path) as temporary:
        torch.save(saved, temporary)


def load(
    path: str | os.PathLike[str],
    module: torch.nn.Module,
    optimizer: torch.optim.Optimizer | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    *,
    map_location: Any = "cpu",
) -> dict[str, Any]:
    """Loads what was saved there into a module and an optimizer, and returns the `extra`.

    The optimizer gets what it had learnt, such as its momentum. The options of its parameter
    groups, such as its learning rate, are not loaded: the checkpoint has the donor's, not the
    explored ones. They stay as they are, but for those that `hyperparameters` sets.

    After a `CheckpointError` the module may hold a part of the checkpoint: make a fresh one.
    """
    try:
        saved = torch.load(path, map_location=map_location, weights_only=True)
        module.load_state_dict(saved["module"])
        extra: dict[str, Any] = saved["extra"]
        if optimizer is not None:
            _load_optimizer(optimizer, saved["optimizer"])
    except Exception as error:
        # A file that is damaged, or of another model, raises many kinds of exceptions.
        raise CheckpointError(
            f"{os.fspath(path)!r} holds no state of this model: {error}"
        ) from error
    if optimizer is not None:
        set_hyperparameters(optimizer, hyperparameters or {})
    return extra


def set_hyperparameters(
    optimizer: torch.optim.Optimizer, hyperparameters: Mapping[str, Any]
) -> None:
    """Sets options of all parameter groups by the optimizer's names of them, such as `lr`."""
    for group in optimizer.param_groups:
        for name, value in hyperparameters.items():
            if name == "params" or name not in group:
                known = ", ".join(sorted(set(group) - {"params"}))
                raise InvalidError(
                    f"{type(optimizer).__name__} has no option {name!r}; it has {known}."
                )
            if isinstance(group[name], torch.Tensor):
                # A captured graph reads this very tensor.
                group[name].fill_(value)
            else:
                group[name] = value


def _load_optimizer(optimizer: torch.optim.Optimizer, state: Mapping[str, Any] | None) -> None:
    if state is None:
        raise ValueError("it was saved without an optimizer")
    options = [
        {name: value for name, value in group.items() if name != "params"}
        for group in optimizer.param_groups
    ]
    optimizer.load_state_dict(dict(state))
    for group, kept in zip(optimizer.param_groups, options, strict=True):
        group.update(kept)
