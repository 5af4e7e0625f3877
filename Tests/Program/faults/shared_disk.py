"""A file system that hosts share, as each of them sees it: a directory behind FUSE.

Usage: shared_disk.py DIRECTORY MOUNTPOINT [no-locks]

Each mount is a host's: it remembers names for a second, whatever others do meanwhile, its locks
count on it alone, and no memory is shared with files. It ends when it is unmounted.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Any

from mfusepy import FUSE

REMEMBERED_SECONDS = 1
TIMES = ("st_atime_ns", "st_mtime_ns", "st_ctime_ns")
REST = ("st_mode", "st_ino", "st_nlink", "st_uid", "st_gid", "st_size", "st_blocks")


class SharedDisk:
    """What FUSE calls; it takes an error of the system as an answer."""

    use_ns = True

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def _path(self, path: str) -> Path:
        return Path(self._directory + path)

    # ---------------------------------------------------------------------------------- names

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        found = os.lstat(self._path(path)) if fh is None else os.fstat(fh)
        times = {name.removesuffix("_ns"): getattr(found, name) for name in TIMES}
        return times | {name: getattr(found, name) for name in REST}

    def readdir(self, path: str, fh: int) -> list[tuple[str, dict[str, int], int]]:
        with os.scandir(self._path(path)) as entries:
            # Without a number of its own the kernel shows no file.
            files = [(each.name, {"st_mode": 0, "st_ino": each.inode()}, 0) for each in entries]
        folder = {"st_mode": stat.S_IFDIR, "st_ino": self._path(path).stat().st_ino}
        return [(".", folder, 0), ("..", folder, 0), *files]

    def readlink(self, path: str) -> str:
        return str(self._path(path).readlink())

    def symlink(self, target: str, source: str) -> int:
        self._path(target).symlink_to(source)
        return 0

    def link(self, target: str, source: str) -> int:
        os.link(self._path(source), self._path(target))
        return 0

    def rename(self, old: str, new: str) -> int:
        self._path(old).rename(self._path(new))
        return 0

    def unlink(self, path: str) -> int:
        self._path(path).unlink()
        return 0

    def mkdir(self, path: str, mode: int) -> int:
        self._path(path).mkdir(mode)
        return 0

    def rmdir(self, path: str) -> int:
        self._path(path).rmdir()
        return 0

    def chmod(self, path: str, mode: int) -> int:
        self._path(path).chmod(mode)
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        os.chown(self._path(path), uid, gid)
        return 0

    def utimens(self, path: str, times: tuple[int, int]) -> int:
        os.utime(self._path(path), ns=times)
        return 0

    def access(self, path: str, amode: int) -> int:
        if not os.access(self._path(path), amode):
            raise OSError(errno.EACCES if os.path.lexists(self._path(path)) else errno.ENOENT, path)
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self._path(path))
        names = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_favail", "f_ffree", "f_files")
        rest = ("f_flag", "f_frsize", "f_namemax")
        return {name: getattr(found, name) for name in names + rest}

    # ---------------------------------------------------------------------------------- files

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        return os.open(self._path(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def open(self, path: str, flags: int) -> int:
        return os.open(self._path(path), flags & ~os.O_NOFOLLOW)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        return os.pwrite(fh, data, offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        os.truncate(self._path(path) if fh is None else fh, length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        os.fsync(fh)
        return 0

    def flush(self, path: str, fh: int) -> int:
        return 0

    def release(self, path: str, fh: int) -> int:
        os.close(fh)
        return 0


class SharedDiskWithoutLocks(SharedDisk):
    def lock(self, path: str, fh: int, cmd: int, lock: Any) -> int:
        raise OSError(errno.ENOLCK, path)


def main(directory: str, mountpoint: str, *options: str) -> None:
    disk = SharedDiskWithoutLocks if "no-locks" in options else SharedDisk
    remembered = dict.fromkeys(("attr_timeout", "entry_timeout"), REMEMBERED_SECONDS)
    FUSE(
        disk(directory), mountpoint, foreground=True, nothreads=True, use_ino=True, direct_io=True,
        default_permissions=True, **remembered,
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
