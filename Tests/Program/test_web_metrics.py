"""What `murmur web --metrics` tells, and that the guide says the same."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from disks import refused
from populations import create, train
from program import Murmur
from scraping import guide, scrape, served_metrics
from support.waiting import wait_until
from web import Page, Stream, page

MEMBERS = 4


@pytest.fixture
def served(murmur: Murmur) -> Iterator[tuple[Murmur, Page, int]]:
    """A coordinator, a page that shows its population, and the port of the page's metrics."""
    size = ("--population-size", str(MEMBERS), "--min-population-size", "2")
    create(murmur, "p", *size, "--interval", "10", "--max-steps", "60")
    train(f"{murmur.url}/p")
    with page("--data", str(murmur.data), "--metrics", "0") as (shown, process):
        shown.wait_for("p", 1)
        yield murmur, shown, served_metrics(process)


def test_the_figures_are_the_command_lines(served: tuple[Murmur, Page, int]) -> None:
    murmur, _, port = served
    board = json.loads(murmur.murmur("leaderboard", "p", "--json"))
    summary = board["summary"]

    def value(name: str, **labels: str) -> float:
        return scrape(port).value(f"murmur_web_{name}", population="p", **labels)

    wait_until(lambda: value("loading") == 0, "all is taken in")
    assert value("reports_total") == summary["reports"]
    assert value("exploits_total") == summary["exploits"] > 0
    assert value("steps_total") == summary["total_steps"]
    assert value("best_score") == board["best"]["score"]
    assert value("members", state="finished") == MEMBERS
    assert value("members", state="training") == 0
    told = " ".join(murmur.murmur("lineage", "p").split())
    assert f"they descend from {value('beginnings_alive'):.0f} of {MEMBERS} beginnings" in told
    assert 1 / MEMBERS <= value("largest_family_ratio") <= 1


def test_requests_and_readers_are_counted(served: tuple[Murmur, Page, int]) -> None:
    _, shown, port = served
    before = scrape(port)
    assert before.value("murmur_web_streams") == 0
    shown.ask("/api/nothing")
    stream = Stream(shown, "p")
    stream.next_of("board")
    wait_until(lambda: scrape(port).value("murmur_web_streams") == 1, "one page is open")
    after = scrape(port)
    assert after.value("murmur_web_requests_total", code="404") == 1
    more = [each.value("murmur_web_requests_total", code="200") for each in (before, after)]
    assert more[1] == more[0] + 1, "the stream"
    stream.close()
    wait_until(lambda: scrape(port).value("murmur_web_streams") == 0, "it is closed")


def test_what_is_old_is_said_to_be(served: tuple[Murmur, Page, int]) -> None:
    murmur, _, port = served
    assert scrape(port).value("murmur_web_live") == 1
    murmur.stop()
    wait_until(lambda: scrape(port).value("murmur_web_live") == 0, "it is away")
    age = scrape(port).value("murmur_web_age_seconds", population="p")
    wait_until(
        lambda: scrape(port).value("murmur_web_age_seconds", population="p") > age + 1,
        "what is shown grows older",
    )


def test_the_guide_has_each_metric_as_it_is(served: tuple[Murmur, Page, int]) -> None:
    *_, port = served
    metrics = scrape(port)
    own = {name: family for name, family in metrics.items() if name.startswith("murmur_")}
    table = guide(of_pages=True)
    assert sorted(table) == sorted(own)
    for name, (kind, _, labels, meaning) in table.items():
        assert kind == own[name].kind, name
        assert set(re.findall(r"`(\w+)`", labels)) == own[name].labels, name
        assert meaning
    assert {name for name in metrics if name not in own} == {
        name for name in guide() if name.startswith("process_")
    }


def test_a_port_in_use_gets_a_sentence(murmur: Murmur) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        options = ("--data", str(murmur.data), "--port", "0", "--metrics", str(port))
        sentence = refused(murmur, "web", *options)
    assert sentence == (
        f"Error: Port {port}, for metrics, is taken by another program; choose another one with "
        "--metrics."
    )
