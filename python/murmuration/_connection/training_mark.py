"""The mark by which whoever started this process sees that it trains."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

logger = logging.getLogger("murmuration")

TRAINING_VARIABLE = "MURMUR_TRAINING"

_RANDOM_BYTES = 8


class TrainingMark:
    """A file by which `murmur run` and `murmur work` end a worker that trains for too long without
    a report (`--report-timeout`).

    It lies in the directory that MURMUR_TRAINING names. It is there while a lease is held, written
    anew with each answer, and not while an answer is waited for.
    """

    def __init__(self) -> None:
        directory = os.environ.get(TRAINING_VARIABLE)
        name = f"{os.getpid()}-{secrets.token_hex(_RANDOM_BYTES)}"
        self._path = Path(directory) / name if directory else None
        self._is_set = False

    def set(self, *, is_training: bool) -> None:
        if self._path is None or not (is_training or self._is_set):
            return
        self._is_set = is_training
        try:
            if is_training:
                self._path.write_bytes(b"")
            else:
                self._path.unlink()
        except OSError as error:
            logger.warning(
                "The directory in %s cannot be written (%s), so that --report-timeout does not see "
                "whether this worker trains: let its process write there.",
                TRAINING_VARIABLE,
                error.strerror,
            )
            self._path = None
