"""The real coordinator on disks that fail: what is acknowledged stays, and people are told why."""

from __future__ import annotations

import json
import resource
import shutil
import threading
from pathlib import Path

import pytest
from disks import (
    JOURNAL,
    MEBIBYTE,
    Acknowledged,
    Workers,
    begin,
    check,
    check_kept,
    fill,
    mount,
    mounted,
    refused,
    run,
    small_disk,
    starting_fails,
    workers_port,
)
from populations import journal
from program import Murmur
from support.fixtures import QUICK
from support.waiting import WAIT_SECONDS, wait_until

from murmuration import Worker

# ------------------------------------------------------------------------------------- full disk


def test_on_a_full_disk_reports_wait_and_nothing_is_lost(idle: Murmur) -> None:
    with mounted(idle.data, *small_disk()):
        begin(idle)
        workers = Workers(idle)
        workers.wait_for(60)
        filler = fill(idle.data)
        sentence = f"The disk that holds {idle.data} is full; free some space, and reports are"
        wait_until(lambda: sentence in idle.log, "the log says that the disk is full")
        # What was written before is checked and copied as ever.
        check(idle.binary, idle.data)
        copy = idle.data.parent / "copy.sqlite"
        assert run(idle.binary, "backup", idle.data, copy).returncode == 0
        full = refused(idle, "backup", str(idle.data), str(idle.data / "copy.sqlite"))
        assert "is full; free some space, or name a file on another one." in full
        # What is committed can be looked at, and what changes something is refused in a sentence.
        rows = journal(idle, "SELECT sequence FROM event WHERE kind = 'reported' ORDER BY 1")
        assert '"name":"p"' in idle.murmur("list", "--json")
        assert json.loads(idle.murmur("leaderboard", "p", "--json"))["entries"]
        shown = [json.loads(line) for line in idle.murmur("history", "p", "--json").splitlines()]
        assert [(each["sequence"],) for each in shown if each["event"] == "reported"] == rows
        assert idle.murmur("schedule", "p", "--best")
        done = run(idle.binary, "pause", "p", "--data", idle.data)
        assert done.returncode == 1
        assert "Error: " in done.stderr
        stalled = len(workers.acknowledged.paths())
        filler.unlink()
        workers.wait_for(stalled + 20)
        workers.finish()
        assert "reports are accepted again" in idle.log.rsplit(sentence, 1)[1]
        check_kept(idle, workers.acknowledged)
        idle.stop()
        check_kept(idle, workers.acknowledged)


def test_killed_on_a_full_disk_it_goes_on_when_there_is_room(idle: Murmur) -> None:
    with mounted(idle.data, *small_disk()):
        begin(idle)
        port = workers_port(idle)
        workers = Workers(idle)
        workers.wait_for(60)
        filler = fill(idle.data)
        wait_until(lambda: "is full; free some space" in idle.log, "the disk is full")
        idle.kill()
        before = set(workers.acknowledged.paths())
        rows = journal(idle, "SELECT checkpoint FROM event WHERE kind = 'reported'")
        assert before <= {row[0] for row in rows}
        sentence = starting_fails(idle)
        assert "full" in sentence or "cannot be used" in sentence, sentence
        filler.unlink()
        idle.start("--port", port, "--broadcast-port", "0")
        workers.finish()
        check_kept(idle, workers.acknowledged)
        idle.stop()


def test_a_new_journal_on_a_full_disk_is_refused_in_a_sentence(idle: Murmur) -> None:
    with mounted(idle.data, *small_disk(1)):
        filler = fill(idle.data)
        sentence = starting_fails(idle)
        assert "full" in sentence or "cannot be used" in sentence, sentence
        filler.unlink()
        begin(idle)
        idle.stop()
        check(idle.binary, idle.data)


def test_a_closed_journal_on_a_full_disk_can_be_read(idle: Murmur, tmp_path: Path) -> None:
    with mounted(idle.data, *small_disk()):
        begin(idle)
        workers = Workers(idle)
        workers.finish()
        idle.stop()
        listed = idle.murmur("list")
        for name in ("-shm", "-wal"):
            (idle.data / f"{JOURNAL}{name}").unlink(missing_ok=True)
        filler = fill(idle.data)
        check(idle.binary, idle.data)
        assert run(idle.binary, "backup", idle.data, tmp_path / "copy.sqlite").returncode == 0
        assert idle.murmur("list") == listed
        for sentence in (
            starting_fails(idle),
            refused(idle, "prune", str(idle.data), "--keep-events", "0"),
        ):
            assert f"The disk that holds {idle.data} " in sentence
            assert "free some space" in sentence
        filler.unlink()
        check_kept(idle, workers.acknowledged)


# ------------------------------------------------------------------------------------ I/O errors


