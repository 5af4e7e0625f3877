"""`murmur prune` on the journals of real trainings."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from disks import JOURNAL, Acknowledged, check, fill, mounted, refused, run, small_disk, train
from populations import create, journal
from program import Murmur
from support.fixtures import QUICK
from support.waiting import START_SECONDS

from murmuration import Administrator, Worker

LOOKS = (("list",), ("best", "p"), ("lineage", "p", "--json"), ("lineage", "p", "--all", "--json"))


def trained(murmur: Murmur, members: int = 6, steps: int = 40, seed: str = "3") -> None:
    """A population that trained, with a few exploits, and a directory that nobody serves."""
    murmur.start()
    create(
        murmur,
        "p",
        "--population-size",
        str(members),
        "--max-steps",
        str(steps),
        "--interval",
        "5",
        "--seed",
        seed,
    )
    acknowledged = Acknowledged()
    with Worker(murmur.url, name="one", timing=QUICK) as worker:
        while worker.training:
            step = worker.step + 1
            worker.report(
                step, (worker.member * 31 + step) % 97, checkpoint=f"/{worker.member}/{step}"
            )
            acknowledged.add("")
    assert len(acknowledged.paths()) >= members * steps
    murmur.stop()


def looks(murmur: Murmur, members: int = 6) -> list[str]:
    schedules = [("schedule", "p", str(member), "--json") for member in range(members)]
    commands = (*LOOKS, *schedules, ("schedule", "p", "--best", "--json"))
    return [murmur.murmur(*command) for command in commands]


def prune(murmur: Murmur, *options: str) -> str:
    done = run(murmur.binary, "prune", murmur.data, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_that_an_older_journal_is_brought_up_to_date_is_said(idle: Murmur) -> None:
    trained(idle, members=2, steps=4)
    with closing(sqlite3.connect(idle.data / JOURNAL)) as database:
        # As the fourth version has it.
        database.executescript(
            """
            DROP TABLE recent; DROP TABLE event_of_member; DROP TABLE event_of_population;
            CREATE INDEX event_member ON event (population, member, sequence);
            DELETE FROM grdb_migrations WHERE identifier IN ('5', '11');
            """
        )
    sentence = "The journal of an older version is brought up to date; a large one takes a while.\n"
    for said in (sentence, ""):
        done = run(idle.binary, "prune", idle.data, "--keep-events", "1000")
        assert (done.returncode, done.stderr) == (0, said)
        assert done.stdout.startswith("There is nothing to prune in ")
    check(idle.binary, idle.data)


def test_a_pruned_journal_answers_the_same_and_trains_on(idle: Murmur, tmp_path: Path) -> None:
    trained(idle)
    before = looks(idle)
    (events,) = journal(idle, "SELECT count(*), max(sequence) FROM event")
    last = events[1]
    told = prune(idle, "--keep-events", "20", "--dry-run")
    assert journal(idle, "SELECT count(*), max(sequence) FROM event") == [events]
    assert told.startswith("It would prune ")
    done = prune(idle, "--keep-events", "20")
    assert done.startswith(told.replace("It would prune ", "Pruned ").rstrip(".\n"))
    sizes = re.fullmatch(r".*: ([\d ]+) bytes before, ([\d ]+) now\.\n", done)
    assert sizes is not None, done
    assert int(sizes[2].replace(" ", "")) < int(sizes[1].replace(" ", ""))

    assert looks(idle) == before
    assert isinstance(last, int)
    (left,) = journal(idle, "SELECT count(*), (SELECT pruned FROM coordinator) FROM event")
    assert left[1] == last - 20
    assert isinstance(left[0], int)
    assert isinstance(events[0], int)
    assert left[0] < events[0] // 2
    assert check(idle.binary, idle.data).endswith(f"; events up to {last - 20} were pruned.\n")
    shown = run(idle.binary, "history", "p", "--json", "--data", idle.data)
    assert shown.stderr == (
        f"Events up to {last - 20} were pruned: of those, only what tells who descends from whom "
        "is left.\n"
    )
    assert all(json.loads(line) for line in shown.stdout.splitlines())
    for command in ("history", "explain"):
        idle.murmur(command, "p", *(["0"] if command == "explain" else []))
    idle.murmur("plot", "p", "--out", str(tmp_path / "p.svg"))
    idle.murmur("tensorboard", "p", "--logdir", str(tmp_path / "tb"))
    assert "There is nothing to prune in " in prune(idle, "--keep-events", "20")

    copy = tmp_path / "copy"
    copy.mkdir(mode=0o700)
    assert run(idle.binary, "backup", idle.data, copy / JOURNAL).returncode == 0
    assert check(idle.binary, copy).endswith(f"; events up to {last - 20} were pruned.\n")

    idle.start()
    with Administrator(idle.url) as administrator:
        assert administrator.pruned_through("p") == last - 20
    idle.murmur("set", "p", "--max-steps", "60")
    train(idle.url, 0, Acknowledged())
    idle.stop()
    assert journal(idle, "SELECT count(*) FROM member WHERE step = 60") == [(6,)]
    check(idle.binary, idle.data)
    # The baseline is replaced by a later one.
    before = looks(idle)
    prune(idle, "--keep-events", "0")
    assert looks(idle) == before
    check(idle.binary, idle.data)


def test_a_full_disk_of_standard_output_does_not_hide_that_it_was_done(idle: Murmur) -> None:
    trained(idle)
    command = [str(idle.binary), "prune", str(idle.data), "--keep-events", "0"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=START_SECONDS
        )
    assert done.returncode == 1
    assert "the command has done its work, so do not give it again: Pruned " in done.stderr
    assert "There is nothing to prune in " in prune(idle, "--keep-events", "0")


def test_young_events_stay(idle: Murmur) -> None:
    trained(idle, steps=3)
    assert "There is nothing to prune in " in prune(idle, "--keep", "1d")
    assert "There is nothing to prune in " in prune(idle, "--keep", "1d", "--keep-events", "0")
    with closing(sqlite3.connect(idle.data / JOURNAL)) as database:
        database.execute("UPDATE event SET time = time - 40 * 86400000 WHERE sequence <= 30")
        database.commit()
    assert "all up to event 30 but" in prune(idle, "--keep", "30d")
    check(idle.binary, idle.data)


@pytest.mark.parametrize("options", [(), ("--keep-events", "-1"), ("--keep", "long")])
def test_a_policy_that_is_none_is_refused(idle: Murmur, options: tuple[str, ...]) -> None:
    done = run(idle.binary, "prune", idle.data, *options)
    assert done.returncode == 64
    assert not (idle.data / JOURNAL).exists()


def test_a_directory_without_a_journal_is_left_as_it_is(idle: Murmur) -> None:
    assert "There is no journal in" in refused(idle, "prune", str(idle.data), "--keep-events", "0")
    assert list(idle.data.iterdir()) == []


def test_killed_at_any_moment_it_leaves_the_old_journal_or_the_new(
    idle: Murmur, tmp_path: Path
) -> None:
    trained(idle, members=8, steps=150)
    events = journal(idle, "SELECT count(*) FROM event")
    begun = time.monotonic()
    whole = tmp_path / "whole"
    shutil.copytree(idle.data, whole)
    prune(Murmur(idle.binary, whole), "--keep-events", "0")
    took = time.monotonic() - begun
    new = journal(Murmur(idle.binary, whole), "SELECT count(*) FROM event")
    assert new != events

    seed = random.randrange(1 << 32)
    draws = random.Random(seed)
    for number in range(8):
        data = tmp_path / f"killed-{number}"
        shutil.copytree(idle.data, data)
        delay = draws.uniform(0, 1.2 * took)
        where = f"seed {seed}, killed after {delay} s of {took} s"
        command = [str(idle.binary), "prune", str(data), "--keep-events", "0"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        check(idle.binary, data)
        left = journal(Murmur(idle.binary, data), "SELECT count(*) FROM event")
        assert left in (events, new), where
        # A moment long the copy has a name; then it has nothing in it.
        copied = data / f"{JOURNAL}.pruned"
        assert not copied.exists() or copied.stat().st_size == 0, where
        prune(Murmur(idle.binary, data), "--keep-events", "0")
        names = {file.name for file in data.iterdir()}
        assert names <= {JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm", "lock"}, where
        assert journal(Murmur(idle.binary, data), "SELECT count(*) FROM event") == new, where
        shutil.rmtree(data)


def test_a_copy_that_was_never_filled_goes_at_the_next_start(idle: Murmur) -> None:
    trained(idle, members=2, steps=4)
    copied = idle.data / f"{JOURNAL}.pruned"
    copied.touch()
    idle.start()
    assert not copied.exists()


def test_without_room_for_what_stays_the_journal_is_left_as_it_was(
    idle: Murmur, tmp_path: Path
) -> None:
    trained(idle, steps=150)
    events = journal(idle, "SELECT * FROM event")
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, *small_disk(2)):
        shutil.copy(idle.data / JOURNAL, disk / JOURNAL)
        full = Murmur(idle.binary, disk)
        filler = fill(disk)
        # From no room at all to enough, a little more each time.
        sentence = refused(full, "prune", str(disk), "--keep-events", "0")
        for room in range(64 * 1024, 2 << 20, 64 * 1024):
            with filler.open("r+b") as file:
                file.truncate(max(0, filler.stat().st_size - room))
            done = run(idle.binary, "prune", disk, "--keep-events", "0")
            if done.returncode == 0:
                break
            assert journal(full, "SELECT * FROM event") == events
            sentence = done.stderr
        assert done.returncode == 0
        assert "has no room for what stays of the journal, which is left as it was" in sentence
        check(idle.binary, disk)
