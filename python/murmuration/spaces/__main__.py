"""`python -m murmuration.spaces` writes another tool's search space as a space file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from murmuration.errors import InvalidError
from murmuration.spaces import space_from_hydra, space_from_optuna


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m murmuration.spaces",
        description="Writes another tool's search space as a space file, to standard output.",
    )
    tools = parser.add_subparsers(dest="tool", required=True)
    hydra = tools.add_parser("hydra", help="sweeps, as on a command line of Hydra")
    hydra.add_argument("sweeps", nargs="+", metavar="NAME=SWEEP")
    optuna = tools.add_parser("optuna", help="distributions by name, as Optuna writes them as JSON")
    optuna.add_argument("file", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        if given.tool == "hydra":
            sys.stdout.write(space_from_hydra(given.sweeps))
        else:
            sys.stdout.write(space_from_optuna(_read(given.file)))
    except InvalidError as error:
        parser.error(str(error))


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidError(
            f"The file {str(path)!r} cannot be read as JSON ({error}): write a dictionary of "
            "distributions to it."
        ) from None
    if not isinstance(found, dict):
        raise InvalidError(
            f"The file {str(path)!r} has no dictionary: write one of distributions by name to it."
        )
    return found


if __name__ == "__main__":
    main()
