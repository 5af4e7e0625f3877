"""Gives the wheel its platform's tag, and the manual pages and completions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ServerHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{os.environ['WHEEL_PLATFORM']}"
        # Manual pages and completions, one by one: a whole folder is left out with this selection.
        root = Path(self.root)
        build_data["shared_data"] = {
            str(path): path.relative_to(root).as_posix()
            for path in sorted((root / "share").rglob("*"))
            if path.is_file()
        }
