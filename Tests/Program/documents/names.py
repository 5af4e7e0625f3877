"""Whether what a block of Python takes from murmuration is there."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import murmuration

PACKAGE = "murmuration"

CALLED = {
    "worker": murmuration.Worker,
    "directive": murmuration.Directive,
    "administrator": murmuration.Administrator,
    "boards": murmuration.Monitor,
    "board": murmuration.Leaderboard,
    "key": murmuration.Key,
    "event": murmuration.Event,
    "pbt_client": murmuration.PBTClient,
    "server": murmuration.PBTServer,
}
"""What the documents call an object of each class."""

SHARED = "DistributedWorker"
"""What they call a worker where a block imports this."""


def faults(text: str) -> list[str]:
    """What is not in the package, or not called so.

    Raises `LibraryError` where an adapter's library is not installed.
    """
    tree = ast.parse(text)
    imported = {name: value for name, value in _imports(tree) if value is not None}
    missing = [f"{name} is not there" for name, value in _imports(tree) if value is None]
    kinds = {**CALLED, **({"worker": imported[SHARED]} if SHARED in imported else {})}
    missing += [fault for node in ast.walk(tree) for fault in _attribute(node, kinds)]
    return missing + [fault for node in ast.walk(tree) for fault in _call(node, imported, kinds)]


def _imports(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                yield alias.asname or alias.name, getattr(module, alias.name, None)


def _attribute(node: ast.AST, kinds: Mapping[str, type]) -> Iterator[str]:
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return
    kind = kinds.get(node.value.id)
    if kind is not None and not _has(kind, node.attr):
        yield f"{kind.__name__} has no {node.attr}"


def _has(kind: type, name: str) -> bool:
    return hasattr(kind, name) or name in getattr(kind, "__dataclass_fields__", {})


def _call(node: ast.AST, imported: dict[str, Any], kinds: Mapping[str, type]) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    function = node.func
    called: Any = None
    given = len(node.args)
    if isinstance(function, ast.Name):
        called = imported.get(function.id)
    elif isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        kind = kinds.get(function.value.id)
        called = getattr(kind, function.attr, None)
        given += 1  # `self`
    if not callable(called) or any(isinstance(each, ast.Starred) for each in node.args):
        return
    keywords = {keyword.arg: None for keyword in node.keywords if keyword.arg is not None}
    try:
        inspect.signature(called).bind_partial(*[None] * given, **keywords)
    except TypeError as error:
        yield f"{ast.unparse(function)}: {error}"
