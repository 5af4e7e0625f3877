"""A worker's place: a text that stays the same when the worker is started again, wherever."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from murmuration._ranks import Ranks, rank_of
from murmuration._texts import checked
from murmuration.errors import InvalidError, LimitError

logger = logging.getLogger("murmuration")

PLACE_VARIABLE = "MURMUR_PLACE"
# The wire's limit, checked here so that a mistake is named before it travels.
PLACE_BYTES = 256

# Another process has the lock.
_TAKEN = (errno.EACCES, errno.EAGAIN)
_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class Place:
    """The place of one worker, which is the worker's until it is given up."""

    def __init__(self, name: str, *, is_claimed: bool = False) -> None:
        self.name = name
        self._is_claimed = is_claimed

    def give_up(self) -> None:
        if self._is_claimed:
            self._is_claimed = False
            _claims.give_up(self.name)


def place_of(given: str | None, ranks: Ranks) -> Place:
    """The place that is given, or that of the environment; one without a name when there is none.

    The environment's belongs to one worker of this host at a time: whoever starts several
    processes, or makes several workers in one, has not given each a place.
    """
    if given is not None:
        return Place(_checked(given, "place"))
    name = place_in(os.environ)
    rank = rank_of() if ranks == "each" else None
    if rank is not None and name:
        name = f"{name}/{rank.number}"
    if not name or not _claims.claim(_checked(name, PLACE_VARIABLE)):
        return Place("")
    return Place(name, is_claimed=True)


def place_in(environment: Mapping[str, str]) -> str:
    """The place that a scheduler, or whoever started the process, gave it; empty for none."""
    found = environment.get
    return found(PLACE_VARIABLE) or _of_slurm(environment) or _of_kubernetes(environment)


def _of_slurm(environment: Mapping[str, str]) -> str:
    found = environment.get
    array, index = found("SLURM_ARRAY_JOB_ID"), found("SLURM_ARRAY_TASK_ID")
    job = f"{array}_{index}" if array and index else found("SLURM_JOB_ID")
    if not job:
        return ""
    parts = ["slurm", *filter(None, [found("SLURM_CLUSTER_NAME")]), job]
    # All that a batch script starts has the rank 0 of the script; only srun's steps have their own.
    if (step := found("SLURM_STEP_ID")) and (task := found("SLURM_PROCID")):
        parts += [step, task]
    return "/".join(parts)


def _of_kubernetes(environment: Mapping[str, str]) -> str:
    """The index of an indexed Job, whose pods are called JOB-INDEX."""
    index = environment.get("JOB_COMPLETION_INDEX")
    host = environment.get("HOSTNAME", "")
    if not index or not host.endswith(f"-{index}"):
        return ""
    try:
        namespace = _NAMESPACE.read_text(encoding="utf-8").strip()
    except OSError:
        # Another namespace may have a Job of the same name.
        return ""
    return f"kubernetes/{namespace}/{host}"


def _checked(name: str, what: str) -> str:
    checked(name, what)
    if len(name.encode()) > PLACE_BYTES:
        raise LimitError(f"The {what} has more than {PLACE_BYTES} bytes; shorten it.")
    if "\0" in name:
        raise InvalidError(f"The {what} is {name!r}; leave the zero byte out.")
    return name


class _Claims:
    """The places of the environment that workers of this process have.

    A byte of a file is locked for each, so that no other process of this host has it too. The
    kernel unlocks it when the process ends, however that happens, and no child inherits it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._file: int | None = None

    def claim(self, name: str) -> bool:
        with self._lock:
            if name in self._names:
                return False
            try:
                if self._file is None:
                    self._file = _opened()
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _offset(name))
            except OSError as error:
                if self._file is None or error.errno not in _TAKEN:
                    _warn(error)
                return False
            self._names.add(name)
            return True

    def give_up(self, name: str) -> None:
        with self._lock:
            if name in self._names and self._file is not None:
                self._names.remove(name)
                with contextlib.suppress(OSError):
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _offset(name))


def _opened() -> int:
    directory = os.environ.get("TMPDIR") or "/tmp"
    path = f"{directory}/murmuration-places-{os.geteuid()}"
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(path, flags, 0o600)
    if os.fstat(file).st_uid != os.geteuid():
        os.close(file)
        raise PermissionError(f"{path} is somebody else's")
    return file


def _offset(name: str) -> int:
    """The byte for a name: FNV-1a, as in the Swift client."""
    digest = 0xCBF29CE484222325
    for byte in name.encode():
        digest = (digest ^ byte) * 0x100000001B3 % 2**64
    return digest >> 2


def _warn(error: OSError) -> None:
    logger.warning(
        "The worker takes no place of its environment, for no file could be locked for it in "
        "TMPDIR or /tmp (%s): let this user write there, or give the worker a place.",
        error.strerror or error,
    )


_claims = _Claims()


def _forget_all() -> None:
    # A forked child has none of its parent's locks.
    global _claims
    _claims = _Claims()


os.register_at_fork(after_in_child=_forget_all)
