"""What the programs here are told."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Says what is wrong, and not all that could have been said."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"Error: {message}\n")
