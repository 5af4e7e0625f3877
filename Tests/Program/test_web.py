"""`murmur web` says what the command line says."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest
from populations import create, journal, train
from program import Murmur
from web import Page, Stream, page

MEMBERS = 4
STEPS = 60


def make(murmur: Murmur, members: int, steps: int) -> None:
    size = ("--population-size", str(members), "--min-population-size", "2")
    create(murmur, "p", *size, "--interval", "10", "--max-steps", str(steps))


@pytest.fixture
def trained(murmur: Murmur) -> Murmur:
    """A population that has finished, of a coordinator that runs."""
    make(murmur, MEMBERS, STEPS)
    train(f"{murmur.url}/p")
    return murmur


def last_event(murmur: Murmur) -> int:
    [[last]] = journal(murmur, "SELECT max(sequence) FROM event")
    assert isinstance(last, int)
    return last


@pytest.fixture(params=["running", "stopped"])
def shown(trained: Murmur, request: pytest.FixtureRequest) -> Iterator[tuple[Murmur, Page]]:
    """The same with its page: the coordinator runs, or only its directory is there."""
    if request.param == "stopped":
        trained.stop()
    with page("--data", str(trained.data)) as (served, _):
        served.wait_for("p", last_event(trained))
        yield trained, served


def lines(text: str) -> list[object]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_board_is_the_command_lines(shown: tuple[Murmur, Page]) -> None:
    murmur, served = shown
    board = served.population("p", "board?limit=2")
    expected = json.loads(murmur.murmur("leaderboard", "p", "--limit", "2", "--json"))
    assert board["copies"], "members copied others"
    assert {key: board[key] for key in expected} == expected


def test_events_are_the_histories(shown: tuple[Murmur, Page]) -> None:
    murmur, served = shown
    expected = lines(murmur.murmur("history", "p", "--events", "--json"))
    found: list[dict[str, object]] = []
    before = ""
    while True:
        part = served.population("p", f"events?limit=7{before}")
        found += part["events"]
        if not part["more"]:
            break
        before = f"&before={found[-1]['sequence']}"
    assert all(event.pop("text") for event in found)
    assert found[::-1] == expected


def test_filters_choose_events(shown: tuple[Murmur, Page]) -> None:
    _, served = shown
    created = served.population("p", "events?event=created&member=2")
    assert [event["member"] for event in created["events"]] == [2]
    assert created["events"][0]["event"] == "created"
    assert created["more"] is False


def test_scores_are_the_histories(shown: tuple[Murmur, Page]) -> None:
    murmur, served = shown
    history = murmur.murmur("history", "p", "--csv")
    by_step: dict[float, list[float]] = {}
    for row in csv.DictReader(io.StringIO(history)):
        by_step.setdefault(float(row["step"]), []).append(float(row["score"]))
    scores = served.population("p", "scores?points=2000")
    best = float("-inf")
    assert [part["x"] for part in scores["bins"]] == sorted(by_step)
    for part in scores["bins"]:
        expected = by_step[part["x"]]
        best = max(best, *expected)
        assert part["count"] == len(expected)
        assert (part["best"], part["worst"]) == (max(expected), min(expected))
        assert part["best_ever"] == best
        assert part["lower"] <= part["median"] <= part["upper"]
    copies = lines(murmur.murmur("history", "p", "--json"))
    exploits = [event for event in copies if isinstance(event, dict) and "exploit" in event]
    assert scores["exploits_total"] == len(scores["exploits"]) == len(exploits) > 0


def test_a_lineage_is_the_command_lines(shown: tuple[Murmur, Page]) -> None:
    murmur, served = shown
    expected = json.loads(murmur.murmur("lineage", "p", "--all", "--json"))
    found = served.population("p", "lineage")
    assert found["folded"] == 0
    nodes = found.pop("nodes")
    for node in nodes:
        assert node.pop("alive") == (node["living"] > 0)
        assert set(node.pop("hyperparameters")) == {"rate", "momentum"}
        assert node.pop("beginning") in range(MEMBERS)
    assert nodes == expected.pop("nodes")
    assert {key: found[key] for key in expected} == expected


def test_a_picture_of_a_lineage_is_bounded(shown: tuple[Murmur, Page]) -> None:
    _, served = shown
    whole = served.population("p", "lineage")
    part = served.population("p", "lineage?nodes=3")
    assert len(part["nodes"]) == 3
    assert part["folded"] == len(whole["nodes"]) - 3
    known = {node["id"] for node in part["nodes"]}
    assert all({edge["from"], edge["to"]} <= known for edge in part["edges"])


def test_a_member_tells_its_story(shown: tuple[Murmur, Page]) -> None:
    murmur, served = shown
    member = served.population("p", "members/1")
    assert member["story"] == murmur.murmur("explain", "p", "1").splitlines()
    expected = json.loads(murmur.murmur("schedule", "p", "1", "--json"))
    assert member["schedule"] == expected
    assert served.population("p", "schedule?member=1") == expected
    steps = [point["step"] for point in member["points"] if "exploit" not in point]
    rows = csv.DictReader(io.StringIO(murmur.murmur("history", "p", "--member", "1", "--csv")))
    assert steps == [int(row["step"]) for row in rows]


def test_members_and_lines_agree_with_the_board(shown: tuple[Murmur, Page]) -> None:
    _, served = shown
    board = served.population("p", "board")
    rows = {row["member"]: row for row in served.population("p", "members")["members"]}
    assert len(rows) == MEMBERS
    for entry in board["entries"]:
        row = rows[entry["member"]]
        assert (row["step"], row["score"]) == (entry["step"], entry["score"])
        assert row["state"] == entry["state"] == "finished"
        assert row.get("donor") == entry.get("donor")
    assert sum(row["reports"] for row in rows.values()) == board["summary"]["reports"]
    assert sum(row["exploits"] for row in rows.values()) == board["summary"]["exploits"]
    found = served.population("p", "lines?members=0,3")["lines"]
    assert [line["member"] for line in found] == [0, 3]
    assert [len(line["points"]) for line in found] == [rows[0]["reports"], rows[3]["reports"]]


def test_what_is_searched_is_shown(shown: tuple[Murmur, Page]) -> None:
    _, served = shown
    answer = served.population("p", "hyperparameters")
    assert [one["name"] for one in answer["parameters"]] == ["rate", "momentum"]
    for part in answer["bins"]:
        spread = part["parameters"]["rate"]
        assert 0.0001 <= spread["min"] <= spread["median"] <= spread["max"] <= 0.1
    assert [member["rank"] for member in answer["members"]] == list(range(1, MEMBERS + 1))
    best = served.population("p", "best")
    assert answer["winner"]["segments"][-1]["member"] == best["member"]
    assert best["command"] == 'cp "$(murmur best p --checkpoint)" .'


def test_variety_is_counted(shown: tuple[Murmur, Page]) -> None:
    murmur, served = shown
    diversity = served.population("p", "diversity")
    tree = murmur.murmur("lineage", "p")
    alive = diversity["bins"][-1]["beginnings_alive"]
    assert f"they descend from {alive} of {MEMBERS} beginnings" in " ".join(tree.split())
    board = served.population("p", "board")
    assert sum(part["reports"] for part in diversity["bins"]) == board["summary"]["reports"]
    assert sum(row["copies"] for row in diversity["donors"]) == board["summary"]["exploits"]
    assert 1 / MEMBERS <= diversity["largest_family_share"] <= 1


def test_tables_are_exported(shown: tuple[Murmur, Page]) -> None:
    murmur, served = shown
    for name, command in (
        ("history", ("history", "p", "--csv")),
        ("schedule", ("schedule", "p", "--best", "--csv")),
    ):
        found = served.text(f"/api/populations/p/export/{name}.csv")
        assert found.splitlines() == murmur.murmur(*command).splitlines()
    board = csv.DictReader(io.StringIO(served.text("/api/populations/p/export/leaderboard.csv")))
    entries = json.loads(murmur.murmur("leaderboard", "p", "--json"))["entries"]
    assert [(int(row["member"]), float(row["score"])) for row in board] == [
        (entry["member"], entry["score"]) for entry in entries
    ]


def test_what_is_not_there_is_said(shown: tuple[Murmur, Page]) -> None:
    _, served = shown
    for path, status, sentence in (
        ("/api/populations/q/board", 404, "There is no population 'q' here"),
        ("/api/populations/p/scores?metric=loss", 404, "No report has a metric 'loss'"),
        ("/api/populations/p/scores?by=colour", 400, "by is either step or time."),
        ("/api/populations/p/board?limit=many", 400, "limit is no whole number"),
        ("/api/populations/p/members/9", 404, "has no member 9"),
        ("/api/nothing", 404, "There is no such question"),
        ("/assets/../index.html", 400, "names nothing here"),
    ):
        found, _, body = served.ask(path)
        assert (found, sentence in body.decode()) == (status, True), (path, body)


def test_a_stream_tells_what_happens(murmur: Murmur) -> None:
    make(murmur, 2, 20)
    with page("--data", str(murmur.data)) as (served, _):
        served.wait_for("p", 1)
        stream = Stream(served, "p")
        assert stream.next_of("state")[0]["live"] is True
        assert stream.next_of("board")[0]["summary"]["reports"] == 0
        train(f"{murmur.url}/p")
        seen: list[int] = []
        reports = 0
        number = None
        while reports < 4:
            data, number = stream.next_of("events")
            assert data["skipped"] == 0
            seen += [event["sequence"] for event in data["events"]]
            reports += sum(event["event"] == "reported" for event in data["events"])
        assert seen == sorted(set(seen))
        assert number == str(data["committed"])
        stream.close()
        # Who comes back is told what it missed, once.
        again = Stream(served, "p", last=seen[2])
        data, _ = again.next_of("events")
        assert [event["sequence"] for event in data["events"]][: len(seen) - 3] == seen[3:]
        again.close()


def test_a_coordinator_that_comes_back_is_followed_on(trained: Murmur) -> None:
    with page("--url", trained.url) as (served, _):
        served.wait_for("p", last_event(trained))
        stream = Stream(served, "p")
        assert stream.next_of("state")[0]["live"] is True
        ports = trained.url.rsplit(":", 1)[1].split("/")[0]
        trained.stop()
        away = stream.next_of("state")[0]
        assert away["live"] is False
        assert away["problem"]
        # What was known is still shown.
        assert served.population("p", "scores")["bins"]
        trained.start("--port", ports, "--broadcast-port", "0")
        assert stream.next_of("state")[0]["live"] is True
        assert served.population("p", "board")["summary"]["reports"] > 0
        stream.close()
