"""A machine without Swift and without libzmq, as far as a process can see."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

# What the program would find of this machine's if it were linked to it.
LIBRARIES = ("libzmq.so*", "libsodium.so*", "libsqlite3.so*")

# Far more than anything here takes.
SECONDS = 280


def _toolchain() -> Path | None:
    swift = shutil.which("swift")
    return Path(swift).resolve().parents[2] if swift else None


def _hidden() -> list[Path]:
    """The folder of the Swift toolchain, and this machine's libraries of those names."""
    folders = [Path("/usr/lib"), *Path("/usr/lib").glob("*-linux-gnu"), Path("/usr/local/lib")]
    found = {path.resolve() for name in LIBRARIES for at in folders for path in at.glob(name)}
    toolchain = _toolchain()
    return sorted(found) + ([toolchain] if toolchain else [])


@dataclass(frozen=True)
class Machine:
    """Runs commands in a mount namespace in which Swift and the libraries are not there, with no
    variable of this process."""

    home: Path
    path: Sequence[Path] = ()
    """Folders of programs, before those of the system."""
    variables: dict[str, str] = field(default_factory=dict)

    def run(
        self, *command: str | Path, cwd: Path | None = None, before: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end.

        `before` are further lines of shell, which change what the command sees.
        """
        mounts = [
            f"mount -t tmpfs none '{path}'" if path.is_dir() else f"mount --bind /dev/null '{path}'"
            for path in _hidden()
        ]
        script = "\n".join(["set -e", *mounts, before, 'exec "$@"'])
        namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-rm"]
        paths = [*self.path, Path("/usr/local/bin"), Path("/usr/bin"), Path("/bin")]
        return subprocess.run(
            [*namespace, "sh", "-c", script, "sh", *map(str, command)],
            cwd=cwd or self.home,
            env={
                "HOME": str(self.home),
                "PATH": ":".join(map(str, paths)),
                "LANG": "C.UTF-8",
                **self.variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
