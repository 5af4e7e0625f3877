"""The real coordinator with journals that are in use, strange, torn, or taken away from it."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
import zmq
from disks import (
    JOURNAL,
    MEMBERS,
    STEPS,
    Workers,
    begin,
    check,
    check_kept,
    refused,
    run,
    starting_fails,
    workers_port,
)
from populations import create, journal
from program import Murmur
from support.fixtures import QUICK
from support.waiting import wait_until

from bench.client import TOGETHER, Reporter
from murmuration import NoPopulationError, Worker

# ------------------------------------------------------------------------------ many reports


def test_rows_that_waited_are_in_their_tables_when_nothing_happens(murmur: Murmur) -> None:
    rounds = 30
    with zmq.Context() as context:
        reporter = Reporter(context, murmur.url)
        with closing(reporter.socket):
            reporter.begin(TOGETHER)
            for _ in range(rounds):
                reporter.report()
            waiting = "SELECT count(*) FROM recent"
            assert journal(murmur, waiting) != [(0,)]
            wait_until(lambda: journal(murmur, waiting) == [(0,)], "no rows wait")
            assert journal(murmur, "SELECT count(*), min(reports) FROM member") == [
                (TOGETHER, rounds)
            ]


# ------------------------------------------------------------------------------- other journals


def test_workers_outlive_a_journal_that_goes_back_to_an_older_copy(
    murmur: Murmur, tmp_path: Path
) -> None:
    create(murmur, "p", "--population-size", "1", "--max-steps", "100")
    copy, port = tmp_path / "copy.sqlite", workers_port(murmur)
    with Worker(murmur.url, name="w") as worker:
        worker.report(10, 0.1, checkpoint="/1")
        assert run(murmur.binary, "backup", murmur.data, copy).returncode == 0
        worker.report(20, 0.2, checkpoint="/2")
        worker.report(30, 0.3, checkpoint="/3")
        murmur.stop()
        for name in ("journal.sqlite-wal", "journal.sqlite-shm"):
            (murmur.data / name).unlink(missing_ok=True)
        shutil.copy(copy, murmur.data / JOURNAL)
        murmur.start("--port", port, "--broadcast-port", "0")
        directive = worker.report(40, 0.4, checkpoint="/4")
        assert (directive.recorded, worker.step, worker.checkpoint) == (False, 10, "/1")
        assert worker.report(20, 0.5, checkpoint="/5").recorded
    assert journal(murmur, "SELECT report, step FROM event WHERE kind = 'reported'") == [
        (1, 10),
        (2, 20),
    ]
    check(murmur.binary, murmur.data)


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


# ---------------------------------------------------------------------------- files that are lost


@pytest.mark.parametrize("how", ["emptied", "removed", "without its log"])
def test_a_journal_that_lost_something_after_a_kill_is_not_gone_on_from(
    idle: Murmur, how: str
) -> None:
    begin(idle, steps=10_000)
    workers = Workers(idle)
    workers.wait_for(60)
    port = workers_port(idle)
    idle.kill()
    file, log = idle.data / JOURNAL, idle.data / f"{JOURNAL}-wal"
    lost = log if how == "without its log" else file
    before = lost.read_bytes()
    if how == "emptied":
        lost.write_bytes(b"")
    else:
        lost.unlink()
    others = {each: each.read_bytes() for each in (file, log) if each != lost}

    sentence = starting_fails(idle)
    assert {
        "emptied": "is an empty file, so what was in it is lost; move journal.sqlite, -wal",
        "removed": "is missing, though a coordinator has served there",
        "without its log": "its newest commits were in journal.sqlite-wal, which is gone",
    }[how] in sentence
    checked = run(idle.binary, "check", idle.data)
    assert checked.returncode == 1
    assert "All is well" not in checked.stdout
    if how == "without its log":
        assert "its newest commits, is gone." in checked.stdout
        copy = idle.data.with_name("copy.sqlite")
        for command in (("list", "--data", idle.data), ("backup", idle.data, copy)):
            assert "journal.sqlite-wal, which is gone; put that back" in refused(
                idle, *map(str, command)
            )
        assert not copy.exists()
    # Nothing was written over what is left.
    assert {each: each.read_bytes() for each in others} == others

    lost.write_bytes(before)
    idle.start("--port", port, "--broadcast-port", "0")
    idle.murmur("end", "p")
    workers.finish()
    rows = journal(idle, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    assert set(workers.acknowledged.paths()) == {row[0] for row in rows}
    idle.stop()
    assert not (idle.data / "journal.open").exists()


def test_without_the_mark_a_start_goes_on_without_the_log(idle: Murmur) -> None:
    begin(idle)
    idle.kill()
    (idle.data / f"{JOURNAL}-wal").unlink()
    assert f"remove {idle.data}/journal.open to go on without them." in starting_fails(idle)
    (idle.data / "journal.open").unlink()
    idle.start()
    idle.stop()
    check(idle.binary, idle.data)


# ------------------------------------------------------------------------------------- restoring


def test_a_backup_takes_the_place_of_a_journal_after_a_kill(idle: Murmur, tmp_path: Path) -> None:
    begin(idle, steps=10_000)
    copy, aside = tmp_path / "copy.sqlite", tmp_path / "aside"
    with Worker(idle.url, name="w", timing=QUICK) as worker:
        worker.report(10, 0.1, checkpoint="/1")
        assert run(idle.binary, "backup", idle.data, copy).returncode == 0
        worker.report(20, 0.2, checkpoint="/2")
        idle.kill()
    file = idle.data / JOURNAL
    # Into the file that is there, as `cp` does, and the log stays beside it.
    file.write_bytes(copy.read_bytes())
    before = (idle.data / f"{JOURNAL}-wal").read_bytes()
    sentence = "is a copy, and journal.sqlite-wal and journal.sqlite-shm beside it belong to the"
    assert sentence in starting_fails(idle)
    for command in (
        ("list", "--data", idle.data),
        ("check", idle.data),
        ("backup", idle.data, tmp_path / "another.sqlite"),
        ("prune", idle.data, "--keep-events", "0"),
    ):
        assert sentence in refused(idle, *map(str, command))
    assert file.read_bytes() == copy.read_bytes()
    assert (idle.data / f"{JOURNAL}-wal").read_bytes() == before

    aside.mkdir()
    for name in (f"{JOURNAL}-wal", f"{JOURNAL}-shm"):
        (idle.data / name).rename(aside / name)
    check(idle.binary, idle.data)
    assert "p" in idle.murmur("list").split()
    idle.start()
    assert journal(idle, "SELECT step FROM event WHERE kind = 'reported'") == [(10,)]
    idle.kill()
    # From now on the log is its own.
    idle.start()
    idle.stop()
    check(idle.binary, idle.data)


@pytest.mark.parametrize("name", ["lock", "journal.open", f"{JOURNAL}-wal", f"{JOURNAL}-shm"])
def test_a_link_in_the_place_of_a_file_keeps_what_it_leads_to(
    idle: Murmur, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    begin(idle)
    idle.kill()
    link = idle.data / name
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    assert f"{link} is a symbolic link, and what it leads to would be" in starting_fails(idle)
    assert target.read_text() == "precious"


# -------------------------------------------------------------------------------- files that go


def test_a_log_that_is_removed_is_saved_and_nothing_more_is_accepted(idle: Murmur) -> None:
    begin(idle)
    port = workers_port(idle)
    workers = Workers(idle)
    workers.wait_for(60)
    (idle.data / f"{JOURNAL}-wal").unlink()
    sentence = "what was accepted is in the journal, so end the coordinator and start it again."
    wait_until(lambda: sentence in idle.log, "the log says that the journal's is gone")
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
    wait_until(lambda: sentence in idle.log, "the log says that the directory is gone")
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
    wait_until(lambda: "was removed or replaced while" in idle.log, "the log says so")
    # Answers that left before are still on their way to the workers' threads.
    workers.acknowledged.wait_until_still()
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
