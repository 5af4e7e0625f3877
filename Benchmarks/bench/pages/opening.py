"""How soon a page shows a long history, and what that takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.kept import mebibytes
from bench.pages import tab as browser
from bench.pages.server import page
from bench.plan import Tell
from bench.tables import Spread, aligned, number

_POPULATION = "bench"
_STARTS = 3
_OPENINGS = 3
SECONDS = 30.0


@dataclass(frozen=True)
class View:
    name: str
    seconds: Spread
    """From opening its address in a new tab until it is drawn."""
    megabytes: float
    """The most that the tab had of its own then."""


@dataclass(frozen=True)
class Opening:
    members: int
    events: int
    first: Spread | None
    """Until a page shows the population whose server has begun just before, in seconds."""
    loaded: Spread
    """Until the server has taken in all that had happened."""
    server_mebibytes: float
    views: list[View]
    """None where there is no browser."""

    @property
    def slowest(self) -> float | None:
        return max((each.seconds.median for each in self.views), default=None)

    @property
    def most_megabytes(self) -> float | None:
        return max((each.megabytes for each in self.views), default=None)


def measure(data: Path, members: int, events: int, *, quick: bool, tell: Tell) -> Opening:
    """Of a directory whose coordinator does not run: all of it is read."""
    loaded, memory = [], []
    for _ in range(1 if quick else _STARTS):
        begin = time.monotonic()
        with page(data) as served:
            served.wait_for(_POPULATION)
            loaded.append(time.monotonic() - begin)
            memory.append(mebibytes(served.pid, "VmRSS"))
    first: list[float] = []
    views: list[View] = []
    if browser.missing() is None:
        with browser.tab() as tab:
            for _ in range(1 if quick else _STARTS):
                with page(data) as served:
                    first.append(tab.open(served.address, "now"))
            with page(data) as served:
                tab.open(served.address, "now")
                served.wait_for(_POPULATION)
                for name in browser.VIEWS:
                    times, memories = [], []
                    for _ in range(1 if quick else _OPENINGS):
                        times.append(tab.open(served.view(_POPULATION, name), name))
                        memories.append(tab.megabytes())
                    views.append(View(name, Spread.of(times), max(memories)))
                    tell(f"{name}: {views[-1].seconds.text()} s")
    return Opening(
        members=members,
        events=events,
        first=Spread.of(first) if first else None,
        loaded=Spread.of(loaded),
        server_mebibytes=median(memory),
        views=views,
    )


def table(found: Opening) -> str:
    history = aligned(
        ("members", "events", "history taken in s", "memory MiB", "page begun just before s"),
        [
            (
                number(found.members, ","),
                number(found.events, ","),
                found.loaded.text(),
                f"{found.server_mebibytes:.0f}",
                found.first.text() if found.first else "-",
            )
        ],
    )
    if not found.views:
        return history
    views = aligned(
        ("view", "opened s", "the tab's memory MB"),
        [(each.name, each.seconds.text(), f"{each.megabytes:.0f}") for each in found.views],
    )
    return f"{history}\n\n{views}"
