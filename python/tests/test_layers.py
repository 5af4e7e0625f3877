"""What is public, and which way the package's modules import each other."""

from __future__ import annotations

import ast
import pkgutil
from graphlib import TopologicalSorter
from pathlib import Path

import murmuration
from murmuration import errors

ROOT = Path(murmuration.__file__).parent
CONNECTION = "murmuration._connection"
BELOW = ("murmuration._shown", "murmuration._version", "murmuration.errors", "murmuration.v1")


def modules() -> dict[str, set[str]]:
    """What each module of the package imports of the package, for types too."""
    names = {
        ".".join(("murmuration", *path.relative_to(ROOT).with_suffix("").parts)): path
        for path in ROOT.rglob("*.py")
        if path.parent != ROOT / "v1"
    }
    known = {name.removesuffix(".__init__"): path for name, path in names.items()}
    return {name: imported(path, set(known)) - {name} for name, path in known.items()}


def imported(path: Path, known: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            of = {f"{node.module}.{each.name}" for each in node.names}
            # `from package import module` imports the module, and `from module import name` that.
            found |= {each if each in known else node.module for each in of}
    return {each for each in found if each.partition(".")[0] == "murmuration"}


def test_modules_import_each_other_one_way() -> None:
    order = list(TopologicalSorter(modules()).static_order())
    assert order.index("murmuration._checkpoints") < order.index("murmuration._worker")


def test_the_connection_knows_nothing_of_what_is_above_it() -> None:
    inner = {name: found for name, found in modules().items() if name.startswith(CONNECTION)}
    assert f"{CONNECTION}.loop" in inner
    above = {
        f"{name} imports {each}"
        for name, found in inner.items()
        for each in found
        if not each.startswith((CONNECTION, *BELOW))
    }
    assert above == set()


def test_all_that_is_listed_is_there() -> None:
    missing = [name for name in murmuration.__all__ if not hasattr(murmuration, name)]
    assert missing == []
    assert sorted(murmuration.__all__) == murmuration.__all__


def test_modules_that_are_not_public_begin_with_an_underscore() -> None:
    found = {each.name for each in pkgutil.iter_modules(murmuration.__path__)}
    public = {name for name in found if not name.startswith("_")}
    assert public == {"adapters", "distributed", "errors", "events", "ray", "spaces", "v1"}


def test_tracebacks_name_an_error_by_its_public_module() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    raised = [each for each in kinds if issubclass(each, errors.MurmurationError)]
    assert len(raised) > 20
    assert {each.__module__ for each in raised} == {"murmuration.errors"}
    assert {each.__name__ for each in raised} <= set(murmuration.__all__)
