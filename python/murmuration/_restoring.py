"""What a worker is to train: its checkpoint, else another that the coordinator names."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from murmuration._object_store import fetched, is_address, is_inside
from murmuration._paths import AnyPath
from murmuration._shown import escaped
from murmuration._worker import Worker
from murmuration.distributed import DistributedWorker
from murmuration.errors import CheckpointError

logger = logging.getLogger("murmuration")

Model = TypeVar("Model")


def restored(
    worker: Worker | DistributedWorker,
    load: Callable[[str], Model],
    fresh: Callable[[], Model],
    *,
    inside: AnyPath | None = None,
) -> Model:
    """What the worker is to train: `load(worker.checkpoint)`, or `fresh()` when it has none.

    Of an address, such as `s3://…`, a copy on this machine is loaded, which is kept for a while.

    ```python
    model = restored(worker, load, fresh)
    while worker.training:
        …
        if worker.report(step, score, checkpoint=path).loads:
            model = restored(worker, load, fresh)
    ```

    When `load` raises `CheckpointError` or `OSError`, the checkpoint is declined, and what the
    coordinator says instead is tried. Other exceptions are mistakes and are not caught.

    The path is what some worker reported, and nobody has looked at it. Where loading a file runs
    code that is in it, as with pickles, name the directory of the checkpoints with `inside`: a
    checkpoint that does not lie in it, also by a link, is declined and never opened.

    Ranks of a distributed training all call this; what one of them cannot load is declined for all.
    """
    while worker.training and worker.checkpoint is not None:
        checkpoint = worker.checkpoint
        loaded: list[Model] = []
        fault: str | None = None
        try:
            if inside is not None:
                _require_inside(checkpoint, inside)
            path = fetched(checkpoint) if is_address(checkpoint) else checkpoint
            loaded.append(load(str(path)))
        except (CheckpointError, OSError) as error:
            fault = str(error)
        if isinstance(worker, DistributedWorker):
            # What one rank cannot load, none trains on from.
            fault = worker.agreed(fault)
        if fault is None:
            return loaded[0]
        # A library's own words may repeat what is in the file.
        logger.warning("The checkpoint %r is declined: %s", checkpoint, escaped(fault))
        worker.decline(f"{checkpoint} cannot be loaded: {fault}")
    return fresh()


def _require_inside(checkpoint: str, directory: AnyPath) -> None:
    """Raises when a path leads out of a directory, by links too."""
    chosen = os.fsdecode(directory)
    if is_address(chosen) or is_address(checkpoint):
        inside = is_inside(checkpoint, chosen)
    else:
        inside = _is_path_inside(checkpoint, chosen)
    if not inside:
        raise CheckpointError(
            f"The checkpoint {checkpoint!r} is not inside {chosen!r}, and nothing "
            "else is loaded: have every worker save there."
        )


def _is_path_inside(checkpoint: str, directory: str) -> bool:
    try:
        folder, path = Path(directory).resolve(), Path(checkpoint).resolve()
    except (OSError, RuntimeError, ValueError):
        # A loop of links, or no path at all.
        return False
    return folder in path.parents
