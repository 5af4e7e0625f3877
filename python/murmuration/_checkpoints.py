"""Checkpoints: where they go, how they are written and deleted."""

from __future__ import annotations

import errno
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from murmuration import _object_store
from murmuration._object_store import is_address
from murmuration._paths import AnyPath, absolute
from murmuration._texts import is_writable
from murmuration.errors import CheckpointError, InvalidError
from murmuration.v1 import murmuration_pb2 as wire

logger = logging.getLogger("murmuration")

CHECKPOINTS_VARIABLE = "MURMUR_CHECKPOINTS"
DATA_VARIABLE = "MURMUR_DATA"

_RANDOM_BYTES = 8
_POPULATION = re.compile(r"[A-Za-z0-9._-]{1,64}")
# How often a deletion is tried before the checkpoint is left to people.
_TRIES = 3
# Numbers of releases in one report; the others wait for the next one.
_ACKNOWLEDGED = 1024
# What file systems without hard links answer.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@contextmanager
def writing(path: AnyPath) -> Iterator[Path]:
    """Gives a temporary name beside `path`, and makes what was saved there appear as `path`.

    ```python
    path = worker.checkpoint_path(".npz")
    with writing(path) as temporary:
        np.savez(temporary, **arrays)
    ```

    What is saved may be a file or a directory. At the end of the block it is on disk, complete,
    under its name; after an exception, nothing is left of it. Nobody ever sees half a checkpoint,
    and one that exists is never written over: that raises `CheckpointError`. Of an address, such as
    `s3://bucket/run/name`, the temporary name is on this machine, and what was saved there is sent
    at the end of the block.
    """
    if isinstance(path, str) and is_address(path):
        with _object_store.writing(path) as temporary:
            yield temporary
        return
    final = absolute(path, "checkpoint")
    _refuse_existing(final)
    if not final.parent.is_dir():
        raise CheckpointError(
            f"The checkpoint {str(final)!r} cannot be written, because its directory is missing: "
            "make it, or take a path from worker.checkpoint_path()."
        )
    # The end of the name stays, for what tells a format by it.
    temporary = final.parent / f".partial-{secrets.token_hex(_RANDOM_BYTES)}-{final.name}"
    try:
        yield temporary
        if not os.path.lexists(temporary):
            raise CheckpointError(
                f"Nothing was saved for the checkpoint {str(final)!r}: save under the very name "
                "that writing() gives."
            )
        _sync(temporary)
        _publish(temporary, final)
        _sync_entry(final.parent)
    except BaseException:
        try:
            _remove(temporary)
        except OSError as error:
            logger.warning("The unfinished checkpoint %r is left over: %s", str(temporary), error)
        raise


