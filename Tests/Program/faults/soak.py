"""The faults of a soak: what can happen to a coordinator, its workers and what is between them."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from random import Random

from ledger import Load
from program import Murmur
from proxy import Proxy
from test_bad_peers import HOPELESS, UNFINISHED, says
from test_bad_requests import BAD, dealer
from test_connections import idle, ports
from test_subscriber import stuck_subscriber

PROCESSES, WORKERS_EACH = 4, 8
LEASE_SECONDS = 5.0
IDLE = 500


class Soak:
    """A coordinator under load, and the faults that meet it and its workers."""

    def __init__(
        self, murmur: Murmur, load: Load, proxy: Proxy, random: Random, options: Sequence[str]
    ) -> None:
        self.murmur = murmur
        self.load = load
        self.proxy = proxy
        self.random = random
        self.options = options
        self.port = murmur.url.rpartition(":")[2]
        self.broadcast = ports(murmur)[1]
        self.done: Counter[str] = Counter()
        self.began = time.monotonic()
        self.workers = [self._new_workers(number) for number in range(PROCESSES)]
        self.to_the_coordinator = [
            self.kill_the_coordinator,
            self.kill_the_coordinator_while_it_starts,
            self.end_the_coordinator_and_start_it_again,
        ]
        self.to_others = [
            self.stop_the_coordinator_for_a_while,
            self.kill_workers,
            self.stop_workers_for_a_while,
            self.cut_connections,
            self.swallow_what_is_sent,
            self.cut_messages_in_the_middle,
            self.let_peers_without_sense_come,
            self.send_bad_requests,
            self.leave_connections_idle,
            self.stop_reading_the_broadcast,
        ]

    def run(self, seconds: float, faults: list[Callable[[], None]]) -> None:
        """Does each of these, and then one or the other until the time is over."""
        until = time.monotonic() + seconds
        waiting = self.random.sample(faults, len(faults))
        while time.monotonic() < until or waiting:
            fault = waiting.pop() if waiting else self.random.choice(faults)
            name = fault.__name__.replace("_", " ")
            print(f"{time.monotonic() - self.began:6.1f} s  {name}", flush=True)
            fault()
            self.done[name] += 1
            time.sleep(self.random.uniform(0.5, 3))
            # Whatever it was, training goes on.
            self.load.wait_for_more(20)

    # ----------------------------------------------------------------------------- the coordinator

    def kill_the_coordinator(self) -> None:
        self.murmur.kill()
        self._start()

    def kill_the_coordinator_while_it_starts(self) -> None:
        for _ in range(3):
            self.murmur.kill()
            self.murmur.launch(*self._options())
            time.sleep(self.random.uniform(0, 0.3))
        self.murmur.wait_until_ready()

    def end_the_coordinator_and_start_it_again(self) -> None:
        self.murmur.stop()
        self._start()

    def stop_the_coordinator_for_a_while(self) -> None:
        assert self.murmur.process is not None
        self._stop(self.murmur.process)

    # -------------------------------------------------------------------------------- the workers

    def kill_workers(self) -> None:
        number = self.random.randrange(PROCESSES)
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self._new_workers(number)

    def stop_workers_for_a_while(self) -> None:
        self._stop(self.random.choice(self.workers))

    # -------------------------------------------------------------------------------- the network

    def cut_connections(self) -> None:
        self.proxy.cut_all()

    def swallow_what_is_sent(self) -> None:
        self.proxy.swallow_all()

    def cut_messages_in_the_middle(self) -> None:
        self.proxy.strike_at_random(0.02, self.random.randrange(2**32))
        time.sleep(self.random.uniform(0.5, 3))
        self.proxy.strike_at_random(0, 0)

    # ---------------------------------------------------------------------------------- bad peers

    def let_peers_without_sense_come(self) -> None:
        for peer in [*HOPELESS.values(), *UNFINISHED.values()] * 10:
            with peer(int(self.port)):
                pass
            with says(self.random.randbytes(self.random.randrange(1, 2000)))(self.broadcast):
                pass

    def send_bad_requests(self) -> None:
        with dealer(self.murmur, queue=1) as peer:
            for _ in range(300):
                peer.send_multipart(self.random.choice(list(BAD.values()))[0])

    def leave_connections_idle(self) -> None:
        with idle(int(self.port), IDLE), idle(self.broadcast, IDLE):
            time.sleep(self.random.uniform(0.5, 3))

    def stop_reading_the_broadcast(self) -> None:
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(stuck_subscriber(self.murmur))
            time.sleep(self.random.uniform(0.5, 3))

    # ------------------------------------------------------------------------------------ details

    def _options(self) -> tuple[str, ...]:
        return (*self.options, "--port", self.port, "--broadcast-port", str(self.broadcast))

    def _start(self) -> None:
        self.murmur.start(*self._options())

    def _new_workers(self, number: int) -> subprocess.Popen[bytes]:
        """Every other process of workers is behind the proxy."""
        url = self.murmur.url
        return self.load.start(WORKERS_EACH, self.proxy.url(url) if number % 2 else url)

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGSTOP)
        time.sleep(self.random.uniform(0.1, 2 * LEASE_SECONDS))
        process.send_signal(signal.SIGCONT)
