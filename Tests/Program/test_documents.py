"""The documents: what they show is what happens, and what they name is there.

Each block of code is checked by a mechanism that documents/blocks.py lists.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import links, names, screens, sentences, shapes, shell, swift
from documents.blocks import MECHANISMS, REPOSITORY, Block, blocks, documents, name, setup
from documents.stage import Command, Stage, commands
from program import Murmur, murmur_binary

import murmuration

HERE = Path(__file__).parent
README = REPOSITORY / "README.md"
TROUBLESHOOTING = REPOSITORY / "docs" / "guide" / "troubleshooting.md"
ENVIRONMENT = REPOSITORY / "docs" / "reference" / "environment.md"
JSON_PAGE = REPOSITORY / "docs" / "reference" / "json.md"

MEMBERS = 16
LONGEST_README = 150
TESTS_SECONDS = 900

PAGES = documents()
BLOCKS = [block for page in PAGES for block in blocks(page)]
STAGED = {"run", "words", "screen"}


def of(mechanism: str) -> list[Block]:
    return [block for block in BLOCKS if block.mechanism == mechanism]


def place(block: Block) -> str:
    return block.place


@pytest.fixture
def binary() -> Path:
    found = murmur_binary()
    assert found is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    return found


@pytest.fixture
def stage(tmp_path: Path, binary: Path) -> Iterator[Stage]:
    directory = tmp_path / "stage"
    directory.mkdir()
    stage = Stage(directory, binary)
    try:
        yield stage
    finally:
        stage.close()


@pytest.mark.parametrize("block", BLOCKS, ids=place)
def test_every_block_is_checked_or_says_why_not(block: Block) -> None:
    if block.reason is None:
        assert block.mechanism in MECHANISMS, (
            f"{block.place}: write a comment before the block, <!-- check: … --> with one of "
            f"{', '.join(MECHANISMS)}, or <!-- unchecked: REASON -->"
        )
    if block.mechanism == "elsewhere":
        assert block.page.name in (HERE / block.argument).read_text()


@pytest.mark.timeout(TESTS_SECONDS)
@pytest.mark.parametrize(
    "page", sorted({block.page for block in BLOCKS if block.mechanism in STAGED}), ids=name
)
def test_commands_print_what_a_page_shows(page: Path, stage: Stage) -> None:
    written = prepared(page, stage)
    for block in blocks(page):
        if block.title is not None:
            stage.write(block.title, block.text)
        if block.mechanism == "screen":
            missing = screens.missing(block.text, written)
            assert not missing, f"{block.place}: no board has {missing}"
        elif block.mechanism in STAGED:
            for command in commands(block):
                compare(command, stage.run(command), block, stage)


def prepared(page: Path, stage: Stage) -> str:
    """Does what the page's setup names, and returns what was written to a terminal."""
    match setup(page):
        case "toy":
            for block in blocks(README):
                if block.title is not None:
                    stage.write(block.title, block.text)
        case "digits":
            return screens.digits(stage)
        case None:
            pass
        case other:
            pytest.fail(f"{name(page)} has the setup {other}, which is none")
    return ""


def compare(command: Command, real: str, block: Block, stage: Stage) -> None:
    where = f"{block.place}\n$ {command.text}"
    shown = command.shown.strip("\n")
    if block.mechanism == "words":
        also = [real]
        if "{member}" in block.argument:
            others = (block.argument.format(member=member) for member in range(MEMBERS))
            also += [stage.run(Command(other, "")) for other in others if known(other, stage)]
        missing = shapes.missing_words(shown, "\n".join(also))
        assert not missing, f"{where}\nThe output lacks {missing}:\n{real}"
        return
    if not shown:
        return
    if shown[0] in "{[":
        difference = shapes.json_difference(shown, real)
    else:
        difference = shapes.difference(shown, real)
    assert difference is None, f"{where}\n{difference}\n\n{real}"


def known(command: str, stage: Stage) -> bool:
    """Whether the population has the member that the command is about."""
    member = int(command.split()[2])
    listed = json.loads(stage.run(Command("murmur list --json --data runs", "")))
    return member < int(listed[0]["members"])


@pytest.mark.parametrize("block", of("names"), ids=place)
def test_what_python_blocks_take_from_the_package_is_there(block: Block) -> None:
    try:
        assert names.faults(block.text) == []
    except murmuration.LibraryError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("block", of("types"), ids=place)
