"""Importing a library that may be missing."""

from __future__ import annotations

import importlib
from typing import Any

from murmuration.errors import LibraryError


def library(module: str, name: str, extra: str) -> Any:
    """The module, or an error that says how to install it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        # A library that lacks a part of its own says better itself what it is.
        if missing.name != module.partition(".")[0]:
            raise
        raise LibraryError(
            f"{name} is not installed: install it with pip install 'murmuration[{extra}]'."
        ) from missing
