"""What the command line reads: pipes in place of files, and directories of others."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from disks import Workers, begin, check_kept, refused, run
from populations import SPACE, create
from program import Murmur
from support.waiting import START_SECONDS, wait_until

NOBODY = 65534


def test_a_space_is_read_from_a_process(murmur: Murmur, tmp_path: Path) -> None:
    space = tmp_path / "space.csv"
    space.write_text(SPACE)
    script = 'exec "$0" create p --population-size 2 --data "$1" --space <(cat "$2")'
    done = run("bash", "-c", script, murmur.binary, murmur.data, space)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The population p has 2 members")


def test_a_space_is_read_from_a_pipe_with_a_name(murmur: Murmur, tmp_path: Path) -> None:
    pipe = tmp_path / "space.csv"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", f"printf '%s' \"$0\" > '{pipe}'", SPACE]) as writer:
        done = run(murmur.binary, "create", "p", "--space", pipe, "--data", murmur.data)
        assert writer.wait(START_SECONDS) == 0
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["check", "backup", "prune", "list", "best"])
def test_why_there_is_no_journal_is_said(command: str, murmur: Murmur, tmp_path: Path) -> None:
    def sentence(path: Path) -> str:
        arguments = {
            "check": ("check", str(path)),
            "backup": ("backup", str(path), str(tmp_path / "copy")),
            "prune": ("prune", str(path), "--keep-events", "0"),
        }.get(command, (command, "--data", str(path)))
        return refused(murmur, *arguments)

    assert "There is no directory" in sentence(tmp_path / "none")
    assert "There is no journal in" in sentence(tmp_path)
    assert "is longer than this system takes" in sentence(tmp_path / ("a" * 300))
    file = tmp_path / "file"
    file.touch()
    assert f"{file} is not a directory" in sentence(file)


def test_a_directory_of_another_user_is_not_one_without_a_journal(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "1")
    if os.geteuid() == 0:
        # Root may look into everything.
        murmur.data.parent.chmod(0o755)
        user: int | None = NOBODY
    else:
        murmur.data.chmod(0)
        user = None
    try:
        done = subprocess.run(
            [str(murmur.binary), "list", "--data", str(murmur.data)],
            capture_output=True,
            text=True,
            user=user,
            timeout=START_SECONDS,
        )
    except PermissionError:
        pytest.skip("another user may not run this binary")
    finally:
        murmur.data.chmod(0o700)
    assert done.returncode == 1
    assert "cannot be looked into, because this user may not" in done.stderr


def test_a_directory_out_of_reach_is_not_called_removed(idle: Murmur) -> None:
    begin(idle)
    workers = Workers(idle)
    workers.wait_for(20)
    away = idle.data.with_name("away")
    idle.data.rename(away)
    # What leads to itself is out of everybody's reach, as what is forbidden is of most.
    idle.data.symlink_to(idle.data)
    sentence = f"The journal in {idle.data} is out of reach while it is in use ("
    wait_until(lambda: sentence in idle.log, "the log says that it is out of reach")
    idle.data.unlink()
    away.rename(idle.data)
    workers.finish()
    check_kept(idle, workers.acknowledged)
    idle.stop()


def test_a_clean_end_is_logged(idle: Murmur) -> None:
    idle.start()
    idle.stop()
    assert idle.log.splitlines()[-1].endswith("the coordinator has ended")
