"""The real coordinator on disks that fail: what is acknowledged stays, and people are told why."""

from __future__ import annotations

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from conftest import QUICK, START_SECONDS, Murmur, murmur_binary
from test_real_coordinator import Acknowledged, create, journal, train

from murmuration import NoPopulationError, Worker

WAIT_SECONDS = 60.0
MEMBERS = 6
STEPS = 60
MEBIBYTE = 1 << 20
JOURNAL = "journal.sqlite"


# -------------------------------------------------------------------------------------- helpers


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    arguments = [str(each) for each in command]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=START_SECONDS)


def mount(path: Path, *options: str) -> None:
    done = run("mount", *options, path)
    if done.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")


@contextmanager
def mounted(path: Path, *options: str) -> Iterator[None]:
    mount(path, *options)
    try:
        yield
    finally:
        # A process that was killed holds its files for a moment.
        until = time.monotonic() + START_SECONDS
        while run("umount", path).returncode != 0 and time.monotonic() < until:
            time.sleep(0.1)
        run("umount", "-l", path)


def small_disk(mebibytes: int = 16) -> tuple[str, ...]:
    return ("-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs")


def fill(disk: Path) -> Path:
    """Takes all the room that there is on a disk."""
    file = disk / "filler"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (MEBIBYTE, 4096, 1):
            try:
                while True:
                    os.write(descriptor, b"x" * size)
            except OSError:
                continue
    finally:
        os.close(descriptor)
    return file


def wait_for(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.05)


