"""Checkpoints in object stores, and on whatever else fsspec reaches.

An object appears when it is written wholly. An address is reported only after that, and its name is
used once, so that a copy that was fetched stays right.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import logging
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from murmuration.errors import CheckpointError, InvalidError, LibraryError

logger = logging.getLogger("murmuration")

CACHE_VARIABLE = "MURMUR_CACHE"
CACHE_SIZE_VARIABLE = "MURMUR_CACHE_GIGABYTES"

_DEFAULT_GIGABYTES = 10.0
_GIGABYTE = 1e9
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_RANDOM_BYTES = 8
_DIGITS = 32
# Whoever fetched a copy so short a time ago may be loading it.
_FRESH_SECONDS = 600.0


def is_address(text: object) -> bool:
    """Whether it is an address with a scheme, such as `s3://bucket/run`, and no path."""
    return isinstance(text, str) and _SCHEME.match(text) is not None


def join(directory: str, name: str) -> str:
    """The address of what is called so in a directory."""
    return f"{directory.rstrip('/')}/{name}"


def is_inside(address: str, directory: str) -> bool:
    """Whether an address lies in a directory, and names something there."""
    start = directory.rstrip("/") + "/"
    rest = address[len(start) :]
    return address.startswith(start) and bool(rest) and ".." not in PurePosixPath(rest).parts


@contextmanager
def writing(address: str) -> Iterator[Path]:
    """Gives a name on this machine, and has what was saved there appear at the address."""
    store, target = _opened(address)
    _refuse_existing(store, target, address)
    with tempfile.TemporaryDirectory(prefix="murmuration-") as folder:
        local = Path(folder) / PurePosixPath(target).name
        yield local
        if not os.path.lexists(local):
            raise CheckpointError(
                f"Nothing was saved for the checkpoint {address!r}: save under the very name that "
                "writing() gives."
            )
        try:
            _upload(store, local, target)
        except BaseException as error:
            with contextlib.suppress(Exception):
                # It may be that nothing of it is there.
                store.rm(target, recursive=local.is_dir())
            if isinstance(error, Exception):
                raise CheckpointError(
                    f"The checkpoint {address!r} cannot be written: {_said(error)}"
                ) from error
            raise


def fetched(address: str) -> Path:
    """Where a copy of a checkpoint is on this machine; raises `CheckpointError` when there is none.

    Copies lie in the directory that MURMUR_CACHE names, else in the user's directory for such
    things. They take MURMUR_CACHE_GIGABYTES at most (10); those go first that were used longest
    ago.
    """
    cache = _cache()
    entry = cache / hashlib.sha256(address.encode()).hexdigest()[:_DIGITS]
    store, source = _opened(address)
    copy = entry / PurePosixPath(source).name
    if not copy.exists():
        _fetch(store, source, address, copy)
    os.utime(entry)
    _evict(cache, keep=entry)
    return copy


def delete(address: str) -> None:
    """Removes a checkpoint; one that is missing is fine."""
    store, target = _opened(address)
    try:
        with contextlib.suppress(FileNotFoundError):
            store.rm(target, recursive=True)
    except Exception as error:
        # Stores raise errors of their own.
        raise OSError(_said(error)) from error


def check(directory: str) -> None:
    """Raises unless something is installed that reaches a directory."""
    _opened(directory)


def _opened(address: str) -> tuple[Any, str]:
    """What reaches an address, and what it calls it."""
    try:
        core = importlib.import_module("fsspec.core")
    except ImportError:
        raise LibraryError(
            f"Checkpoints at {address!r} are reached by fsspec, which is not installed: "
            "pip install 'murmuration[fsspec]', and the library for this store, such as s3fs."
        ) from None
    try:
        store, path = core.url_to_fs(address)
    except ImportError as error:
        raise LibraryError(f"Checkpoints at {address!r} cannot be reached: {error}") from error
    except Exception as error:
        raise InvalidError(f"Checkpoints at {address!r} cannot be reached: {error}") from error
    return store, str(path)


def _refuse_existing(store: Any, target: str, address: str) -> None:
    try:
        exists = store.exists(target)
    except Exception as error:
        raise CheckpointError(f"{address!r} cannot be reached: {_said(error)}") from error
    if exists:
        raise CheckpointError(
            f"The checkpoint {address!r} exists, and others may be loading it: save under a name "
            "that was never used, like worker.checkpoint_path() gives."
        )


def _upload(store: Any, local: Path, target: str) -> None:
    if not local.is_dir():
        _put(store, local, target)
        return
    # By itself, since fsspec names what it puts by whether the target is there.
    for folder, _, names in os.walk(local):
        for name in names:
            path = Path(folder, name)
            _put(store, path, join(target, path.relative_to(local).as_posix()))


def _put(store: Any, path: Path, target: str) -> None:
    # For a `file://` alone fsspec makes no directories by itself.
    if getattr(store, "local_file", False):
        Path(target).parent.mkdir(parents=True, exist_ok=True)
    store.put_file(str(path), target)


def _fetch(store: Any, source: str, address: str, copy: Path) -> None:
    """Fetches all of it under another name first, so that nobody finds half of a copy."""
    partial = copy.parent.with_name(f".partial-{secrets.token_hex(_RANDOM_BYTES)}")
    try:
        partial.mkdir(parents=True)
        # Others write there too.
        store.invalidate_cache()
        local = partial / copy.name
        if store.isdir(source):
            for path in store.find(source):
                part = local / PurePosixPath(path).relative_to(source)
                part.parent.mkdir(parents=True, exist_ok=True)
                store.get_file(path, str(part))
        else:
            store.get_file(source, str(local))
        with contextlib.suppress(OSError):
            # Another process may have been first.
            partial.rename(copy.parent)
        if not copy.exists():
            raise CheckpointError(f"The checkpoint {address!r} cannot be kept in {copy.parent}.")
    except CheckpointError:
        raise
    except Exception as error:
        raise CheckpointError(
            f"The checkpoint {address!r} cannot be fetched: {_said(error)}"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _cache() -> Path:
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "murmuration" / "checkpoints"


def _most_bytes() -> float:
    text = os.environ.get(CACHE_SIZE_VARIABLE) or _DEFAULT_GIGABYTES
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not found >= 0:
        raise InvalidError(f"{CACHE_SIZE_VARIABLE} is {text!r:.60}; give a number of gigabytes.")
    return found * _GIGABYTE


def _evict(cache: Path, keep: Path) -> None:
    """Removes the copies that were used longest ago, when all take more than they may."""
    entries = []
    for entry in cache.iterdir():
        with contextlib.suppress(FileNotFoundError):
            entries.append((entry.stat().st_mtime, _size(entry), entry))
    most, total = _most_bytes(), sum(size for _, size, _ in entries)
    fresh = time.time() - _FRESH_SECONDS
    for used, size, entry in sorted(entries):
        if total <= most or used > fresh:
            return
        if entry != keep:
            shutil.rmtree(entry, ignore_errors=True)
            total -= size


def _size(entry: Path) -> int:
    total = 0
    for folder, _, names in os.walk(entry):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += Path(folder, name).stat().st_size
    return total


def _said(error: Exception) -> str:
    """What a store says of a failure: each raises errors of its own."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