class Checkpoints:
    """The directory that a worker's user chose, and the released checkpoints in it.

    It is a path, or an address that fsspec reaches: the argument, else what MURMUR_CHECKPOINTS
    names, else `checkpoints` in the directory of `murmur run`, which it names in MURMUR_DATA.
    """

    def __init__(self, directory: AnyPath | None = None, *, delete_released: bool = False) -> None:
        self._directory = _chosen(directory)
        if isinstance(self._directory, str):
            # Rather now than with the first checkpoint.
            _object_store.check(self._directory)
        self._deletes = delete_released
        if delete_released:
            # Without a directory nothing would ever be deleted, and the user asked for it.
            _ = self.directory
        # Releases that were dealt with and are said with the next report, in the order told.
        self._dealt_with: dict[int, None] = {}
        # Releases that could not be deleted yet, and how often that was tried.
        self._failures: dict[int, int] = {}
        self._warned_outside = False

    def path(self, population: str, member: int, step: int, suffix: str = "") -> Path | str:
        """A path that was never used, or an address; its directory is made when it is missing."""
        if not _is_suffix(suffix):
            raise InvalidError(
                f"The suffix of a checkpoint is {suffix!r:.60}; give the end of a file's name, "
                "like '.npz'."
            )
        # The name comes from the coordinator, and may lead anywhere.
        if not _POPULATION.fullmatch(population):
            raise CheckpointError(
                f"The coordinator calls the population {population!r}, which cannot be a part of a "
                "file's name: see whether it is yours."
            )
        # Random, because a member comes by the same step again after it has copied another one.
        unique = secrets.token_hex(_RANDOM_BYTES)
        name = f"{population}-{member}-{step}-{unique}{suffix}"
        directory = self.directory
        if isinstance(directory, str):
            return _object_store.join(directory, name)
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(
                f"The directory {str(directory)!r} for checkpoints cannot be made "
                f"({error.strerror}): choose another one."
            ) from error
        return directory / name

    # ----------------------------------------------------------------- what nothing holds any more

    def take(self, released: Iterable[wire.Release]) -> None:
        """Deals with the releases of a directive: deletes them if the user asked for it."""
        for release in released:
            if release.number not in self._dealt_with and (
                not self._deletes or self._delete(release)
            ):
                self._failures.pop(release.number, None)
                self._dealt_with[release.number] = None

    def dealt_with(self) -> list[int]:
        """The numbers of the releases that the next report acknowledges."""
        return list(self._dealt_with)[:_ACKNOWLEDGED]

    def acknowledged(self, numbers: Iterable[int]) -> None:
        """Forgets the releases of a report that was answered."""
        for number in numbers:
            self._dealt_with.pop(number, None)

    def _delete(self, release: wire.Release) -> bool:
        """Deletes a checkpoint, and returns whether nothing more is to be done about it."""
        target = self._inside(release.checkpoint)
        if target is None:
            if not self._warned_outside:
                logger.warning(
                    "The released checkpoint %r is not inside %r; it is left alone, and so are "
                    "others like it.",
                    release.checkpoint,
                    str(self._directory),
                )
            self._warned_outside = True
            return True
        try:
            if isinstance(target, str):
                _object_store.delete(target)
            else:
                _remove(target)
        except OSError as error:
            failures = self._failures.get(release.number, 0) + 1
            self._failures[release.number] = failures
            if failures == 1:
                logger.warning("The checkpoint %r is not deleted: %s", str(target), error)
            elif failures >= _TRIES:
                logger.warning("The checkpoint %r is left: delete it yourself.", str(target))
            return failures >= _TRIES
        return True

    def _inside(self, address: str) -> Path | str | None:
        """What to delete for an address, or `None` when it is not inside the directory.

        A link is looked through for this, and then deleted itself, not what it leads to. A path
        that is not absolute means something else to each worker.
        """
        chosen = self.directory
        if isinstance(chosen, str):
            return address if _object_store.is_inside(address, chosen) else None
        path = Path(address)
        if not path.is_absolute() or path.name in ("", "..") or "\0" in address:
            return None
        try:
            directory = chosen.resolve()
            parent, real = path.parent.resolve(), path.resolve()
        except (OSError, RuntimeError):
            # A loop of links leads nowhere.
            return None
        here = parent / path.name
        inside = all(directory in each.parents for each in (here, real))
        return here if inside else None

    @property
    def directory(self) -> Path | str:
        """The one that was chosen; raises when none was."""
        return chosen(self._directory)


def chosen(directory: Path | str | None) -> Path | str:
    if directory is None:
        raise CheckpointError(
            "No directory for checkpoints is chosen: give Worker(checkpoints=DIR), or set "
            f"{CHECKPOINTS_VARIABLE}."
        )
    return directory


def _is_suffix(suffix: object) -> bool:
    """Whether a name may end with it, and stays one name."""
    if not isinstance(suffix, str) or not is_writable(suffix):
        return False
    return not any(each in suffix for each in ("/", os.sep, "\0"))


def _chosen(directory: AnyPath | None) -> Path | str | None:
    if directory is not None:
        return _directory(directory, "directory for checkpoints")
    if named := os.environ.get(CHECKPOINTS_VARIABLE):
        return _directory(named, f"directory in {CHECKPOINTS_VARIABLE}")
    if data := os.environ.get(DATA_VARIABLE):
        return absolute(data, f"directory in {DATA_VARIABLE}") / "checkpoints"
    return None


def _directory(directory: AnyPath, what: str) -> Path | str:
    if isinstance(directory, str) and is_address(directory):
        return directory
    return absolute(directory, what)


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise CheckpointError(
            f"The checkpoint {str(path)!r} exists, and others may be loading it: save under a "
            "name that was never used, like worker.checkpoint_path() gives."
        )


def _publish(temporary: Path, final: Path) -> None:
    """Gives what was saved its name, which must not be taken."""
    if not temporary.is_dir() or temporary.is_symlink():
        try:
            # Unlike a rename, a link fails when the name is taken in this very moment.
            os.link(temporary, final, follow_symlinks=False)
        except FileExistsError:
            _refuse_existing(final)
            raise
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        else:
            temporary.unlink()
            return
    _refuse_existing(final)
    temporary.rename(final)


def _sync(path: Path) -> None:
    """Brings a file, or a directory with all that is in it, to the disk."""
    if path.is_dir() and not path.is_symlink():
        for folder, _, files in os.walk(path):
            for name in files:
                each = Path(folder, name)
                if each.is_file() and not each.is_symlink():
                    _sync_entry(each)
            _sync_entry(Path(folder))
    else:
        _sync_entry(path)


def _sync_entry(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    """Removes a file, a link, or a directory with all that is in it; a missing one is fine."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        # Another worker may be deleting the same; what is left of a directory is tried again.
        if os.path.lexists(path):
            raise
