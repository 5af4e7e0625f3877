"""What the command line prints into a full disk, or into a pipe that nobody reads."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from populations import create, journal
from program import Murmur
from support.fixtures import QUICK
from support.waiting import START_SECONDS

from murmuration import Worker

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="/dev/full is Linux's")

LOOKING = [
    ("list",),
    ("list", "--json"),
    ("leaderboard",),
    ("leaderboard", "--json"),
    ("history",),
    ("history", "--csv"),
    ("history", "--json"),
    ("schedule", "0"),
    ("lineage",),
    ("explain", "0"),
    ("best",),
    ("watch", "--json"),
    ("watch",),
]
ALONE = [
    ("--help",),
    ("history", "--help"),
    ("--version",),
    ("keys", "generate"),
    ("settings",),
    ("settings", "--markdown"),
    ("--generate-completion-script", "bash"),
]


@pytest.fixture
def finished(murmur: Murmur) -> Murmur:
    """With a population of one member, which has finished."""
    create(murmur, "p", "--population-size", "1", "--max-steps", "2")
    with Worker(murmur.url, timing=QUICK) as worker:
        while worker.training:
            worker.report(worker.target_step, 0.5, checkpoint="/checkpoint")
    return murmur


def run(
    murmur: Murmur,
    *arguments: str,
    stdout: int,
    ignoring: bool = False,
    before: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """With `ignoring`, SIGPIPE and SIGXFSZ are ignored, as by some shells and schedulers."""
    return subprocess.run(
        [str(murmur.binary), *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=START_SECONDS,
        restore_signals=not ignoring,
        preexec_fn=before,
    )


def check_full(murmur: Murmur, *arguments: str) -> None:
    with FULL.open("wb") as full:
        done = run(murmur, *arguments, stdout=full.fileno())
    assert (done.returncode, done.stderr) == (
        1,
        "Error: The disk of standard output is full, and not all was written; "
        "free some space, and do it again.\n",
    )


@needs_full
@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_a_full_disk_fails_what_looks(command: tuple[str, ...], finished: Murmur) -> None:
    check_full(finished, *command, "--data", str(finished.data))


@needs_full
@pytest.mark.parametrize("command", ALONE, ids=" ".join)
def test_a_full_disk_fails_what_prints(command: tuple[str, ...], idle: Murmur) -> None:
    check_full(idle, *command)


@pytest.mark.parametrize("ignoring", [False, True])
@pytest.mark.parametrize("command", ["list", "history", "--help"])
def test_a_closed_pipe_stays_quiet(ignoring: bool, command: str, finished: Murmur) -> None:
    arguments = [command] if command == "--help" else [command, "--data", str(finished.data)]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(finished, *arguments, stdout=writing, ignoring=ignoring)
    finally:
        os.close(writing)
    ends = 128 + signal.SIGPIPE if ignoring else -signal.SIGPIPE
    assert (done.returncode, done.stderr) == (ends, "")


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_an_export_that_is_cut_off_fails(finished: Murmur, tmp_path: Path) -> None:
    whole = finished.murmur("history", "--csv").encode()
    assert len(whole) > 100
    out = tmp_path / "reports.csv"
    arguments = ("history", "--csv", "--data", str(finished.data))
    with out.open("wb") as file:
        done = run(
            finished, *arguments, stdout=file.fileno(), ignoring=True, before=limit_file_size
        )
    assert out.read_bytes() == whole[:100]
    assert (done.returncode, done.stderr) == (
        1,
        "Error: Standard output cannot be written (File too large), and not all was; "
        "write to another file or pipe.\n",
    )


def test_a_picture_that_is_cut_off_fails(finished: Murmur, tmp_path: Path) -> None:
    out = tmp_path / "plot.svg"
    arguments = ("plot", "--out", str(out), "--data", str(finished.data))
    done = run(
        finished,
        *arguments,
        stdout=subprocess.DEVNULL,
        ignoring=True,
        before=limit_file_size,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: The picture cannot be written to {out}; ")
    assert not out.exists()


def test_without_standard_output_nothing_is_written_into_another_file(murmur: Murmur) -> None:
    done = run(
        murmur,
        "list",
        "--data",
        str(murmur.data),
        stdout=subprocess.DEVNULL,
        before=lambda: os.close(1),
    )
    assert (done.returncode, done.stderr) == (
        1,
        "Error: Standard output cannot be written (Bad file descriptor), and not all was; "
        "write to another file or pipe.\n",
    )


@needs_full
def test_a_coordinator_serves_without_its_output_and_fails_at_its_end(idle: Murmur) -> None:
    with FULL.open("wb") as full:
        process = subprocess.Popen(
            [str(idle.binary), "serve", "--port", "0", "--data", str(idle.data)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    idle.process = process  # type: ignore[assignment]
    assert process.stderr is not None
    with process.stderr as said:
        assert "the coordinator serves" in said.readline()
        create(idle, "p", "--population-size", "1")
        process.send_signal(signal.SIGTERM)
        last = said.read().splitlines()[-1]
    assert last.startswith("Error: The disk of standard output")
    assert process.wait(START_SECONDS) == 1


def done_into_full(murmur: Murmur, *arguments: str) -> str:
    """What a command says that changes something and cannot say that it did."""
    with FULL.open("wb") as full:
        done = run(murmur, *arguments, stdout=full.fileno())
    assert done.returncode == 1
    begin = (
        "Error: The disk of standard output is full, but the command has done its work, so do "
        "not give it again: "
    )
    assert done.stderr.startswith(begin), done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix(begin).rstrip()


@needs_full
def test_what_was_done_into_a_full_disk_is_not_to_be_done_again(
    idle: Murmur, tmp_path: Path
) -> None:
    space = tmp_path / "p.csv"
    space.write_text("rate,0.001,1,log\n")
    copy = tmp_path / "copy.sqlite"
    idle.start()
    data = ("--data", str(idle.data))
    create_p = ("create", "p", "--space", str(space), "--population-size", "2", *data)
    assert done_into_full(idle, *create_p).startswith("The population p has 2 members")
    assert done_into_full(idle, "add", "p", "--members", "1", *data) == (
        "The population p has 1 member more, 3 in all."
    )
    assert "Member 1 of p is removed" in done_into_full(idle, "remove", "p", "1", *data)
    assert "is paused" in done_into_full(idle, "pause", *data)
    assert "is active" in done_into_full(idle, "resume", *data)
    assert "max_steps" in done_into_full(idle, "set", "--max-steps", "40", *data)
    assert "is ended" in done_into_full(idle, "end", *data)
    assert "Copied the journal" in done_into_full(idle, "backup", str(idle.data), str(copy))
    idle.stop()
    # What was said not to be done again was done once.
    assert journal(idle, "SELECT count(*) FROM member WHERE removed = 0") == [(2,)]
    idle.check()


@needs_full
def test_an_invitation_that_could_not_be_shown_is_to_be_revoked(idle: Murmur) -> None:
    idle.start("--port", "0", "--invitations")
    data = ("--data", str(idle.data))
    with FULL.open("wb") as full:
        done = run(idle, "invite", "--role", "admin", *data, stdout=full.fileno())
    assert done.returncode == 1
    lost = re.fullmatch(
        r"Error: Standard output cannot be written, and the invitation is lost; revoke it with "
        r"murmur keys revoke (\w+), and invite into another place\.\n",
        done.stderr,
    )
    assert lost is not None, done.stderr
    idle.murmur("keys", "revoke", lost[1])
