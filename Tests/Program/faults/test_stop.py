"""Processes that are stopped for longer than a lease, and then go on."""

from __future__ import annotations

import signal
import time

import pytest
from ledger import check_books, finish_training, loading
from populations import create, journal
from program import Murmur
from support.fixtures import QUICK
from support.waiting import wait_until
from vitals import log_lines

from murmuration import Worker

LEASE_SECONDS = 2.0
OPTIONS = ("--port", "0", "--lease", f"{LEASE_SECONDS:g}s", "--heartbeat", "0.5s")


@pytest.mark.alone
def test_a_worker_that_was_stopped_past_its_lease_loses_it(murmur: Murmur) -> None:
    murmur.stop()
    murmur.start(*OPTIONS)
    create(murmur, "p", "--population-size", "1")
    with loading(murmur) as load:
        sleeper = load.start(1)
        load.wait_for(5)
        sleeper.send_signal(signal.SIGSTOP)
        with Worker(murmur.url, name="heir", timing=QUICK) as heir:
            # The heir waits for the only member until the lease has lapsed.
            before = load.entries()
            for number in range(5):
                heir.report(heir.target_step, 1.0, checkpoint=f"/heir/{number}")
            sleeper.send_signal(signal.SIGCONT)
            wait_until(lambda: "joins anew" in load.errors(), "the sleeper was refused")
            assert heir.report(heir.target_step, 1.0, checkpoint="/heir/5").recorded
        load.wait_for_more(5)
        finish_training(murmur)
        load.finish()
        entries = load.entries()
    kinds = journal(
        murmur,
        "SELECT kind, detail, checkpoint FROM event WHERE kind != 'created' ORDER BY sequence",
    )
    lapse = kinds.index(("released", "lapsed", None))
    handed_over = kinds.index(("released", "left", None))
    # Between the two only the heir's reports count.
    heirs = [row[2] for row in kinds[lapse:handed_over] if row[0] == "reported"]
    assert heirs == [f"/heir/{number}" for number in range(6)]
    old = before[-1].token
    assert [entry.token for entry in entries if entry.what == "refused"] == [old]
    counted_after = {row[2] for row in kinds[lapse:] if row[0] == "reported"}
    assert not counted_after & {entry.checkpoint for entry in entries if entry.token == old}
    new = [entry for entry in entries if entry.what == "acknowledged" and entry.token != old]
    assert new
    assert {entry.checkpoint for entry in new} <= counted_after
    assert kinds[-1] == ("released", "finished", None)
    murmur.check()


@pytest.mark.alone
def test_a_coordinator_that_was_stopped_past_the_leases_takes_none(murmur: Murmur) -> None:
    murmur.stop()
    murmur.start(*OPTIONS)
    create(murmur, "p", "--population-size", "8")
    assert murmur.process is not None
    with loading(murmur) as load:
        load.start(8)
        load.wait_for(40)
        for _ in range(2):
            murmur.process.send_signal(signal.SIGSTOP)
            time.sleep(1.5 * LEASE_SECONDS)
            murmur.process.send_signal(signal.SIGCONT)
            load.wait_for_all(8)
        finish_training(murmur)
        load.finish()
        assert [entry for entry in load.entries() if entry.what == "refused"] == []
        check_books(murmur, load)
    assert journal(murmur, "SELECT sequence FROM event WHERE detail = 'lapsed'") == []
    assert log_lines(murmur, "stood still") >= 2


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("secret", [None, "a-secret-of-the-faults-0001"])
def test_a_coordinator_that_was_stopped_for_minutes_is_waited_for(
    murmur: Murmur, secret: str | None
) -> None:
    """Past the leases, and past all that clients and libzmq wait for before they connect anew."""
    if secret is not None:
        murmur.start_with_secret(secret)
    create(murmur, "p", "--population-size", "8")
    assert murmur.process is not None
    with loading(murmur) as load:
        load.start(4)
        load.wait_for(40)
        murmur.process.send_signal(signal.SIGSTOP)
        # These find nobody who shakes hands.
        load.start(4)
        time.sleep(150)
        murmur.process.send_signal(signal.SIGCONT)
        load.wait_for_all(8)
        finish_training(murmur)
        load.finish()
        check_books(murmur, load)
    assert journal(murmur, "SELECT sequence FROM event WHERE detail = 'lapsed'") == []
