"""Libraries that tests need and that may be missing."""

from __future__ import annotations

from typing import Any

import pytest

PYTORCH = "pip install 'murmuration[torch]'"
JAX = "pip install 'murmuration[jax]'"
SKLEARN = "pip install 'murmuration[sklearn]'"


def installed(module: str, command: str) -> Any:
    reason = f"{module} is not installed: {command} and run the tests again"
    return pytest.importorskip(module, reason=reason, exc_type=ImportError)
