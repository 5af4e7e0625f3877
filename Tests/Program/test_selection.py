"""The asynchronous rule over the wire: on scores that are noise it copies as rarely as it says."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from statistics import mean

from program import Murmur

from murmuration import Administrator, Worker
from murmuration.events import Reported

SPACE = "name,min,max,scale\nrate,0.0001,0.1,log\n"
MEMBERS, WORKERS, STEPS, FRACTION = 16, 4, 20, 0.25
#: Who reports when is up to the machine, and with it what becomes of one of them.
POPULATIONS = 4


def train_on_noise(url: str, name: str, number: int) -> None:
    noise = random.Random(f"{name} {number}")
    with Worker(url, name, name=f"w{number}") as worker:
        while worker.training:
            step = worker.target_step
            checkpoint = f"/{worker.member}/{number}/{noise.random()}"
            worker.report(step, noise.gauss(0, 1), checkpoint=checkpoint)


def test_on_noise_reports_exploit_as_often_as_the_fraction_and_beginnings_live(
    murmur: Murmur,
) -> None:
    space = murmur.data.parent / "space.csv"
    space.write_text(SPACE)
    size = ("--population-size", str(MEMBERS), "--max-steps", str(STEPS))
    alive = []
    for seed in range(POPULATIONS):
        name = f"noise{seed}"
        murmur.murmur("create", name, "--space", str(space), *size, "--seed", str(seed))
        with ThreadPoolExecutor(WORKERS) as pool:
            for finished in [
                pool.submit(train_on_noise, murmur.url, name, n) for n in range(WORKERS)
            ]:
                finished.result()
        alive.append(beginnings_alive_at_half_time(murmur.url, name))
    assert mean(alive) >= 3, alive


def beginnings_alive_at_half_time(url: str, name: str) -> int:
    with Administrator(url) as administrator:
        reports = [
            (event.member, event.kind)
            for event in administrator.history(name)
            if isinstance(event.kind, Reported)
        ]
    share = sum(report.exploit is not None for _, report in reports) / len(reports)
    assert 0.5 * FRACTION < share < 1.1 * FRACTION
    beginnings: dict[int | None, int | None] = {member: member for member, _ in reports}
    steps = dict.fromkeys(beginnings, 0)
    for member, report in reports[: len(reports) // 2]:
        assert report.step == steps[member] + 1
        steps[member] = report.step
        if report.exploit is not None:
            # Nothing that was just trained is thrown away, to be trained again.
            assert report.exploit.step >= report.step
            beginnings[member] = beginnings[report.exploit.donor]
            steps[member] = report.exploit.step
    return len(set(beginnings.values()))
