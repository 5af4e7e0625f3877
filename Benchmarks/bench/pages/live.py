"""How well a page answers that shows a large population live."""

from __future__ import annotations

from dataclasses import dataclass

from bench import load
from bench.pages import tab as browser
from bench.pages.server import page
from bench.pages.tab import Responsiveness
from bench.plan import Tell
from bench.servers import coordinator
from bench.tables import aligned, number

_POPULATION = "bench"
WORKERS = 512
#: So that there is something new for each board.
_EVERY = 1.0
_LONGEST = 300.0
_STARTING = 20.0


@dataclass(frozen=True)
class Live:
    members: int
    views: dict[str, Responsiveness]

    @property
    def latest(self) -> float:
        """What is 1 % of the time later in the view where it is worst, in milliseconds."""
        return max(each.p99 for each in self.views.values())


def estimate(seconds: float) -> float:
    return _STARTING + len(browser.VIEWS) * (seconds + 2)


def measure(members: int, seconds: float, tell: Tell) -> Live:
    views = {}
    with coordinator(encrypted=False) as server:
        assert server.data is not None
        given = load.arguments_of(
            server,
            connections=WORKERS,
            members=members,
            every=_EVERY,
            seconds=_LONGEST,
            warm_up=0,
        )
        # It is ended with the block, since it is not what is measured.
        with load.started("reports", *given), page(server.data) as served, browser.tab() as tab:
            served.wait_for(_POPULATION)
            tab.open(served.address, "now")
            for name in browser.VIEWS:
                tab.open(served.view(_POPULATION, name), name)
                views[name] = tab.watch(seconds)
                tell(f"{name}: 99 % within {views[name].p99:.0f} ms")
    return Live(members, views)


def table(found: Live) -> str:
    rows = [
        (
            name,
            number(found.members, ","),
            f"{each.drawn_per_second:.1f}",
            f"{each.p50:.1f} / {each.p99:.0f} / {each.most:.0f}",
            f"{each.long_tasks:.1%}",
        )
        for name, each in found.views.items()
    ]
    headings = ("view", "members", "newer states/s", "late by p50/p99/most ms", "in long tasks")
    return aligned(headings, rows)