def test_swift_blocks_compile(block: Block, tmp_path: Path, binary: Path) -> None:
    built = swift.modules(binary)
    if built is None:
        pytest.skip("the Swift compiler, or the modules beside the binary, are not here")
    assert swift.fault(block.text, block.argument, built, tmp_path) is None


@pytest.mark.parametrize("block", of("options"), ids=place)
def test_commands_of_shell_blocks_exist(block: Block, binary: Path) -> None:
    assert shell.faults(block.text, binary) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_within_the_text_exist(page: Path, binary: Path) -> None:
    found = {span: shell.faults(span, binary) for span in shell.spans(page)}
    assert {span: faults for span, faults in found.items() if faults} == {}


@pytest.mark.parametrize("block", of("space"), ids=place)
def test_space_files_make_populations(block: Block, murmur: Murmur, tmp_path: Path) -> None:
    space = tmp_path / (block.title or f"space.{block.language}")
    space.write_text(block.text)
    assert "hyperparameters are" in murmur.murmur("create", "p", "--space", str(space))


def test_the_page_of_commands_is_what_help_prints(binary: Path) -> None:
    script = REPOSITORY / "scripts" / "commands_page.py"
    command = [sys.executable, str(script), "--check"]
    done = subprocess.run(
        command, env={**os.environ, "MURMUR_BIN": str(binary)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    assert links.broken(page) == []


def test_the_sentences_of_the_page_of_errors_are_printed() -> None:
    texts = sentences.printed()
    quoted = sentences.quoted(TROUBLESHOOTING)
    assert len(quoted) > 50
    assert [sentence for sentence in quoted if not sentences.is_printed(sentence, texts)] == []


def test_every_variable_that_is_read_is_on_its_page() -> None:
    page = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", ENVIRONMENT.read_text()))
    read = sentences.variables()
    assert {"MURMUR_URL", "RANK", "NO_COLOR"} <= read
    assert read - page == set()


def test_every_key_of_json_is_on_its_page(stage: Stage) -> None:
    prepared(JSON_PAGE, stage)
    text = JSON_PAGE.read_text()
    documented = set(re.findall(r"`([a-z_]+)`", text))
    run = "murmur run --space toy.yaml --workers 2 -- python3 train.py >run.txt"
    stage.run(Command(run, ""))
    printed: set[str] = set()
    for what in ("list", "leaderboard", "best --smoothed 5", "history --events", "lineage"):
        output = stage.run(Command(f"murmur {what} --json", ""))
        printed |= keys_of(shapes.json_of(output))
    assert printed - documented - {"h0", "h1"} == set()


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        # Settings and facts are named elsewhere, and operations and hyperparameters by the user.
        named = {"settings", "facts", "before", "after"}
        below = (keys_of(each) for key, each in value.items() if key not in named)
        return set(value).union(*below)
    if isinstance(value, list):
        return set().union(*(keys_of(each) for each in value))
    return set()


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= LONGEST_README


@pytest.mark.parametrize(
    ("shown", "real", "is_same"),
    [
        ("2 workers at 08:15", "1 worker at 08:15", True),
        ("best 0.98 of 1 200 steps", "best -1e-05 of 7 steps", True),
        ("a\n…\nc", "a\nb\nb\nc", True),
        ("a\nc", "a\nb\nc", False),
        ("a", "a\nb", False),
        ("its 2 workers wait", "its 2 workers stop", False),
    ],
)
def test_outputs_are_compared_up_to_numbers(shown: str, real: str, is_same: bool) -> None:
    assert (shapes.difference(shown, real) is None) == is_same


def test_the_structure_of_json_is_compared() -> None:
    shown = '{"a": [{"b": 1}], "c": "x"}'
    assert shapes.json_difference(shown, '{"a": [{"b": 2.5}], "c": "y"}') is None
    assert shapes.json_difference(shown, '{"a": [{"z": 1}], "c": "y"}') is not None
    assert shapes.json_difference(shown, '{"a": [{"b": 1}], "c": 7}') is not None


def test_what_is_not_there_is_found(binary: Path) -> None:
    assert names.faults("from murmuration import Worker, Nobody") != []
    assert names.faults("worker.report(step=1, scroe=2)") != []
    assert names.faults("worker.fly()") != []
    assert shell.faults("murmur serve --hosts 0.0.0.0 &", binary) != []
    assert shell.faults("X=$(murmur kyes generate) make run", binary) != []
