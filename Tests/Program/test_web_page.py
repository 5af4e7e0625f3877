"""The page of `murmur web` in a browser shows what the command line says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from browser import NAME, NARROW, WIDE, Browser, Cable, Keys, browser, needs_browser, number
from program import Murmur, murmur_binary
from support.fixtures import QUICK
from support.waiting import wait_until
from web import Page, page

from murmuration import Worker
from murmuration.v1.murmuration_pb2 import Event

pytestmark = needs_browser

MEMBERS, STEPS = 8, 80
HOSTILE = "<img src=x onerror=alert(1)>"
SPACE = f"""
population_size: {MEMBERS}
min_population_size: 2
interval: 10
max_steps: {STEPS}
hyperparameters:
  rate: {{type: float, min: 0.0001, max: 0.1, scale: log}}
  activation: {{type: choice, values: [relu, "{HOSTILE}"]}}
  "<b>bold</b>": {{type: float, min: 0, max: 1}}
"""
VIEWS = ("now", "scores", "lineage", "hyperparameters", "workers", "diversity", "events", "best")


@dataclass
class Shown:
    """A coordinator, the page that shows it, and the browser that shows the page."""

    murmur: Murmur
    page: Page
    browser: Browser
    cable: Cable

    def json(self, *arguments: str) -> Any:
        return json.loads(self.murmur.murmur(*arguments, "--json"))

    def events(self, name: str = "p", *options: str) -> list[Any]:
        text = self.murmur.murmur("history", name, "--json", *options)
        return [json.loads(line) for line in text.splitlines()]

    def show(self, view: str, query: str = "", name: str = "p") -> None:
        self.browser.show(f"#/{name}/{view}{query}")
        self.browser.wait_for(f".view-{view}")


def train(url: str, population: str, reports: int | None = None) -> None:
    """Reports so often, or until nothing is left to train."""
    with Worker(f"{url}/{population}", name=f"host/{HOSTILE}", timing=QUICK) as worker:
        while worker.training and reports != 0:
            step = worker.target_step
            score = step + worker.member * 0.1234567 + float(worker.hyperparameters["rate"])
            worker.report(
                step, score, metrics={HOSTILE: -score}, checkpoint=f"/c/{worker.member}-{step}"
            )
            reports = None if reports is None else reports - 1


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    murmur = Murmur(binary, tmp_path_factory.mktemp("page") / "data")
    murmur.data.mkdir(mode=0o700)
    murmur.start()
    try:
        make(murmur, "p", "q")
        train(murmur.url, "p")
        with page("--data", str(murmur.data), "--name", NAME) as (served, _), browser() as tab:
            served.wait_for("p", last(murmur))
            cable = Cable(served.port)
            try:
                tab.open(f"http://{NAME}:{cable.port}/?token={served.token}")
                yield Shown(murmur, served, tab, cable)
            finally:
                cable.cut()
    finally:
        murmur.stop()


def make(murmur: Murmur, *names: str) -> None:
    space = murmur.data.parent / "space.yaml"
    space.write_text(SPACE)
    for name in names:
        murmur.murmur("create", name, "--space", str(space))


def last(murmur: Murmur, name: str = "p") -> int:
    lines = murmur.murmur("history", name, "--events", "--json").splitlines()
    sequence = json.loads(lines[-1])["sequence"]
    assert isinstance(sequence, int)
    return sequence


@pytest.fixture(autouse=True)
def no_complaints(shown: Shown) -> Iterator[None]:
    """Nothing fails, and nothing is what the content security policy forbids."""
    shown.browser.complaints()
    yield
    assert shown.browser.complaints() == []


def test_now_shows_the_leaderboard(shown: Shown) -> None:
    shown.show("now")
    shown.browser.wait_for(".best-score", ".")
    shown.browser.wait_for(".table-head", "rate")
    board = shown.json("leaderboard", "p")
    assert number(shown.browser.text(".best-score")) == pytest.approx(
        board["best"]["score"], rel=5e-6
    )
    quartiles = [number(text) for text in shown.browser.texts(".quartiles dd")]
    worst, lower, median, upper, _ = board["summary"]["quantiles"]
    assert quartiles == pytest.approx([upper, median, lower, worst], rel=5e-6)
    rows = shown.browser.run(
        "return [...document.querySelectorAll('.table-row')]"
        ".map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    assert [(int(row[0]), int(row[1])) for row in rows] == [
        (entry["rank"], entry["member"]) for entry in board["entries"]
    ]
    for row, entry in zip(rows, board["entries"], strict=True):
        assert number(row[2]) == pytest.approx(entry["score"], rel=5e-6)
        assert number(row[6]) == pytest.approx(entry["hyperparameters"]["rate"], rel=5e-4)
    assert (
        int(shown.browser.run("return document.querySelector('.view').dataset.committed"))
        == board["committed"]
    )
    figures = shown.browser.texts(".figures b")
    assert [number(text) for text in figures[:3]] == [
        MEMBERS,
        board["summary"]["reports"],
        board["summary"]["exploits"],
    ]


def test_what_others_wrote_is_text(shown: Shown) -> None:
    shown.show("now")
    shown.browser.wait_for(".table-head", "<b>bold</b>")
    shown.show("hyperparameters")
    shown.browser.wait_for(".frame .tick", HOSTILE)
    shown.show("scores")
    shown.browser.wait_for("select option", HOSTILE)
    assert (
        shown.browser.run(
            "return document.querySelectorAll('[onerror], .table b, img:not([src^=\"/\"])').length"
        )
        == 0
    )


def test_scores_show_the_history(shown: Shown) -> None:
    shown.show("scores")
    shown.browser.wait_for(".readout", "best ever")
    reports = shown.events()
    values = dict(
        zip(
            *[shown.browser.texts(f".readout .pair {part}") for part in (".name", "b")], strict=True
        )
    )
    scores = [each["score"] for each in reports if each["step"] == STEPS]
    assert number(values["step"]) == STEPS
    assert number(values["best"]) == pytest.approx(max(scores), rel=5e-6)
    assert number(values["worst"]) == pytest.approx(min(scores), rel=5e-6)
    assert number(values["reports"]) == len(scores)
    copies = [each for each in reports if "exploit" in each]
    assert f"{len(copies)} copies" in shown.browser.text(".note.under")


def test_scores_follow_the_keys_and_the_address(shown: Shown) -> None:
    shown.show("scores")
    shown.browser.wait_for(".readout", "best ever")
    shown.browser.press(".frame", Keys.ARROW_RIGHT)
    shown.browser.wait_for("#announcer", "step 10,")
    shown.browser.press(".frame", "+")
    wait_until(lambda: "from=" in shown.browser.driver.current_url, "the zoom is in the address")
    shown.browser.press(".frame", "0")
    wait_until(lambda: "from=" not in shown.browser.driver.current_url, "all is shown again")
    shown.show("scores", "?by=time&log=1&lines=0,3")
    shown.browser.wait_for(".end", "member 3")
    shown.browser.wait_for(".title", "time")
    shown.show("scores", f"?metric={HOSTILE}")
    shown.browser.wait_for(".title", HOSTILE)


def test_lineage_shows_who_descends_from_whom(shown: Shown) -> None:
    shown.show("lineage")
    graph = shown.json("lineage", "p", "--all")
    shown.browser.wait_for(".leaf-member")
    holders = sorted(member for node in graph["nodes"] for member in node["holders"])
    named = sorted(
        int(name) for text in shown.browser.texts(".leaf-member") for name in text.split(", ")
    )
    assert named == holders == list(range(MEMBERS))
    told = shown.browser.text(".note.lead")
    assert f"of {graph['beginnings']} beginnings, after {graph['exploits']} copies" in told
    assert shown.browser.texts(".dead[d^=M]"), "what died out is there, and faint"
    shown.browser.press(".river", Keys.ARROW_RIGHT)
    shown.browser.wait_for("#announcer", "Member ")
    shown.browser.press(".river", Keys.ENTER)
    shown.browser.wait_for("#panel h2", "Member ")


def test_a_story_is_explains(shown: Shown) -> None:
    shown.show("now", "?member=3")
    shown.browser.wait_for("#panel .story li")
    explained = shown.murmur.murmur("explain", "p", "3").splitlines()
    assert shown.browser.texts("#panel .story li") == explained[::-1]
    schedule = shown.json("schedule", "p", "3")
    steps = [f"{segment['start']}\u2013{segment['end']}" for segment in schedule["segments"]]
    assert shown.browser.texts("#panel .steps") == steps
    shown.browser.press("body", Keys.ESCAPE)
    wait_until(
        lambda: shown.browser.run("return document.getElementById('panel').hidden") is True,
        "it is closed",
    )


def test_hyperparameters_show_the_winner(shown: Shown) -> None:
    shown.show("hyperparameters")
    shown.browser.wait_for(".panel-chart h3", "rate")
    assert sorted(shown.browser.texts(".panel-chart h3")) == sorted(
        ["rate", "activation", "<b>bold</b>"]
    )
    schedule = shown.json("schedule", "p", "--best")
    rate = schedule["segments"][-1]["hyperparameters"]["rate"]
    shown.browser.wait_for(".panel-chart .of-ever b")
    assert number(shown.browser.texts(".panel-chart .of-ever b")[0]) == pytest.approx(
        rate, rel=5e-4
    )
    assert f"through {len(schedule['segments'])} segment" in shown.browser.text(".note.lead")


def test_ranges_are_chosen_by_keys(shown: Shown) -> None:
    shown.show("hyperparameters")
    entries = shown.json("leaderboard", "p")["entries"]
    shown.browser.wait_for(".panel-chart h3", "rate")
    shown.browser.wait_for(".member-line")
    chart = ".frame.parallel"
    shown.browser.press(chart, *[Keys.ARROW_RIGHT] * 4)
    shown.browser.wait_for("#announcer", "score from ")
    for _ in range(10):
        shown.browser.press(chart, Keys.ARROW_UP)
    scores = [entry["score"] for entry in entries]
    middle = (min(scores) + max(scores)) / 2
    better = sum(score >= middle for score in scores)
    assert 0 < better < MEMBERS
    shown.browser.wait_for("#announcer", f"{better} of {MEMBERS} members")
    shown.browser.press(chart, "0")
    shown.browser.wait_for("#announcer", f", {MEMBERS} members")
    # Of values that are no numbers, one after the other.
    shown.browser.press(chart, Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    shown.browser.wait_for("#announcer", "rate from")
    shown.browser.press(chart, Keys.ARROW_RIGHT, Keys.ARROW_UP)
    relu = sum(entry["hyperparameters"]["activation"] != "relu" for entry in entries)
    shown.browser.wait_for("#announcer", f"{relu} of {MEMBERS} members")


def test_diversity_counts_copies(shown: Shown) -> None:
    shown.show("diversity")
    reports = shown.events()
    copies = sum("exploit" in each for each in reports)
    shown.browser.wait_for(".note.lead", f"Of {len(reports)} reports {copies} copied")


def test_events_are_the_histories(shown: Shown) -> None:
    shown.show("events")
    events = shown.events("p", "--events")
    shown.browser.wait_for(".event-sequence", str(events[-1]["sequence"]))
    newest = [int(number(text)) for text in shown.browser.texts(".event-sequence")]
    assert newest[:50] == [each["sequence"] for each in reversed(events)][:50]
    shown.show("events", "?event=created&member=5")
    shown.browser.wait_for(".feed:not(:has(.event-reported)) .event-created")
    assert shown.browser.texts(".event-member") == ["5"]


def test_each_kind_of_event_can_be_chosen(shown: Shown) -> None:
    kinds = shown.browser.module("views/events.js", "return it.KINDS")
    assert sorted(kinds) == sorted(
        field.name for field in Event.DESCRIPTOR.oneofs_by_name["kind"].fields
    )


def test_the_best_state_can_be_copied(shown: Shown) -> None:
    shown.show("best")
    best = shown.json("best", "p")
    shown.browser.wait_for(".use code", best["checkpoint"])
    assert any("murmur best p --checkpoint" in text for text in shown.browser.texts(".use code"))
    segments = shown.json("schedule", "p", "--best")["segments"]
    assert len(shown.browser.texts(".schedule tbody tr")) == len(segments)


def test_populations_are_compared(shown: Shown) -> None:
    shown.browser.show("#/?all=1")
    shown.browser.wait_for(".card a", "q")
    shown.browser.click("[aria-label='Compare p']")
    shown.browser.click("[aria-label='Compare q']")
    shown.browser.wait_for(".schedule th", "q")
    assert "compare=p%2Cq" in shown.browser.driver.current_url


def test_every_view_fits_a_phone_in_light_and_dark(shown: Shown) -> None:
    shown.browser.width(NARROW)
    try:
        for view in VIEWS:
            shown.show(view)
            assert shown.browser.run("return document.documentElement.scrollWidth <= innerWidth"), (
                view
            )
        before = shown.browser.run("return getComputedStyle(document.body).backgroundColor")
        shown.browser.press("body", "t")
        assert shown.browser.run("return getComputedStyle(document.body).backgroundColor") != before
        shown.browser.press("body", "t")
    finally:
        shown.browser.width(WIDE)


def test_pictures_and_tables_can_be_saved(shown: Shown) -> None:
    shown.show("scores")
    shown.browser.wait_for(".end", "median")
    picture = shown.browser.module(
        "save.js", "return it.pictureText(document.querySelector('.frame'))"
    )
    bad = shown.browser.run(
        "const parsed = new DOMParser().parseFromString(arguments[0], 'image/svg+xml');"
        "return parsed.querySelectorAll('parsererror, [class], script').length",
        picture,
    )
    assert bad == 0
    assert "best ever" in picture
    assert "var(" not in picture
    table = shown.browser.module(
        "save.js", "return it.tableText(['a'], [['x,\"y\"\\n'], [1.5], [undefined]])"
    )
    assert table == 'a\r\n"x,""y""\n"\r\n1.5\r\n\r\n'


def test_what_happens_appears_and_a_broken_connection_resumes(shown: Shown) -> None:
    shown.show("now", name="q")
    shown.browser.wait_for(".empty", "No member has reported yet")
    shown.browser.run("window.stays = true")
    train(shown.murmur.url, "q", reports=3)
    shown.browser.wait_for(".figures b", "3")
    shown.cable.cut()
    shown.browser.wait_for(
        "#notice", "The connection to the page's server is broken; this is as of"
    )
    train(shown.murmur.url, "q", reports=4)
    shown.cable.mend()
    shown.browser.wait_for(".figures b", "7")
    wait_until(lambda: shown.browser.text("#notice") == "", "nothing is wrong any more")
    assert shown.browser.run("return window.stays") is True, "without loading the page anew"
    # While it was cut, requests failed, as they had to.
    assert all("Failed to load" in each or "ERR_" in each for each in shown.browser.complaints())


# A browser opens six connections to a server.
MORE_THAN_CONNECTIONS = 8


def test_pages_that_nobody_sees_leave_the_connections_to_others(shown: Shown) -> None:
    driver, address = shown.browser.driver, shown.browser.run("return location.href")
    for _ in range(MORE_THAN_CONNECTIONS):
        # The browser keeps the page, so that the way back is short.
        driver.get("about:blank")
        driver.get(address)
        shown.browser.wait_for(".status-text", "Live")
    first = driver.current_window_handle
    for _ in range(MORE_THAN_CONNECTIONS):
        driver.switch_to.new_window("tab")
        driver.get(address)
        shown.browser.wait_for(".status-text", "Live")
    for handle in driver.window_handles:
        if handle != first:
            driver.switch_to.window(handle)
            driver.close()
    driver.switch_to.window(first)
    # The one that was hidden goes on.
    shown.show("diversity", name="q")
    for _ in range(2):
        train(shown.murmur.url, "q", reports=2)
        shown.browser.wait_for(".note.lead", f"Of {len(shown.events('q'))} reports")
    # Of an address that is not encrypted, each time that it is opened.
    assert all("Cross-Origin-Opener-Policy" in each for each in shown.browser.complaints())


def test_a_worker_is_shown(shown: Shown) -> None:
    with Worker(f"{shown.murmur.url}/q", name=f"host/{HOSTILE}", timing=QUICK) as worker:
        assert worker.training
        shown.show("workers", name="q")
        row = [f"host/{HOSTILE}", "host", HOSTILE, str(worker.member)]
        wait_until(
            lambda: shown.browser.texts(".table-row:first-child > div")[:4] == row,
            "the worker is shown with its member",
        )


def test_a_coordinator_that_is_away_is_said(shown: Shown) -> None:
    shown.show("now")
    shown.murmur.stop()
    try:
        shown.browser.wait_for("#notice", "The coordinator has not answered since")
        shown.browser.wait_for(".status-text", "Not running · as of")
    finally:
        shown.murmur.start()
    shown.browser.wait_for(".status-text", "Live")
    shown.browser.complaints()


def test_numbers_are_written_as_the_terminal_writes_them(shown: Shown) -> None:
    values = [1.1971630049730515, 0.0000123, -1234567.5, 20705, 0, "nan", "-inf"]
    texts = shown.browser.module("format.js", "return a[0].map(it.score)", values)
    assert texts == [
        "1.19716",
        "1.23\u00d710⁻⁵",
        "\u22121\u202f234\u202f568",
        "20\u202f705",
        "0",
        "NaN",
        "\u2212∞",
    ]
    durations = shown.browser.module("format.js", "return a[0].map(it.duration)", [0.42, 77, 90000])
    assert durations == ["0.4\u202fs", "1\u202fm 17\u202fs", "1\u202fd 1\u202fh"]


def test_ticks_are_round_and_few(shown: Shown) -> None:
    def ticks(kind: str, low: float, high: float) -> list[str]:
        body = f"return it.{kind}(a[0], a[1]).map((tick) => tick.text)"
        found = shown.browser.module("charts/ticks.js", body, [low, high], 5)
        assert isinstance(found, list)
        return found

    assert ticks("linear", 0, 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert ticks("linear", -0.3, 0.3) == ["\u22120.2", "0.0", "0.2"]
    assert ticks("logarithmic", 0.00001, 0.1) == ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹"]
    assert ticks("time", 0, 7000) == ["0", "30\u202fm", "1\u202fh", "1\u202fh 30\u202fm"]


def test_a_lineage_is_laid_out_without_crossings(shown: Shown) -> None:
    """Each node has its own place, its children theirs within it, and nobody is counted twice."""
    graph = shown.json("lineage", "p", "--all")
    body = """
        const whole = it.tree(a[0], true);
        const end = (node) => node.top + node.size;
        const within = whole.nodes.every((node) => node.children.every((child, index) =>
            child.top >= (index === 0 ? node.top : end(node.children[index - 1])) - 1e-9
            && end(child) <= end(node) + 1e-9));
        const holders = whole.nodes.flatMap((node) => node.holders);
        return [within, holders.sort((one, other) => one - other), whole.living];
    """
    assert shown.browser.module("charts/tree.js", body, graph) == [
        True,
        list(range(MEMBERS)),
        MEMBERS,
    ]
