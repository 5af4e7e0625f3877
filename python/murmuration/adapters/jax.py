"""Checkpoints of JAX's pytrees: Flax's parameters, Optax's states, or tuples of them.

They are numpy's `.npz` files without pickles, so that reading one runs no code of the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from murmuration._checkpoints import writing
from murmuration.adapters._libraries import library
from murmuration.errors import CheckpointError, InvalidError

if TYPE_CHECKING:
    import jax
    import numpy as np
else:
    jax = library("jax", "JAX", "jax")
    np = library("numpy", "numpy", "jax")

Tree = TypeVar("Tree")

_NAMES = "names"


def save(path: str | os.PathLike[str], tree: Any) -> None:
    """Writes the leaves of a pytree, complete or not at all."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    names = [jax.tree_util.keystr(place) for place, _ in leaves]
    arrays: dict[str, Any] = {_NAMES: np.array(names, dtype=np.str_)}
    for index, (_, leaf) in enumerate(leaves):
        arrays[f"leaf{index}"] = _stored(leaf, names[index])
    # As a file, because numpy adds its own suffix to a name that has another one.
    with writing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)


def load(
    path: str | os.PathLike[str], template: Tree, hyperparameters: Mapping[str, Any] | None = None
) -> Tree:
    """The pytree that was saved there; `template` is one of the same structure, shapes and types.

    The values that `optax.inject_hyperparams` holds are not loaded: the checkpoint has the
    donor's, not the explored ones. They are the template's, but for those that `hyperparameters`
    sets.
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(template)
    names = [jax.tree_util.keystr(place) for place, _ in leaves]
    explored = jax.tree_util.tree_leaves(_explored(template))
    try:
        # numpy leaves a file open that it cannot read.
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as saved:
            if list(saved[_NAMES]) != names:
                raise ValueError("it has another structure")
            found = [
                leaf if explored[index] else _loaded(saved[f"leaf{index}"], leaf, names[index])
                for index, (_, leaf) in enumerate(leaves)
            ]
    except Exception as error:
        # A file that is damaged, or of something else, raises many kinds of exceptions.
        raise CheckpointError(
            f"{os.fspath(path)!r} holds nothing like the template: {error}"
        ) from error
    tree: Tree = jax.tree_util.tree_unflatten(structure, found)
    return set_hyperparameters(tree, hyperparameters or {})


def set_hyperparameters(tree: Tree, hyperparameters: Mapping[str, Any]) -> Tree:
    """A copy of a pytree with new values in its states of `optax.inject_hyperparams`."""
    known: set[str] = set()

    def replaced(node: Any) -> Any:
        if not _is_injected(node):
            return node
        known.update(node.hyperparams)
        values = {
            name: jax.numpy.asarray(hyperparameters[name], dtype=jax.numpy.asarray(value).dtype)
            if name in hyperparameters
            else value
            for name, value in node.hyperparams.items()
        }
        return node._replace(hyperparams=values, inner_state=walked(node.inner_state))

    def walked(node: Any) -> Any:
        return jax.tree_util.tree_map(replaced, node, is_leaf=_is_injected)

    changed: Tree = walked(tree)
    for name in hyperparameters:
        if name not in known:
            raise InvalidError(
                f"No state of optax.inject_hyperparams has {name!r}; there are: "
                f"{', '.join(sorted(known)) or 'none'}."
            )
    return changed


def _is_injected(node: Any) -> bool:
    """Whether this is the state of an optimizer that `optax.inject_hyperparams` made."""
    fields = getattr(node, "_fields", ())
    return "hyperparams" in fields and "inner_state" in fields


def _explored(tree: Any) -> Any:
    """A pytree of the same structure that says which leaves are explored hyperparameters."""

    def flagged(node: Any) -> Any:
        if not _is_injected(node):
            return False
        return node._replace(
            **{
                field: _explored(part)
                if field == "inner_state"
                else jax.tree_util.tree_map(lambda _, held=field == "hyperparams": held, part)
                for field, part in zip(node._fields, node, strict=True)
            }
        )

    return jax.tree_util.tree_map(flagged, tree, is_leaf=_is_injected)


def _stored(leaf: Any, name: str) -> Any:
    """A leaf as an array that numpy can write without a pickle."""
    array = np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)
    if array.dtype.hasobject:
        raise CheckpointError(
            f"The leaf {name} is of type {type(leaf).__name__}, which is no array: keep it out of "
            "what is saved."
        )
    # Types such as bfloat16 are not numpy's own, and their bytes are written.
    return array.view(f"V{array.dtype.itemsize}") if array.dtype.kind == "V" else array


def _loaded(array: Any, leaf: Any, name: str) -> Any:
    """An array as a leaf like the template's."""
    like = np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)
    if like.dtype.kind == "V" and array.dtype == np.dtype(f"V{like.dtype.itemsize}"):
        array = array.view(like.dtype)
    if (array.shape, array.dtype) != (like.shape, like.dtype):
        raise ValueError(
            f"{name} is {array.dtype}{list(array.shape)} and not {like.dtype}{list(like.shape)}"
        )
    if _is_key(leaf):
        return jax.random.wrap_key_data(array, impl=jax.random.key_impl(leaf))
    if isinstance(leaf, (bool, int, float, complex)):
        return type(leaf)(array.item())
    return array if isinstance(leaf, (np.ndarray, np.generic)) else jax.numpy.asarray(array)


def _is_key(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and jax.numpy.issubdtype(leaf.dtype, jax.dtypes.prng_key)
