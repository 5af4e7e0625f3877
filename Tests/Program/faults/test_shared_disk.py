"""A data directory on a file system that hosts share, and coordinators on several of them.

The file system is a real one, FUSE, on which SQLite's shared memory does not work, and on which
locks count on one host alone.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from disks import check, refused, run
from hosts import Host, Hosts, sharing
from ledger import (
    Load,
    check_books,
    check_nothing_lost,
    check_that_all_finished,
    finish_training,
    loading,
)
from populations import create, train
from support.waiting import STOP_SECONDS, wait_until

KILLS = 3
PROCESSES, WORKERS_EACH = 2, 4


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    with sharing(tmp_path) as hosts:
        yield hosts


def start_load(load: Load, host: Host) -> None:
    """Workers that find the coordinator by its address's file, wherever it is started again."""
    for _ in range(PROCESSES):
        load.start(WORKERS_EACH, f"file:{host.data}/url")
    load.wait_for_all(PROCESSES * WORKERS_EACH)


def end_and_check(host: Host, load: Load) -> None:
    last_step = finish_training(host)
    load.finish()
    check_books(host, load)
    check_that_all_finished(host, last_step)


def test_kills_lose_nothing_and_another_host_goes_on(hosts: Hosts) -> None:
    one, other = hosts.host("one"), hosts.host("other")
    one.start("--port", "0")
    assert "is on FUSE: other hosts are kept out" in one.log
    create(one, "p", "--population-size", "12")
    with loading(one) as load:
        start_load(load, other)
        for _ in range(KILLS):
            load.wait_for_more(20)
            one.kill()
            # On the same host it is seen at once that nobody runs.
            one.start("--port", "0")
        load.wait_for_more(20)
        one.kill()
        other.start("--port", "0")
        assert "waiting some seconds to see whether it still runs" in other.log
        check_nothing_lost(other, load)
        load.wait_for_more(20)
        end_and_check(other, load)
    files = sorted(path.name for path in (other.data).iterdir())
    assert not [name for name in files if name.endswith("-shm")]
    journals = [name for name in files if name.startswith("journal.sqlite.")]
    assert len([name for name in journals if not name.endswith("-wal")]) == 1, files


def test_others_are_kept_out_and_read_through_the_coordinator(hosts: Hosts) -> None:
    one, other = hosts.host("one"), hosts.host("other")
    one.start("--port", "0")
    create(one, "p", "--population-size", "2", "--max-steps", "3")
    said = run(*other_start(other)).stderr.strip().splitlines()[-1]
    assert "is in use by another coordinator (process " in said
    assert " on one); stop that one" in said
    train(one.url)
    for command in ("leaderboard", "history"):
        assert other.murmur(command, "p") == one.murmur(command, "p")
    assert other.murmur("watch", "p", "--json").count("\n") == 1
    # What reads the journal itself copies it.
    assert "2 members" in check(other.binary, other.data)
    copy = other.folder / "copy.sqlite"
    said = run(other.binary, "backup", other.data, copy).stdout
    assert f"to {copy}: " in said
    assert "It would prune" in run(other.binary, *prune(other), "--dry-run").stdout
    assert "is in use (process" in refused(other, *prune(other))
    best, board = one.murmur("best", "p"), one.murmur("leaderboard", "p")
    one.stop()
    assert other.murmur("best", "p") == best
    assert "Pruned " in run(other.binary, *prune(other)).stdout
    assert "events up to" in check(one.binary, one.data)
    other.start("--port", "0")
    assert "waiting" not in other.log
    assert other.murmur("leaderboard", "p") == board
    # A backup is put in the journal's place as elsewhere.
    other.stop()
    (other.data / "journal.sqlite").unlink()
    (other.data / "journal.sqlite").write_bytes(copy.read_bytes())
    one.start("--port", "0")
    assert one.murmur("best", "p") == best


def other_start(host: Host) -> list[str | Path]:
    return [host.binary, "serve", "--port", "0", "--data", host.data]


def prune(host: Host) -> list[str]:
    return ["prune", str(host.data), "--keep-events", "0"]


def test_one_that_was_taken_over_while_it_stood_still_acknowledges_nothing(hosts: Hosts) -> None:
    one, other = hosts.host("one"), hosts.host("other")
    one.start("--port", "0")
    create(one, "p", "--population-size", "12")
    with loading(one) as load:
        start_load(load, other)
        assert one.process is not None
        one.process.send_signal(signal.SIGSTOP)
        address = (one.data / "url").read_text()
        other.launch("--port", "0")
        wait_until(lambda: "Serving at" in other.log, lambda: f"it takes over: {other.log}")
        # Its sockets hold what its workers sent it meanwhile.
        one.process.send_signal(signal.SIGCONT)
        assert one.process.wait(STOP_SECONDS) == 1
        assert "Another coordinator has taken over the data directory" in one.log
        assert " on other), since nothing was seen of this one" in one.log
        assert (other.data / "url").read_text() not in ("", address)
        load.wait_for_all(PROCESSES * WORKERS_EACH)
        end_and_check(other, load)


def test_a_file_system_without_locks_is_refused(hosts: Hosts) -> None:
    host = hosts.host("one", "no-locks")
    said = refused(host, "serve", "--port", "0", "--data", str(host.data))
    assert "refuses locks" in said
    assert not (host.data / "journal.sqlite").exists()
