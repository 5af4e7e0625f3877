"""The program `murmur`, which this package starts: where it is, and of which version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from murmuration._shown import escaped
from murmuration.errors import ServerError

BINARY_VARIABLE = "MURMUR_BIN"

_NAME = "murmur"
# Far more than a program takes that says its version at all.
_VERSION_SECONDS = 60.0


@dataclass(frozen=True)
class Program:
    """A program that was found."""

    path: Path
    origin: str
    """How it was found, in words."""

    def version(self) -> str:
        """What it says its version is; raises when it does not say."""
        try:
            done = subprocess.run(
                [self.path, "--version"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_VERSION_SECONDS,
            )
        except subprocess.TimeoutExpired:
            why = f"it said nothing within {_VERSION_SECONDS:g} s"
        except OSError as error:
            why = error.strerror or str(error)
        else:
            lines = (done.stdout + done.stderr).decode(errors="replace").split("\n")
            said = next((line.strip() for line in lines if line.strip()), "")
            if done.returncode == 0 and said:
                return said
            why = f"it ended with code {done.returncode}"
        raise ServerError(
            f"The program {escaped(str(self.path))} does not tell its version ({why}): see whether "
            f"it is murmur, or name another one in {BINARY_VARIABLE}."
        )


def find_program() -> Program:
    """The program that the variable names, else the one that was built in this package's checkout,
    else the one of this Python's environment, else the one on PATH."""
    named = os.environ.get(BINARY_VARIABLE)
    if named:
        if not _is_program(Path(named)):
            raise ServerError(
                f"{BINARY_VARIABLE} names {named}, which is not a program: correct it, or unset it."
            )
        return Program(Path(named).absolute(), f"{BINARY_VARIABLE} names it")
    checkout = Path(__file__).resolve().parents[2]
    places = [checkout / ".build" / kind / _NAME for kind in ("release", "debug", "run/release")]
    built = [place for place in places if place.is_file()]
    if built:
        newest = max(built, key=lambda place: place.stat().st_mtime)
        return Program(newest, "built in this package's checkout")
    # Where the package murmuration-server puts it, which need not be on PATH.
    beside = Path(sysconfig.get_path("scripts")) / _NAME
    if _is_program(beside):
        return Program(beside, "in this Python's environment")
    on_path = shutil.which(_NAME)
    if on_path is None:
        raise ServerError(
            "The program murmur is not here: install it with pip install 'murmuration[server]', or "
            f"build it with `swift build` and name it in {BINARY_VARIABLE}."
        )
    return Program(Path(on_path).absolute(), "on PATH")


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
