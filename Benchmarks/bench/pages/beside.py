"""What a page, its readers and a scrape cost the reports of 512 workers at full speed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench import load
from bench.kept import check_nothing_is_lost
from bench.load import Outcome
from bench.pages.readers import Got
from bench.pages.server import Page, page
from bench.plan import Plan, Tell
from bench.ports import free_ports
from bench.servers import BenchError, coordinator
from bench.tables import Spread, aligned

_POPULATION = "bench"
WORKERS = 512
READERS = 50
QUICK_READERS = 8
#: Views ask once a second.
_LEAST_SECONDS = 4.0
_SETTLING = 3.0
_AROUND = 3.0
_PATIENCE = 60.0

ALONE, SCRAPED, SHOWN, READ = "nothing", "a scrape each second", "a page", "a page with readers"


@dataclass(frozen=True)
class Row:
    what: str
    rate: Spread
    slowdown: Spread
    """The share of reports for which there was no time, of each pair."""
    cpu_ratio: Spread
    """The coordinator's processor time for each report, by that beside nothing."""
    boards_per_second: float
    """That all readers together got."""
    answers_per_second: float


_Runs = list[tuple[Outcome, Got]]


def readers(plan: Plan) -> int:
    return QUICK_READERS if plan.quick else READERS


def _seconds(plan: Plan) -> float:
    return plan.seconds if plan.quick else max(plan.seconds, _LEAST_SECONDS)


def estimate(plan: Plan) -> float:
    return plan.pairs * 4 * (_seconds(plan) + _SETTLING + _AROUND)


def measure(plan: Plan, tell: Tell) -> list[Row]:
    runs: dict[str, _Runs] = {ALONE: [], SCRAPED: [], SHOWN: [], READ: []}
    for pair in range(plan.pairs):
        tell(f"beside reports, {pair + 1} of {plan.pairs}")
        for what, found in runs.items():
            found.append(_measured(what, plan))
    return [_row(what, found, runs[ALONE]) for what, found in runs.items()]


def _measured(what: str, plan: Plan) -> tuple[Outcome, Got]:
    port = free_ports(1)
    options = ("--metrics", str(port)) if what == SCRAPED else ()
    got = Got()
    with coordinator(encrypted=False, options=options) as server, contextlib.ExitStack() as stack:
        given = load.arguments_of(
            server,
            connections=WORKERS,
            members=WORKERS,
            seconds=_seconds(plan),
            warm_up=plan.warm_up + _SETTLING,
        )
        reports = stack.enter_context(load.started("reports", *given))
        if what == SCRAPED:
            stack.enter_context(_scraped(port))
        elif what != ALONE:
            assert server.data is not None
            served = stack.enter_context(page(server.data))
            served.wait_for(_POPULATION, whole=False)
            if what == READ:
                got = stack.enter_context(_read(served, readers(plan)))
        outcome = load.read(Outcome, reports.result(_seconds(plan)))
        # Before its page ends, which would end what reads it.
        stack.close()
        check_nothing_is_lost(server, outcome.acknowledged)
    return outcome, got


@contextlib.contextmanager
def _scraped(port: int) -> Iterator[None]:
    """Asks for the metrics each second, as Prometheus would at its most eager."""
    ends = threading.Event()
    scraped: list[int] = []

    def scrape() -> None:
        while not ends.wait(1):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                scraped.append(len(answer.read()))

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()
    if not scraped:
        raise BenchError("The metrics were not scraped.")


@contextlib.contextmanager
def _read(served: Page, count: int) -> Iterator[Got]:
    """So many readers of a page, whose `Got` is known when they have ended.

    Browsers have processors of their own; here they take what the others leave.
    """
    given = [str(served.port), served.token, _POPULATION, str(count)]
    command = ["nice", "-n", "19", sys.executable, "-m", "bench.pages.readers", *given]
    got = Got()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield got
            output, errors = process.communicate(timeout=_PATIENCE)
            if process.returncode != 0:
                raise BenchError(f"The page's readers failed: {errors.strip()}")
            got.__dict__.update(json.loads(output))
        finally:
            process.kill()


def _row(what: str, runs: _Runs, alone: _Runs) -> Row:
    outcomes, without = [each for each, _ in runs], [each for each, _ in alone]
    rates = Spread.of_ratios(
        [each.reports_per_second for each in outcomes],
        [each.reports_per_second for each in without],
    )
    return Row(
        what=what,
        rate=Spread.of([each.reports_per_second for each in outcomes]),
        slowdown=Spread(1 - rates.median, 1 - rates.maximum, 1 - rates.minimum),
        cpu_ratio=Spread.of_ratios(
            [each.server_microseconds for each in outcomes],
            [each.server_microseconds for each in without],
        ),
        boards_per_second=median(got.each_second(got.boards) for _, got in runs),
        answers_per_second=median(got.each_second(got.answers) for _, got in runs),
    )


def table(rows: Sequence[Row]) -> str:
    headings = (
        "beside",
        "reports/s",
        "slower by",
        "CPU by that without",
        "boards/s",
        "answers/s",
    )
    return aligned(
        headings,
        [
            (
                row.what,
                row.rate.text(",.0f"),
                row.slowdown.text(".1%"),
                row.cpu_ratio.text(),
                f"{row.boards_per_second:.0f}",
                f"{row.answers_per_second:.0f}",
            )
            for row in rows
        ],
    )
