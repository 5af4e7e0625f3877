"""A process of workers: a few members, each in a thread of its own.

It reads its task from its input, says `ready` after joining and warming up, waits to be told to go
on, and says when it reported first and last. It stays until its input closes, so that its processor
time can be read.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bench.against.clients import Client, joined
from bench.against.population import address_of, score_of
from bench.against.task import Done, Task


def train(client: Client, member: int, begin: int, reports: int) -> Done:
    """Reports so many times, waiting for the decision each time."""
    exploits = 0
    first = time.monotonic()
    for report in range(begin, begin + reports):
        score = score_of(client.hyperparameters, client.target_step)
        exploits += client.report(score, address_of(member, report))
    return Done(first, time.monotonic(), reports, exploits)


def main() -> None:
    task = Task.read(sys.stdin.readline())
    members = task.members
    with ExitStack() as stack, ThreadPoolExecutor(len(members)) as pool:
        clients = [
            joined(task.contender, task.address, task.key, member, stack) for member in members
        ]

        def train_all(begin: int, reports: int) -> list[Done]:
            count = len(members)
            return list(pool.map(train, clients, members, [begin] * count, [reports] * count))

        train_all(0, task.warm_up)
        print("ready", flush=True)
        if not sys.stdin.readline():
            return
        done = train_all(task.warm_up, task.reports)
        total = Done(
            first=min(each.first for each in done),
            last=max(each.last for each in done),
            reports=sum(each.reports for each in done),
            exploits=sum(each.exploits for each in done),
        )
        print(total.text, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
