"""Search spaces of other tools, as docs/reference/space.md writes them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from documents.blocks import REPOSITORY, blocks
from program import Murmur

PAGE = REPOSITORY / "docs" / "reference" / "space.md"


def shown(language: str) -> str:
    """The page's block of this language that is about other tools."""
    texts = [block.text for block in blocks(PAGE) if block.language == language]
    (found,) = [text for text in texts if "murmuration.spaces" in text]
    return found


def makes_a_population(murmur: Murmur, name: str, space: Path) -> bool:
    return "hyperparameters are" in murmur.murmur("create", name, "--space", str(space))


def test_functions_write_spaces_that_make_populations(murmur: Murmur, tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(shown("python"), names)
    depth = json.loads(names["text"])["hyperparameters"]["depth"]
    assert depth == {"type": "int", "min": 2, "max": 8, "scale": "linear", "step": 2}
    texts = {"hydra": names["text"], "optuna": names["space_from_optuna"](names["study"])}
    # The page has one space in two spellings.
    assert len(set(texts.values())) == 1
    for name, text in texts.items():
        space = tmp_path / f"{name}.yaml"
        space.write_text(text)
        assert makes_a_population(murmur, name, space)


def test_commands_write_spaces_that_make_populations(murmur: Murmur, tmp_path: Path) -> None:
    distribution = {"name": "FloatDistribution", "attributes": {"low": 0.0, "high": 1.0}}
    (tmp_path / "study.json").write_text(json.dumps({"momentum": distribution}))
    space = tmp_path / "space.yaml"
    commands = [line.split(" > ") for line in shown("sh").splitlines()]
    assert [target for _, target in commands] == [space.name, space.name]
    for number, (command, _) in enumerate(commands):
        _, *arguments = shlex.split(command)
        written = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        space.write_text(written.stdout)
        assert makes_a_population(murmur, f"p{number}", space)
