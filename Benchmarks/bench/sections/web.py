"""The page of `murmur web`: how soon it opens, how well it answers, and what it costs reports."""

from __future__ import annotations

from dataclasses import dataclass

from bench.pages import beside, live, opening, tab
from bench.plan import Plan, Tell
from bench.sections import start

NAME = "web"
TITLE = "The page of murmur web, and a scrape, beside 512 workers that report at full speed"

READERS = beside.READERS
MEMBERS, EVENTS = 1_000, 200_000
LIVE_MEMBERS = 100_000
QUICK_LIVE_MEMBERS = 1_000
_LIVE_SECONDS = 4.0


@dataclass(frozen=True)
class Result:
    opening: opening.Opening
    live: live.Live | None
    """Nothing without a browser."""
    beside: list[beside.Row]
    readers: int
    left_out: str | None
    """What is not here that a browser needs."""

    @property
    def slowdown(self) -> float:
        """Of reports beside a page with all its readers, in the middle."""
        return next(row for row in self.beside if row.what == beside.READ).slowdown.median


def _live_seconds(plan: Plan) -> float:
    return plan.seconds if plan.quick else max(plan.seconds, _LIVE_SECONDS)


def estimate(plan: Plan) -> float:
    browsing = opening.SECONDS + live.estimate(_live_seconds(plan)) if tab.missing() is None else 0
    return start.seconds_to_write(MEMBERS, EVENTS) + browsing + beside.estimate(plan)


def measure(plan: Plan, tell: Tell) -> Result:
    left_out = tab.missing()
    if left_out:
        tell(f"No browser: {left_out}")
    data = start.journal(MEMBERS, EVENTS, tell)
    opened = opening.measure(data, MEMBERS, EVENTS, quick=plan.quick, tell=tell)
    members = QUICK_LIVE_MEMBERS if plan.quick else LIVE_MEMBERS
    shown = None if left_out else live.measure(members, _live_seconds(plan), tell)
    return Result(opened, shown, beside.measure(plan, tell), beside.readers(plan), left_out)


def table(result: Result) -> str:
    parts = [opening.table(result.opening)]
    if result.live:
        parts.append(live.table(result.live))
    if result.left_out:
        parts.append(f"Nothing was opened in a browser. {result.left_out}")
    parts.append(beside.table(result.beside))
    parts.append(f"There are {result.readers} readers, which ask as open pages do.")
    return "\n\n".join(parts)
