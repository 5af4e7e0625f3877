"""Everything that can break does, at random and for minutes; then the books are checked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from ledger import check_books, check_that_all_finished, finish_training, loading
from populations import create, journal
from program import Murmur, murmur_binary
from proxy import Proxy
from seed import seeded
from soak import LEASE_SECONDS, PROCESSES, WORKERS_EACH, Soak
from vitals import resident_megabytes

from murmuration import Monitor

SECONDS = 60 * float(os.environ.get("SOAK_MINUTES") or 10)
SEEDS = 2_000
MONITORS = 3
PAUSE_SECONDS = 0.2
OPTIONS = ("--lease", f"{LEASE_SECONDS:g}s", "--heartbeat", "1s")
SECRET = "a-secret-of-the-soak-test-01"
# Leases that ended and answers that were given are kept for an hour, for those who ask again.
MEGABYTES = 64.0


@contextmanager
def watching(url: str) -> Iterator[list[Monitor]]:
    """Monitors whose boards never go back, until every member has finished."""

    def watch(monitor: Monitor) -> None:
        latest = (0, 0)
        for board in monitor:
            assert (board.epoch, board.committed) >= latest
            latest = (board.epoch, board.committed)
            if board.finished:
                return
        raise AssertionError("the monitor was closed before every member had finished")

    with ExitStack() as stack:
        monitors = [stack.enter_context(Monitor(url, "p")) for _ in range(MONITORS)]
        pool = stack.enter_context(ThreadPoolExecutor(MONITORS))
        watches = [pool.submit(watch, monitor) for monitor in monitors]
        try:
            yield monitors
            for each in watches:
                each.result(timeout=60)
        finally:
            for monitor in monitors:
                monitor.close()


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_simulated_faults_of_many_seeds_lose_nothing() -> None:
    """The quick tests have the first hundred of them."""
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    subprocess.run([binary, "simulate", "--seeds", str(SEEDS)], check=True, timeout=3600)


@pytest.mark.soak
@pytest.mark.timeout(120 + 2 * SECONDS)
@pytest.mark.parametrize("secret", [None, SECRET], ids=["plain", "encrypted"])
def test_random_faults_lose_and_double_nothing(murmur: Murmur, secret: str | None) -> None:
    """Half of SOAK_MINUTES (10) without encryption, half with it; MURMURATION_SEED repeats one.

    First the coordinator itself is killed and started again among the other faults; then it lives
    through all others, and its memory stays flat.
    """
    random = seeded()
    options = [*OPTIONS]
    if secret is not None:
        murmur.start_with_secret(secret)
        options += ["--secret-file", str(murmur.secret_file)]
    create(murmur, "p", "--population-size", "48")
    with (
        Proxy(int(murmur.url.rpartition(":")[2])) as proxy,
        loading(murmur, PAUSE_SECONDS) as load,
        watching(murmur.url),
    ):
        soak = Soak(murmur, load, proxy, random, options)
        soak.kill_the_coordinator()
        load.wait_for_all(PROCESSES * WORKERS_EACH)
        soak.run(SECONDS / 4, soak.to_the_coordinator + soak.to_others)
        # What each costs in memory once is kept.
        soak.run(0, soak.to_others)
        before = resident_megabytes(murmur)
        soak.run(SECONDS / 4, soak.to_others)
        grown = resident_megabytes(murmur) - before
        last_step = finish_training(murmur)
        load.finish()
        check_books(murmur, load, all_answered=False)
        check_that_all_finished(murmur, last_step)
        (reports,) = journal(murmur, "SELECT count(*) FROM event WHERE kind = 'reported'")[0]
    for fault, count in sorted(soak.done.items()):
        print(f"{count:5} times {fault}")
    print(f"{reports} reports, {proxy.faults_done} messages cut, memory grew by {grown:.1f} MB")
    assert grown < MEGABYTES
