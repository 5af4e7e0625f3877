"""Workers in threads of one process, each reporting many times: the load of a test.

Usage: many_workers.py WORKERS REPORTS URL
"""

from __future__ import annotations

import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

from murmuration import Worker


def train(url: str, reports: int) -> None:
    name = uuid.uuid4().hex
    with Worker(url) as worker:
        for report in range(1, reports + 1):
            step = worker.target_step
            score = (worker.member * 7919 + report) % 1000
            worker.report(step, score, checkpoint=f"/python/{name}/{report}")


def main(workers: int, reports: int, url: str) -> None:
    with ThreadPoolExecutor(workers) as pool:
        for result in [pool.submit(train, url, reports) for _ in range(workers)]:
            result.result()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
