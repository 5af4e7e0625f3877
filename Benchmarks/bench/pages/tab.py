"""A tab of a browser without a window: how soon a view is there, and how well it answers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.servers import BenchError

_PATIENCE = 60.0
_SIZE = "1280,900"
_BLANK = "about:blank"

#: What is there once a view has drawn what it was told.
VIEWS = {
    "now": ".view-now .hero-picture path.ever[d^=M]",
    "scores": ".view-scores path.ever[d^=M]",
    "lineage": ".view-lineage .ribbon",
    "hyperparameters": ".view-hyperparameters .member-line",
    "workers": ".view-workers .table-row",
    "diversity": ".view-diversity .bar.up",
    "events": ".view-events .event",
    "best": ".view-best .schedule tbody tr",
}

# Runs before the page's own modules. What is drawn is seen after its frame.
_LOOK = """
    window.drawn = {};
    const waiting = new Map(Object.entries(VIEWS));
    const look = () => {
        for (const [name, selector] of waiting) {
            if (document.querySelector(selector) === null) continue;
            waiting.delete(name);
            setTimeout(() => { window.drawn[name] = performance.now() / 1000; });
        }
        requestAnimationFrame(look);
    };
    look();
"""

_WATCH = """
    const watch = {delays: [], tasks: [], boards: 0, begin: performance.now()};
    window.watch = watch;
    new PerformanceObserver((list) => list.getEntries().forEach(
        (each) => watch.tasks.push(each.duration))).observe({type: "longtask"});
    new MutationObserver((all) => { watch.boards += all.length; }).observe(
        document.getElementById("view"),
        {subtree: true, attributes: true, attributeFilter: ["data-committed"]});
    const tick = (due) => setTimeout(() => {
        watch.delays.push(Math.max(0, performance.now() - due));
        tick(performance.now() + arguments[0]);
    }, arguments[0]);
    tick(performance.now() + arguments[0]);
"""

_WATCHED = "return {...window.watch, seconds: (performance.now() - window.watch.begin) / 1000}"
_EVERY_MILLISECONDS = 20


@dataclass(frozen=True)
class Responsiveness:
    """How late the page did what was due each 20 ms."""

    p50: float
    """In milliseconds, as the others."""
    p99: float
    most: float
    long_tasks: float
    """The share of the time that tasks of 50 ms and more took."""
    drawn_per_second: float
    """How often it showed a newer state."""


class Tab:
    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def open(self, address: str, view: str) -> float:
        """Opens an address anew; how many seconds until a view has drawn."""
        self._driver.get(_BLANK)
        self._driver.get(address)
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            drawn = self._driver.execute_script("return window.drawn?.[arguments[0]]", view)
            if drawn:
                return float(drawn)
            time.sleep(0.05)
        text = self._driver.execute_script("return document.body.textContent")
        raise BenchError(f"The view {view} drew nothing: {text[:500]}")

    def watch(self, seconds: float) -> Responsiveness:
        """How well the page that is open answers during that time."""
        self._driver.execute_script(_WATCH, _EVERY_MILLISECONDS)
        time.sleep(seconds)
        found = self._driver.execute_script(_WATCHED)
        delays = sorted(found["delays"])
        if not delays:
            raise BenchError(f"The page did nothing for {seconds} s.")
        return Responsiveness(
            p50=_quantile(delays, 0.5),
            p99=_quantile(delays, 0.99),
            most=delays[-1],
            long_tasks=sum(found["tasks"]) / 1000 / found["seconds"],
            drawn_per_second=found["boards"] / found["seconds"],
        )

    def megabytes(self) -> float:
        """Memory of the tab's process that is its own, as the browser's task manager counts it."""
        renderers = [
            each
            for each in _below(self._driver.service.process.pid)
            if b"--type=renderer" in _read(each, "cmdline")
        ]
        if not renderers:
            raise BenchError("The browser has no process for its tab.")
        # There may be another one, for tabs to come.
        return max(_anonymous_megabytes(each) for each in renderers)


def _quantile(values: Sequence[float], part: float) -> float:
    return values[min(len(values) - 1, int(part * len(values)))]


def _read(process: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _below(process: int) -> Iterator[int]:
    """The processes that a process started, and those that they did."""
    for task in Path(f"/proc/{process}/task").glob("*"):
        for child in _read(process, f"task/{task.name}/children").split():
            yield int(child)
            yield from _below(int(child))


def _anonymous_megabytes(process: int) -> float:
    for line in _read(process, "status").splitlines():
        if line.startswith(b"RssAnon:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def missing() -> str | None:
    """What is not here that a tab needs, in a sentence."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "Selenium is not here: make setup installs it."
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            return f"{program} is not here: apt-get install chromium-driver has both."
    return None


@contextlib.contextmanager
def tab() -> Iterator[Tab]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--disable-dev-shm-usage", f"--window-size={_SIZE}"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.binary_location = str(shutil.which("chromium"))
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        source = _LOOK.replace("VIEWS", json.dumps(VIEWS))
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        yield Tab(driver)
    finally:
        driver.quit()