class Workers:
    """Workers that train in the background, and what they were answered."""

    def __init__(self, murmur: Murmur, count: int = 4) -> None:
        self.acknowledged = Acknowledged()
        self._url = murmur.url
        self._errors: list[Exception] = []
        # Daemons, so that those that wait for ever end with a test that failed.
        self._threads = [
            threading.Thread(target=self._train, args=(number,), daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def _train(self, number: int) -> None:
        try:
            train(self._url, number, self.acknowledged)
        except Exception as error:
            self._errors.append(error)

    def wait_for(self, count: int) -> None:
        self.acknowledged.wait_for(count)

    def errors(self) -> list[Exception]:
        """What the workers ended with, when all have."""
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "a worker waits for ever"
        return self._errors

    def finish(self) -> None:
        assert self.errors() == []


def begin(murmur: Murmur, steps: int = STEPS) -> None:
    murmur.start()
    create(murmur, "p", "--population-size", str(MEMBERS), "--max-steps", str(steps))


def check(binary: Path, data: Path) -> str:
    done = run(binary, "check", data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("All is well in "), done.stdout
    return done.stdout


def check_kept(murmur: Murmur, acknowledged: Acknowledged) -> None:
    """Every acknowledged report is in the journal exactly once, and the journal is well."""
    rows = journal(murmur, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    times = Counter(row[0] for row in rows)
    assert set(acknowledged.paths()) == set(times)
    assert max(times.values()) == 1
    finished = journal(murmur, f"SELECT count(*) FROM member WHERE step = {STEPS}")
    assert finished == [(MEMBERS,)]
    check(murmur.binary, murmur.data)


def refused(murmur: Murmur, *arguments: str) -> str:
    """What a command says that must fail: one sentence, and nothing else."""
    done = run(murmur.binary, *arguments)
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("Error: ")
    assert lines[0].endswith(".")
    for word in ("SQLite error", "errno", "Swift", "JournalError"):
        assert word not in lines[0]
    return lines[0]


def starting_fails(murmur: Murmur) -> str:
    return refused(murmur, "serve", "--port", "0", "--data", str(murmur.data))


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Murmur]:
    """A coordinator that is not started yet."""
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    coordinator = Murmur(binary, data)
    try:
        yield coordinator
    finally:
        coordinator.stop()


# ------------------------------------------------------------------------------------- full disk


def test_on_a_full_disk_reports_wait_and_nothing_is_lost(idle: Murmur) -> None:
    with mounted(idle.data, *small_disk()):
        begin(idle)
        workers = Workers(idle)
        workers.wait_for(60)
        filler = fill(idle.data)
        sentence = f"The disk that holds {idle.data} is full; free some space, and reports are"
        wait_for(lambda: sentence in idle.log, "the log does not say that the disk is full")
        # What was written before is checked and copied as ever.
        check(idle.binary, idle.data)
        copy = idle.data.parent / "copy.sqlite"
        assert run(idle.binary, "backup", idle.data, copy).returncode == 0
        full = refused(idle, "backup", str(idle.data), str(idle.data / "copy.sqlite"))
        assert "is full; free some space, or name a file on another one." in full
        # What is asked is refused, and does not hang.
        for command in (("list",), ("history", "p")):
            done = run(idle.binary, *command, "--data", idle.data)
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
        wait_for(lambda: "is full; free some space" in idle.log, "the disk is not full")
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
    wait_for(lambda: sentence in idle.log, "the log does not say that the disk failed")
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
        wait_for(lambda: "no report is accepted: " in idle.log, "a report is accepted")
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


# ------------------------------------------------------------------------------- other journals


def test_a_second_coordinator_is_refused_and_the_first_goes_on(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", str(MEMBERS), "--max-steps", str(STEPS))
    workers = Workers(murmur)
    workers.wait_for(20)
    assert murmur.process is not None
    sentence = starting_fails(murmur)
    assert f"is in use by another coordinator (process {murmur.process.pid}); stop" in sentence
    sentence = refused(murmur, "prune", str(murmur.data), "--keep-events", "0")
    assert f"is in use (process {murmur.process.pid}); stop its coordinator, prune" in sentence
    workers.finish()
    check_kept(murmur, workers.acknowledged)


def test_a_newer_journal_is_left_alone(idle: Murmur) -> None:
    begin(idle)
    idle.stop()
    with closing(sqlite3.connect(idle.data / JOURNAL)) as database:
        database.execute("INSERT INTO grdb_migrations VALUES ('99')")
        database.commit()
    before = dump(idle.data)
    for command in (
        ("serve", "--port", "0", "--data", str(idle.data)),
        ("check", str(idle.data)),
        ("list", "--data", str(idle.data)),
        ("prune", str(idle.data), "--keep-events", "0"),
    ):
        assert "was written by a newer version of murmur; use that version." in refused(
            idle, *command
        )
    assert dump(idle.data) == before


def dump(data: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{data / JOURNAL}?mode=ro", uri=True)) as database:
        return list(database.iterdump())


@pytest.mark.parametrize("content", [b"A" * 8192, b"SQLite format 3\0" + b"A" * 4080])
def test_what_is_no_journal_is_left_alone(idle: Murmur, content: bytes) -> None:
    file = idle.data / JOURNAL
    file.write_bytes(content)
    for command in (
        ("serve", "--port", "0", "--data", str(idle.data)),
        ("check", str(idle.data)),
        ("prune", str(idle.data), "--keep-events", "0"),
    ):
        sentence = refused(idle, *command)
        assert "is not a journal of murmur" in sentence or "is damaged" in sentence, sentence
    assert file.read_bytes() == content


# ------------------------------------------------------------------------------------- torn tail


def history(data: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{data / JOURNAL}?mode=ro", uri=True)) as database:
        return database.execute("SELECT * FROM event ORDER BY sequence").fetchall()


def test_a_torn_log_holds_a_prefix_of_what_was_acknowledged(idle: Murmur, tmp_path: Path) -> None:
    begin(idle, steps=10_000)
    made = (idle.data / f"{JOURNAL}-wal").stat().st_size
    workers = Workers(idle)
    workers.wait_for(120)
    port = workers_port(idle)
    idle.kill()
    before = set(workers.acknowledged.paths())
    log = (idle.data / f"{JOURNAL}-wal").read_bytes()
    file = (idle.data / JOURNAL).read_bytes()

    seed = random.randrange(1 << 32)
    draws = random.Random(seed)
    whole: list[tuple[object, ...]] = []
    for number in range(40):
        data = tmp_path / f"torn-{number}"
        data.mkdir()
        (data / JOURNAL).write_bytes(file)
        cut = len(log) if number < 4 else draws.randrange(made, len(log))
        garbage = draws.randbytes(draws.choice([0, 1, 100, 5000])) if number > 0 else b""
        (data / f"{JOURNAL}-wal").write_bytes(log[:cut] + garbage)
        where = f"seed {seed}, cut at {cut} of {len(log)} with {len(garbage)} bytes after it"
        events = history(data)
        if number == 0:
            whole = events
            assert before <= {event[9] for event in events}
        assert events == whole[: len(events)], where
        if number < 4:
            assert events == whole, where
        check(idle.binary, data)
        if number % 8 == 1:
            torn = Murmur(idle.binary, data)
            torn.start()
            torn.stop()
            assert history(data)[: len(events)] == events, where
            check(idle.binary, data)
        shutil.rmtree(data)

    idle.start("--port", port, "--broadcast-port", "0")
    idle.murmur("end", "p")
    workers.finish()
    rows = journal(idle, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    assert set(workers.acknowledged.paths()) == {row[0] for row in rows}
    assert len(rows) == len(set(rows))


def workers_port(murmur: Murmur) -> str:
    """The port that it served at before it was killed."""
    return murmur.url.rsplit(":", 1)[1]


# -------------------------------------------------------------------------------- files that go


def test_a_log_that_is_removed_is_saved_and_nothing_more_is_accepted(idle: Murmur) -> None:
    begin(idle)
    port = workers_port(idle)
    workers = Workers(idle)
    workers.wait_for(60)
    (idle.data / f"{JOURNAL}-wal").unlink()
    sentence = "what was accepted is in the journal, so end the coordinator and start it again."
    wait_for(lambda: sentence in idle.log, "the log does not say that the journal's is gone")
    idle.kill()
    before = set(workers.acknowledged.paths())
    rows = journal(idle, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    assert before <= {row[0] for row in rows}
    idle.start("--port", port, "--broadcast-port", "0")
    workers.finish()
    check_kept(idle, workers.acknowledged)
    idle.stop()


def test_under_a_directory_that_went_nothing_is_accepted_until_it_is_back(idle: Murmur) -> None:
    begin(idle)
    workers = Workers(idle)
    workers.wait_for(60)
    away = idle.data.with_name("away")
    idle.data.rename(away)
    sentence = f"The journal in {idle.data} was removed or replaced while it was in use; put it"
    wait_for(lambda: sentence in idle.log, "the log does not say that the directory is gone")
    away.rename(idle.data)
    workers.finish()
    check_kept(idle, workers.acknowledged)
    idle.stop()


def test_under_a_directory_that_was_deleted_nothing_more_is_accepted(idle: Murmur) -> None:
    begin(idle)
    port = workers_port(idle)
    workers = Workers(idle)
    workers.wait_for(20)
    shutil.rmtree(idle.data)
    wait_for(lambda: "was removed or replaced while" in idle.log, "the log does not say it")
    count = len(workers.acknowledged.paths())
    time.sleep(1)
    assert len(workers.acknowledged.paths()) == count
    idle.stop()
    assert idle.process is not None
    assert idle.process.returncode == 0
    # What their workers wait for is an answer, which is that this journal does not know them.
    idle.data.mkdir(mode=0o700)
    idle.start("--port", port, "--broadcast-port", "0")
    assert all(isinstance(error, NoPopulationError) for error in workers.errors())
    assert len(workers.errors()) == 4
    idle.stop()
