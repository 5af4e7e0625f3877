"""Connections that are cut, corrupted or swallowed on their way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from ledger import check_books, check_that_all_finished, finish_training, loading
from populations import create, journal
from program import Murmur
from proxy import END_SECONDS, Fault, Proxy, Way, corrupt, cut_after
from seed import seeded
from support.fixtures import QUICK

from murmuration import Worker

SECRET = "a-secret-of-the-faults-0001"
BEGUN, HALVED, ALL_BUT_DONE = cut_after(0.0), cut_after(0.5), cut_after(1.0)


def proxy_to(murmur: Murmur) -> Proxy:
    return Proxy(int(murmur.url.rpartition(":")[2]))


def recorded(murmur: Murmur) -> list[str]:
    rows = journal(murmur, "SELECT checkpoint FROM event WHERE kind = 'reported' ORDER BY sequence")
    return [str(row[0]) for row in rows]


def report_under(murmur: Murmur, faults: list[tuple[Way, Fault]]) -> None:
    """Strikes a worker's report, or its answer, with each; all are recorded all the same, once."""

    def report(number: int, way: Way, fault: Fault) -> None:
        with proxy_to(murmur) as proxy, Worker(proxy.url(murmur.url), timing=QUICK) as worker:
            done = proxy.strike(way, fault)
            assert worker.report(1, 1.0, checkpoint=f"/{number}").recorded
            assert done.wait(END_SECONDS)
            # The fault cost one connection; a busy machine may seem silent on the next one, too.
            assert proxy.connections >= 2

    create(murmur, "p", "--population-size", str(len(faults)))
    with ThreadPoolExecutor(len(faults)) as pool:
        reports = [pool.submit(report, number, *each) for number, each in enumerate(faults)]
        for each in reports:
            each.result()
    assert sorted(recorded(murmur)) == [f"/{number}" for number in range(len(faults))]
    murmur.check()


def test_a_report_that_is_cut_in_the_middle_is_recorded_once(murmur: Murmur) -> None:
    report_under(murmur, list(product(Way, [BEGUN, HALVED, ALL_BUT_DONE])))


def test_so_is_one_that_is_encrypted_and_cut_or_corrupted(murmur: Murmur) -> None:
    murmur.start_with_secret(SECRET)
    report_under(murmur, list(product(Way, [BEGUN, HALVED, ALL_BUT_DONE, corrupt])))


@pytest.mark.parametrize("secret", [None, SECRET], ids=["plain", "encrypted"])
def test_a_handshake_that_is_cut_again_and_again_is_tried_again(
    murmur: Murmur, secret: str | None
) -> None:
    if secret is not None:
        murmur.start_with_secret(secret)
    create(murmur, "p", "--population-size", "1")
    with proxy_to(murmur) as proxy:
        for step in range(1, 7):
            # Who is hung up on three times in a row takes it for an answer.
            struck = [proxy.strike(way, HALVED) for way in (Way.DOWN, Way.UP)]
            with Worker(proxy.url(murmur.url), timing=QUICK) as worker:
                assert worker.report(step, 1.0, checkpoint=f"/{step}").recorded
                while not all(done.is_set() for done in struck):
                    worker.report(worker.target_step, 1.0)
    murmur.check()


def test_a_connection_that_falls_silent_is_made_anew(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "1")
    with proxy_to(murmur) as proxy, Worker(proxy.url(murmur.url), timing=QUICK) as worker:
        assert worker.report(1, 1.0, checkpoint="/0").recorded
        proxy.swallow_all()
        assert worker.report(2, 1.0, checkpoint="/1").recorded
        assert proxy.connections >= 2
    assert recorded(murmur) == ["/0", "/1"]


def test_many_workers_whose_messages_are_cut_at_random_lose_and_double_nothing(
    murmur: Murmur,
) -> None:
    random = seeded()
    create(murmur, "p", "--population-size", "24")
    with proxy_to(murmur) as proxy, loading(murmur) as load:
        for _ in range(2):
            load.start(8, proxy.url(murmur.url))
        load.wait_for(32)
        proxy.strike_at_random(0.05, random.randrange(2**32))
        load.wait_for_more(300)
        proxy.strike_at_random(0, 0)
        assert proxy.faults_done > 10
        last_step = finish_training(murmur)
        load.finish()
        check_books(murmur, load)
    check_that_all_finished(murmur, last_step)
