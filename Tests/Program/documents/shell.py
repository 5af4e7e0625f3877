"""Whether the commands that a document names exist, with their options."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .blocks import REPOSITORY

OTHERS = {
    *("cat", "cd", "cp", "curl", "docker", "echo", "env", "export", "gh", "git", "head", "kill"),
    *("kubectl", "ls", "mkdir", "mpirun", "mv", "nohup", "pip", "printf", "pytest", "python"),
    *("python3", "rm", "sbatch", "source", "srun", "swift", "systemctl", "tail", "torchrun"),
    "wait",
}
"""Programs that are not ours, which the documents may name."""

_SEPARATORS = re.compile(r"\s*(?:\|\||&&|[|;&\n])\s*")
_NESTED = re.compile(r"\$\(([^()]*)\)")
_CODE = re.compile(r"(?<!`)`(murmur [^`]+)`(?!`)")
_COMMENT = re.compile(r"(?:^|\s)#.*$", re.MULTILINE)
_REDIRECTION = re.compile(r"\s\d?>>?(&\d|\s*\S+)|\s<\s*\S+")
_ASSIGNMENT = re.compile(r"^\w+=")
_TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)


def spans(page: Path) -> list[str]:
    """The commands of ours in a page's text, each in a span of code."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return [" ".join(found.split()) for found in _CODE.findall(text)]


def faults(text: str, binary: Path) -> list[str]:
    """What is wrong with the commands of a block, or of one line."""
    joined = _COMMENT.sub("", text.replace("\\\n", " "))
    found = [fault for inner in _NESTED.findall(joined) for fault in faults(inner, binary)]
    outer = _REDIRECTION.sub("", f" {_NESTED.sub('VALUE', joined)}")
    for command in _SEPARATORS.split(outer):
        found += _fault(command.strip(), binary)
    return found


def _fault(command: str, binary: Path) -> Iterator[str]:
    try:
        words = shlex.split(command)
    except ValueError:
        # A separator within quotes; what is quoted is nobody's option.
        words = command.replace('"', "").replace("'", "").split()
    while words and (_ASSIGNMENT.match(words[0]) or words[0] in ("export", "exec", "nohup")):
        words = words[1:]
    if not words:
        return
    name, arguments = words[0], words[1:]
    if Path(name).name == "murmur":
        yield from _murmur(arguments, _dumped(binary))
    elif name == "make":
        targets = _TARGET.findall((REPOSITORY / "Makefile").read_text())
        goals = [each for each in arguments if not _ASSIGNMENT.match(each)]
        yield from (f"make has no {goal}" for goal in goals if goal not in targets)
    elif "/" in name and not name.startswith(("/", ".venv")):
        if not (REPOSITORY / name).exists():
            yield f"there is no {name}"
    elif name not in OTHERS and not name.startswith(("/", ".venv")):
        yield f"{name} is not among the programs that documents may name"


def _murmur(arguments: list[str], command: dict[str, Any]) -> Iterator[str]:
    """Follows subcommands, and looks for each option in the last of them."""
    path = "murmur"
    options = _options(command)
    for word in arguments:
        if word == "--":
            return
        below = {each["commandName"]: each for each in command.get("subcommands", [])}
        if word in below:
            command = below[word]
            path += f" {word}"
            options = _options(command)
        elif word.startswith("-") and word.split("=")[0] not in options:
            yield f"{path} has no {word}"
        elif path == "murmur" and not word.startswith("-") and word not in _PLACEHOLDERS:
            yield f"murmur has no {word}"
            return


# What a text says in place of a command, or of its program.
_PLACEHOLDERS = {"COMMAND", "…"}


def _options(command: dict[str, Any]) -> set[str]:
    return {
        f"--{each['name']}" if each["kind"] == "long" else f"-{each['name']}"
        for argument in command.get("arguments", [])
        for each in argument.get("names", [])
    }


@cache
def _dumped(binary: Path) -> dict[str, Any]:
    command = [str(binary), "--experimental-dump-help"]
    dumped = subprocess.run(command, capture_output=True, check=True).stdout
    found: dict[str, Any] = json.loads(dumped)["command"]
    return found
