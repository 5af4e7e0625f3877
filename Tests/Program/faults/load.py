"""Workers in threads of one process, which write down what they asked and what was acknowledged.

Usage: load.py WORKERS SECONDS LOG URL

Each worker pauses for up to SECONDS after a report, and goes on until there is nothing to train.
"""

from __future__ import annotations

import os
import random
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from murmuration import Timing, Worker

# A coordinator that is killed again and again is looked for as long as it takes.
TIMING = Timing(
    connect=300.0, retry=0.2, retry_limit=1.0, reconnect=0.02, reconnect_limit=0.1, leave=5.0
)


class Log:
    """Lines that are on disk when `write` returns, whatever becomes of the process."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, what: str, token: int, sequence: int, checkpoint: str) -> None:
        # One write appends one line, also from several threads.
        os.write(self._file, f"{what} {token} {sequence} {checkpoint}\n".encode())


def train(url: str, name: str, pause: float, log: Log, timing: Timing = TIMING) -> None:
    with Worker(url, name=name, timing=timing) as worker:
        while worker.training:
            lease = worker._holder.assigned()
            token, sequence = lease.token, lease.sequence + 1
            checkpoint = f"/{name}/{uuid.uuid4().hex}"
            score = (worker.member * 31 + worker.target_step) % 97
            log.write("asked", token, sequence, checkpoint)
            told = worker.report(worker.target_step, score, checkpoint=checkpoint)
            log.write("acknowledged" if told.recorded else "refused", token, sequence, checkpoint)
            time.sleep(random.uniform(0, pause))


def main(workers: int, pause: float, path: str, url: str) -> None:
    log = Log(path)
    with ThreadPoolExecutor(workers) as pool:
        names = [f"worker-{os.getpid()}-{number}" for number in range(workers)]
        for each in [pool.submit(train, url, name, pause, log) for name in names]:
            each.result()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4])
