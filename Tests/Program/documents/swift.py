"""Has the Swift compiler look at the blocks of a page, against the modules that were built."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .blocks import REPOSITORY

COMPILE_SECONDS = 240

# What a page leaves to its reader.
PRELUDES = {
    "": "",
    "Model": """\
struct Model {
    init() {}
    init(loading path: String) throws {}
    mutating func train(until step: Int, with hyperparameters: Hyperparameters) {}
    var score: Double { 0 }
    func save() -> String { "" }
}
""",
}


def modules(binary: Path) -> Path | None:
    """Where the modules are that the program was built of, when they are there."""
    found = binary.resolve().parent / "Modules"
    return found if found.is_dir() and shutil.which("swiftc") else None


def fault(text: str, prelude: str, built: Path, directory: Path) -> str | None:
    """What the compiler says of a block that is wrong."""
    source = directory / "Block.swift"
    source.write_text(f"{text}\n{PRELUDES[prelude]}")
    # Modules import those of C libraries, which lie with their sources.
    checkouts = built.parents[2] / "checkouts"
    libraries = [
        REPOSITORY / "Sources" / "CStatfs",
        REPOSITORY / "Sources" / "CZeroMQ",
        checkouts / "GRDB.swift" / "Sources" / "GRDBSQLite",
        checkouts / "Yams" / "Sources" / "CYaml" / "include",
    ]
    imports = [f"-I{directory}" for directory in (built, *libraries)]
    done = subprocess.run(
        ["swiftc", "-typecheck", "-parse-as-library", "-swift-version", "6", *imports, source],
        capture_output=True,
        text=True,
        timeout=COMPILE_SECONDS,
    )
    return None if done.returncode == 0 else done.stdout + done.stderr
