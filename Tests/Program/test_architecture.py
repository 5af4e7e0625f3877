"""The arrows between targets, and the folders: as docs/architecture.md has them, and no others."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)",
    re.MULTILINE,
)
# What a target of Package.swift gives, as far as it matters here.
TARGET = re.compile(r"\.(?:target|executableTarget|systemLibrary)\(\s*name: \"(\w+)\"")


@dataclass(frozen=True)
class Row:
    """What the document allows a target."""

    ours: frozenset[str]
    others: frozenset[str]


def _cells(header: str, text: str) -> list[list[str]]:
    """The rows of the table that begins with this header."""
    assert header in text, f"docs/architecture.md has no table with the header {header}"
    lines = text.split(header, 1)[1].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    assert rows
    return rows


def _names(cell: str) -> frozenset[str]:
    return frozenset(re.findall(r"`([^`]+)`", cell))


def _table(text: str) -> dict[str, Row]:
    rows = _cells("| target | what it is | imports of ours | imports of others |", text)
    for row in rows:
        assert len(row) == 4, f"a row of the targets has four cells: {row}"
    return {
        name: Row(_names(ours), _names(others))
        for target, _, ours, others in rows
        for name in _names(target)
    }


def _folders(text: str) -> frozenset[str]:
    """The folders that a row of the other tables is about."""
    begin = "## Folders, and which arrows are allowed"
    rows = re.findall(r"^\| `([\w/]+)` \| [^|]+ \|$", text.split(begin, 1)[1], re.MULTILINE)
    return frozenset(rows)


def _imports(target: str) -> dict[str, list[str]]:
    """What a target's files import, with the files that do."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "Sources" / target).rglob("*.swift")):
        for module in IMPORT.findall(path.read_text()):
            found.setdefault(module, []).append(str(path.relative_to(ROOT)))
    return found


def _dependencies() -> dict[str, frozenset[str]]:
    """What the targets of Package.swift depend on, of this package's own."""
    text = (ROOT / "Package.swift").read_text()
    # The command's are said beforehand, for it is built in two ways.
    lists = dict(re.findall(r"let (\w+): \[Target\.Dependency\] = \[(.*?)\n\]", text, re.DOTALL))
    found = {}
    starts = list(TARGET.finditer(text))
    for start, after in zip(starts, [*starts[1:], None], strict=True):
        body = text[start.end() : after.start() if after else None]
        named = re.match(r",\s*dependencies: (\w+)", body)
        listed = re.search(r"\bdependencies: \[(.*?)\]\s*[,)]", body, re.DOTALL)
        inner = lists[named.group(1)] if named else listed.group(1) if listed else ""
        inner = re.sub(r"\.product\([^)]*\)", "", inner)
        found[start.group(1)] = frozenset(re.findall(r'"(\w+)"', inner))
    return found


def _listed() -> list[str]:
    """What is committed, or may be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [line for line in listed.splitlines() if (ROOT / line).exists()]


def _folders_of_files() -> frozenset[str]:
    parents = [parent for path in _listed() for parent in Path(path).parents]
    return frozenset(str(parent) for parent in parents if parent != Path())


DOCUMENT = (ROOT / "docs" / "architecture.md").read_text()
TABLE = _table(DOCUMENT)
WITH_FILES = [
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/benchmarks.md",
    "docs/compatibility.md",
    "docs/method.md",
    "docs/security.md",
]
TARGETS = sorted(each.name for each in (ROOT / "Sources").iterdir() if each.is_dir())


def _wrong(imports: dict[str, list[str]], row: Row) -> list[str]:
    return [
        f"{module}, in {', '.join(files)}"
        for module, files in imports.items()
        if module not in row.ours | row.others
    ]


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_imports_what_the_table_allows_and_no_more(target: str) -> None:
    assert target in TABLE, f"docs/architecture.md has no row for Sources/{target}"
    row = TABLE[target]
    imports = _imports(target)
    wrong = _wrong(imports, row)
    assert not wrong, f"docs/architecture.md does not let {target} import {'; '.join(wrong)}"
    unused = sorted((row.ours | row.others) - set(imports))
    assert not unused, f"{target} imports no {', '.join(unused)}: take it out of the table"


@pytest.mark.parametrize("target", TARGETS)
def test_the_package_has_the_same_arrows(target: str) -> None:
    dependencies = _dependencies()
    assert target in dependencies, f"Package.swift has no target {target}"
    assert dependencies[target] == TABLE[target].ours


def test_the_table_has_no_targets_that_are_gone() -> None:
    assert sorted(TABLE) == TARGETS
    ours = {name for row in TABLE.values() for name in row.ours}
    assert ours <= set(TABLE), "an arrow leads to no target"


def test_no_arrow_leads_back() -> None:
    remaining = {name: set(row.ours) for name, row in TABLE.items()}
    while remaining:
        free = [name for name, ours in remaining.items() if not ours & set(remaining)]
        assert free, f"the arrows of {', '.join(sorted(remaining))} lead in a circle"
        for name in free:
            del remaining[name]


def test_each_folder_has_a_row() -> None:
    committed = _folders_of_files()
    inner = {each for each in committed if each.count("/") > 1 and each.startswith("Sources/")}
    hidden = {each for each in committed if each.startswith(".")}
    top = {each for each in committed if "/" not in each} - {"Sources"} - hidden
    named = _folders(DOCUMENT) - set(TABLE)
    assert named == inner | top, "docs/architecture.md names other folders than there are"


@pytest.mark.parametrize("document", WITH_FILES)
def test_the_files_that_a_document_names_are_there(document: str) -> None:
    files = {f"/{path}" for path in _listed()}
    named = re.findall(r"`([\w+./-]+\.(?:swift|py|sh|c|proto))`", (ROOT / document).read_text())
    assert named
    gone = [name for name in named if not any(path.endswith(f"/{name}") for path in files)]
    assert not gone, f"{document} names what is not there: {', '.join(gone)}"


def test_what_is_not_allowed_is_found() -> None:
    row = Row(frozenset({"Evolution"}), frozenset({"Foundation"}))
    source = """
        import Evolution
        @preconcurrency import Foundation
        package import Journal
        #if canImport(Darwin)
            import Darwin
        #endif
        import enum Coordinator.Loop
        @_spi(Testing) public import ZeroMQ
        // import Nothing
    """
    imports = {module: ["File.swift"] for module in IMPORT.findall(source)}
    found = [each.split(",")[0] for each in _wrong(imports, row)]
    assert found == ["Journal", "Darwin", "Coordinator", "ZeroMQ"]