def test_a_disk_that_refuses_to_write_is_waited_for(idle: Murmur) -> None:
    """A limit on the size of files is the plainest way to make the kernel refuse a write."""
    begin(idle)
    workers = Workers(idle)
    workers.wait_for(60)
    assert idle.process is not None
    log = idle.data / f"{JOURNAL}-wal"
    limit = resource.RLIMIT_FSIZE
    try:
        before = resource.prlimit(idle.process.pid, limit, (log.stat().st_size, -1))
    except PermissionError as error:
        pytest.skip(f"limits of a running process cannot be set here: {error}")
    sentence = f"no report is accepted: The journal in {idle.data} cannot be read or written ("
    wait_until(lambda: sentence in idle.log, "the log says that the disk failed")
    assert "check the disk." in idle.log
    check(idle.binary, idle.data)
    resource.prlimit(idle.process.pid, limit, before)
    workers.finish()
    check_kept(idle, workers.acknowledged)
    idle.stop()


# ------------------------------------------------------------------------------------- read-only


def test_a_read_only_mount_is_refused_and_can_be_read(idle: Murmur, tmp_path: Path) -> None:
    begin(idle)
    workers = Workers(idle)
    workers.wait_for(20)
    workers.finish()
    idle.stop()
    data = tmp_path / "read-only"
    data.mkdir()
    with mounted(data, "--bind", str(idle.data)):
        mount(data, "-o", "remount,bind,ro")
        view = Murmur(idle.binary, data)
        sentence = starting_fails(view)
        assert f"The data directory {data} cannot be used (Read-only file system)" in sentence
        check(idle.binary, data)
        copy = tmp_path / "copy.sqlite"
        assert run(idle.binary, "backup", data, copy).returncode == 0
        assert view.murmur("list") == idle.murmur("list")
        inside = refused(view, "backup", str(data), str(data / "copy.sqlite"))
        assert "Read-only file system" in inside
        assert "Read-only file system" in refused(view, "prune", str(data), "--keep-events", "0")
    check_kept(idle, workers.acknowledged)


def test_an_unclosed_journal_on_a_read_only_mount_says_what_to_do(
    idle: Murmur, tmp_path: Path
) -> None:
    begin(idle)
    idle.kill()
    (idle.data / f"{JOURNAL}-shm").unlink()
    data = tmp_path / "read-only"
    data.mkdir()
    with mounted(data, "--bind", str(idle.data)):
        mount(data, "-o", "remount,bind,ro")
        for command in (("check", data), ("backup", data, tmp_path / "copy.sqlite")):
            sentence = refused(idle, *map(str, command))
            assert "copy the directory to a disk that can be written" in sentence
    check(idle.binary, idle.data)


def test_a_file_system_that_turns_read_only_loses_nothing(idle: Murmur, tmp_path: Path) -> None:
    """As ext4 does when its disk fails; a mount that is written to cannot be made so by hand."""
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(32 * MEBIBYTE)
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("there is no mkfs.ext4 here")
    assert run("mkfs.ext4", "-q", image).returncode == 0
    acknowledged = Acknowledged()

    def report(worker: Worker, number: int) -> None:
        path = f"/checkpoints/{number}"
        worker.report(worker.target_step, 1.0, checkpoint=path)
        acknowledged.add(path)

    with mounted(idle.data, "-o", "loop", str(image)):
        begin(idle)
        port = workers_port(idle)
        worker = Worker(idle.url, timing=QUICK)
        for number in range(20):
            report(worker, number)
        # While it is written, ext4 may say of a file that it was synced although it was not.
        if run("mount", "-o", "remount,abort", idle.data).returncode != 0:
            pytest.skip("ext4 cannot be aborted here")
        last = threading.Thread(target=report, args=(worker, 20), daemon=True)
        last.start()
        wait_until(lambda: "no report is accepted: " in idle.log, "no report is accepted")
        sentence = idle.log.split("no report is accepted: ", 1)[1].splitlines()[0]
        assert sentence.startswith(f"The journal in {idle.data} cannot be "), sentence
        assert sentence.endswith(".")
        idle.kill()
    assert len(acknowledged.paths()) == 20
    with mounted(idle.data, "-o", "loop", str(image)):
        rows = journal(idle, "SELECT checkpoint FROM event WHERE kind = 'reported'")
        assert [row[0] for row in rows] == acknowledged.paths()
        idle.start("--port", port, "--broadcast-port", "0")
        last.join(WAIT_SECONDS)
        worker.leave()
        rows = journal(idle, "SELECT checkpoint FROM event WHERE kind = 'reported'")
        assert [row[0] for row in rows] == acknowledged.paths()
        assert len(rows) == 21
        check(idle.binary, idle.data)
        idle.stop()
