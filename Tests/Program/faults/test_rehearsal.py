"""A rehearsal: sixty-four hosts that share a disk, whose coordinator dies again and again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hosts import Host, Hosts, sharing
from ledger import (
    PREEMPTED,
    Load,
    check_books,
    check_that_all_finished,
    finish_training,
    loading,
)
from network import Network, networking
from populations import create, journal
from seed import seeded
from support.waiting import wait_until

SECONDS = 60 * float(os.environ.get("SOAK_MINUTES") or 10)
HOSTS = 64
KILLS = 5
# Each minute a tenth of the workers.
PREEMPTION_SECONDS = 60 / (HOSTS / 10)
# Between two reports of a worker.
PAUSE_SECONDS = 2.0
NODE = Path(__file__).with_name("node.py")
SECRET = "a-secret-of-the-rehearsal-01"
OPTIONS = ("--port", "7777", "--lease", "30s", "--heartbeat", "5s")


class Rehearsal:
    """The coordinators, one after the other, and a worker for each host."""

    def __init__(self, hosts: Hosts, network: Network, random: Random, folder: Path) -> None:
        self._network = network
        self._random = random
        self.secret = folder / "secret"
        self.secret.touch(mode=0o600)
        self.secret.write_text(SECRET)
        # A mount for each of the hosts that serve, and one for all others.
        places = random.sample(range(HOSTS), KILLS + 1)
        self._addresses = [network.address(place) for place in places]
        self._coordinators = [
            hosts.host(f"host-{place}", prefix=network.on(place)) for place in places
        ]
        self.url = f"file:{hosts.mount('workers')}/data/url"
        self._served = 0
        self.kills = 0
        self.preempted: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def coordinator(self) -> Host:
        return self._coordinators[self._served]

    @property
    def is_served(self) -> bool:
        assert self.coordinator.process is not None
        assert self.coordinator.process.poll() is None, self.coordinator.log
        return (self.coordinator.data / "url").exists()

    def launch(self) -> None:
        address = self._addresses[self._served]
        self.coordinator.launch(
            "--host", address, "--secret-file", str(self.secret), *OPTIONS
        )  # fmt: skip

    def start_workers(self, load: Load) -> None:
        for host in range(HOSTS):
            self.workers.append(self._worker(load, host))

    def _worker(self, load: Load, host: int) -> subprocess.Popen[bytes]:
        return load.start(1, self.url, program=NODE, prefix=self._network.on(host))

    def kill(self) -> None:
        """Kills the coordinator, and starts one on another host."""
        self.coordinator.kill()
        self.kills += 1
        self._served += 1
        self.launch()

    def preempt(self, load: Load) -> None:
        """Tells a worker to end, and starts another one on some host."""
        place = self._random.randrange(HOSTS)
        self.workers[place].send_signal(signal.SIGTERM)
        self.preempted.append(self.workers[place])
        self.workers[place] = self._worker(load, self._random.randrange(HOSTS))


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with networking(HOSTS) as network, sharing(tmp_path) as hosts:
        yield Rehearsal(hosts, network, seeded(), tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(900 + 2 * SECONDS)
def test_a_rehearsal_of_many_hosts_loses_nothing_and_finishes(rehearsal: Rehearsal) -> None:
    """SOAK_MINUTES (10); MURMURATION_SEED repeats who is preempted, and where coordinators are."""
    rehearsal.launch()
    rehearsal.coordinator.wait_until_ready()
    create(rehearsal.coordinator, "p", "--population-size", str(HOSTS))
    with loading(rehearsal.coordinator, PAUSE_SECONDS) as load:
        rehearsal.start_workers(load)
        load.wait_for_all(HOSTS)
        waits = run(rehearsal, load)
        wait_until(lambda: rehearsal.is_served, lambda: rehearsal.coordinator.log)
        load.wait_for_all(HOSTS)
        last_step = finish_training(rehearsal.coordinator)
        load.finish()
        assert {process.returncode for process in rehearsal.preempted} <= {PREEMPTED}
        check_books(rehearsal.coordinator, load, all_answered=False)
        check_that_all_finished(rehearsal.coordinator, last_step)
        acknowledged = len(load.acknowledged())
    (copies,) = journal(rehearsal.coordinator, "SELECT count(*) FROM event WHERE donor >= 0")[0]
    print(
        f"{HOSTS} hosts, {acknowledged} reports acknowledged and none lost, {copies} copies,"
        f" {len(rehearsal.preempted)} workers preempted; {rehearsal.kills} coordinators killed,"
        f" and another host's served after {min(waits):.0f} to {max(waits):.0f} s"
    )
    assert rehearsal.kills == KILLS


def run(rehearsal: Rehearsal, load: Load) -> list[float]:
    """Kills and preempts until the time is over; returns how long each start took to serve."""
    begin = time.monotonic()
    kills = [begin + SECONDS * (number + 0.5) / KILLS for number in range(KILLS)]
    preemption = begin + PREEMPTION_SECONDS
    waits: list[float] = []
    killed: float | None = None
    while kills or killed is not None or time.monotonic() < begin + SECONDS:
        now = time.monotonic()
        if killed is not None and rehearsal.is_served:
            waits.append(now - killed)
            killed = None
        if killed is None and kills and now >= kills[0]:
            kills.pop(0)
            killed = now
            rehearsal.kill()
        if now >= preemption:
            preemption += PREEMPTION_SECONDS
            rehearsal.preempt(load)
        time.sleep(0.1)
    return waits
