"""kill -9 of the coordinator under load: nothing acknowledged is lost, and nothing is doubled."""

from __future__ import annotations

import time

from ledger import (
    check_books,
    check_nothing_lost,
    check_that_all_finished,
    finish_training,
    loading,
)
from populations import create, journal
from program import Murmur
from seed import seeded

KILLS = 12
PROCESSES, WORKERS_EACH = 4, 8


def test_kills_at_random_moments_lose_and_double_nothing(murmur: Murmur) -> None:
    random = seeded()
    create(murmur, "p", "--population-size", "48")
    port = murmur.url.rpartition(":")[2]
    with loading(murmur) as load:
        for _ in range(PROCESSES):
            load.start(WORKERS_EACH)
        load.wait_for(2 * PROCESSES * WORKERS_EACH)
        for kill in range(KILLS):
            if kill % 4 == 0:
                # Everyone is back and trains: clients spread their return over some seconds.
                murmur.wait_until_ready()
                load.wait_for_all(PROCESSES * WORKERS_EACH)
                time.sleep(random.uniform(0, 0.1))
            elif kill % 4 == 1:
                # It still starts.
                time.sleep(random.uniform(0, 0.3))
            else:
                murmur.wait_until_ready()
                load.wait_for_more(random.randrange(1, 200))
            murmur.kill()
            check_nothing_lost(murmur, load)
            murmur.launch("--port", port, "--broadcast-port", "0")
        murmur.wait_until_ready()
        last_step = finish_training(murmur)
        load.finish()
        check_books(murmur, load)
    check_that_all_finished(murmur, last_step)
    (epoch,) = journal(murmur, "SELECT epoch FROM coordinator")[0]
    assert isinstance(epoch, int)
    # One that was killed before it began an epoch counts none.
    assert KILLS * 3 // 4 < epoch <= KILLS + 1
    assert journal(murmur, "SELECT sequence FROM event WHERE detail = 'lapsed'") == []
