"""Clients that were written from docs/wire alone, against the real coordinator."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import ExitStack
from typing import Any

import pytest
from google.protobuf import text_format
from populations import create
from program import Murmur
from support.repository import REPOSITORY
from support.waiting import wait_until
from wire_clients import LANGUAGES, Client, Commands, build, run, running

from bench.ports import free_ports
from murmuration.v1 import murmuration_pb2 as wire

EXCHANGE = REPOSITORY / "docs" / "wire" / "exchange.md"
# Some of it is escaped in an address, and some of it takes two bytes.
SECRET = "a sécret: with/all @ % signs"
REFUSED, USAGE = 1, 2
MEMBERS = 6
# An interval takes longer than a heartbeat is away.
INTERVAL, STEP_MILLISECONDS, HEARTBEAT = 3, 400, "1s"
# Why a member that reported is not trained on under its lease.
LEFT_BEHIND = {"switched", "finished", "paused", "ended"}


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    return build(tmp_path_factory.mktemp("wire"))


def events(murmur: Murmur) -> list[dict[str, Any]]:
    told = murmur.murmur("history", "p", "--json", "--events")
    return [json.loads(line) for line in told.splitlines()]


def board(murmur: Murmur) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(murmur.murmur("leaderboard", "p", "--json"))
    return found


def of_kind(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in found if event["event"] == kind]


def reported(found: list[dict[str, Any]]) -> list[tuple[int, int, str]]:
    return [
        (each["member"], each["step"], each["checkpoint"]) for each in of_kind(found, "reported")
    ]


def loads(found: list[dict[str, Any]]) -> dict[str, list[tuple[int, str]]]:
    """What each worker had to load, in order: with each lease, and with an exploit under it."""
    states: dict[int, str] = {}
    holders: dict[int, str] = {}
    loaded: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for index, event in enumerate(found):
        member = event.get("member", -1)
        if event["event"] == "leased":
            holders[member] = event["worker"]
            loaded[event["worker"]].append((member, states.get(member, "-")))
        if event["event"] != "reported":
            continue
        states[member] = event["checkpoint"]
        if "exploit" not in event:
            continue
        states[member] = event["exploit"]["checkpoint"]
        later = next((each for each in found[index + 1 :] if each.get("member") == member), None)
        if later is None or later.get("reason") not in LEFT_BEHIND:
            loaded[holders[member]].append((member, states[member]))
    return loaded


def loaded_by(client: Client) -> list[tuple[int, str]]:
    """What a client said that it loaded."""
    return [(int(each["member"]), each["load"]) for each in client.lines("lease", "exploit")]


def access(murmur: Murmur, way: str, options: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Starts a coordinator that lets clients in this way; returns their address, and with what
    it is started again."""
    if way == "secret":
        murmur.secret_file.touch(mode=0o600)
        murmur.secret_file.write_text(f"{SECRET}\n")
        options = (*options, "--secret-file", str(murmur.secret_file))
    if way == "invitation":
        options = (*options, "--invitations")
    murmur.start(*options)
    size = ("--population-size", str(MEMBERS), "--min-population-size", "3")
    create(murmur, "p", *size, "--interval", str(INTERVAL))
    if way == "invitation":
        return murmur.murmur("invite", "--role", "worker", "--population", "p").strip(), options
    return f"{murmur.url}/p", options


@pytest.mark.parametrize("way", ["open", "secret", "invitation"])
def test_they_train_a_population_to_its_end_through_a_restart(
    idle: Murmur, commands: Commands, way: str
) -> None:
    ports = ("--port", str(free_ports(3)), "--heartbeat", HEARTBEAT)
    url, options = access(idle, way, ports)
    with ExitStack() as all_clients:
        clients = [
            all_clients.enter_context(
                running(commands, language, url, f"{language}-{number}", str(STEP_MILLISECONDS))
            )
            for language in LANGUAGES
            for number in range(2)
        ]
        wait_until(lambda: len(reported(events(idle))) >= MEMBERS, "each member has reported")
        idle.kill()
        idle.start(*options)
        # Each worker learns of it with the answer to a report, and then waits.
        idle.murmur("pause", "p")
        wait_until(lambda: board(idle)["summary"]["training"] == 0, "all workers wait")
        last = max(each["step"] for each in board(idle)["entries"]) + 2 * INTERVAL
        idle.murmur("set", "p", "--max-steps", str(last))
        idle.murmur("resume", "p")
        for client in clients:
            client.end()

    for client in clients:
        assert client.status == 0, client.printed
        assert client.lines("wait"), client.printed
        assert client.lines("stop"), client.printed
        assert [each["epoch"] for each in client.lines("welcome")] == ["1", "2"]
        assert int(client.lines("end")[0]["heartbeats"]) > 0, client.printed

    found = events(idle)
    # Each report is there once, as it was sent.
    sent = [
        (int(each["member"]), int(each["step"]), each["checkpoint"])
        for client in clients
        for each in client.lines("report")
    ]
    assert sorted(sent) == sorted(reported(found))
    for member in range(MEMBERS):
        numbers = [
            each["report"] for each in of_kind(found, "reported") if each["member"] == member
        ]
        assert numbers == list(range(1, len(numbers) + 1))
    for client in clients:
        sequence = 0
        for line in client.lines("lease", "report"):
            sequence = sequence + 1 if line["kind"] == "report" else 0
            assert int(line.get("sequence", 0)) == sequence, client.printed
    # Whatever was to be loaded was loaded, also what another member had saved.
    expected = loads(found)
    for client in clients:
        assert loaded_by(client) == expected[client.name], client.printed
    assert any("exploit" in each for each in of_kind(found, "reported"))

    ends = [(each["step"], each["state"]) for each in board(idle)["entries"]]
    assert ends == [(last, "finished")] * MEMBERS
    idle.stop()
    idle.check()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exploit_with_another_lease_changes_nothing_of_what_is_loaded(
    murmur: Murmur, commands: Commands, language: str
) -> None:
    # One worker alone is switched after each report. The fourth member scores worst and copies the
    # second or the third one, and the first is the next to be trained.
    create(murmur, "p", "--population-size", "4", "--max-steps", "3")
    client = run(commands, language, murmur.url, "alone")
    assert client.status == 0, client.printed
    found = events(murmur)
    fourth = of_kind(found, "reported")[3]
    assert fourth["member"] == 3
    assert fourth["exploit"]["donor"] in (1, 2)
    loaded = loaded_by(client)
    assert loaded == loads(found)["alone"], client.printed
    assert loaded[4] == (0, of_kind(found, "reported")[0]["checkpoint"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exploit_under_the_same_lease_is_loaded(
    murmur: Murmur, commands: Commands, language: str
) -> None:
    # Each member has a worker, so that nobody is switched.
    create(murmur, "p", "--population-size", "2", "--min-population-size", "2")
    names = ("one", "other")

    def exploits() -> int:
        found = events(murmur)
        return sum(map(len, loads(found).values())) - len(of_kind(found, "leased"))

    with ExitStack() as both:
        clients = [
            both.enter_context(running(commands, language, murmur.url, name, "50"))
            for name in names
        ]
        wait_until(lambda: exploits() >= 2, "members copied under their leases")
        murmur.murmur("end", "p")
        for client in clients:
            client.end()
    found = events(murmur)
    assert sum(len(client.lines("exploit")) for client in clients) == exploits()
    for client in clients:
        assert client.status == 0, client.printed
        assert loaded_by(client) == loads(found)[client.name], client.printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_leaves_gives_the_member_back(
    murmur: Murmur, commands: Commands, language: str
) -> None:
    create(murmur, "p", "--population-size", "1")
    client = run(commands, language, murmur.url, "leaver", "0", "2")
    assert client.status == 0, client.printed
    assert client.lines("left"), client.printed
    found = events(murmur)
    assert len(reported(found)) == 2
    assert [each["reason"] for each in of_kind(found, "released")] == ["left"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_waits_goes_on_after_the_pause(
    murmur: Murmur, commands: Commands, language: str
) -> None:
    create(murmur, "p", "--population-size", "1", "--max-steps", "1")
    murmur.murmur("pause", "p")
    with running(commands, language, murmur.url, "patient") as client:
        output = client.process.stdout
        assert output is not None
        told = [output.readline() for _ in range(2)]
        assert told[1].startswith("wait milliseconds="), told
        murmur.murmur("resume", "p")
        client.end()
    assert client.status == 0, client.printed
    assert client.lines("stop"), client.printed
    assert len(reported(events(murmur))) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_lost_the_lease_joins_anew(murmur: Murmur, commands: Commands, language: str) -> None:
    create(murmur, "p", "--population-size", "1")
    with running(commands, language, murmur.url, "evicted", "100") as client:
        wait_until(lambda: reported(events(murmur)) != [], "it has reported")
        murmur.murmur("remove", "p", "0")
        client.end()
    assert client.status == 0, client.printed
    # It is told so when it joins anew.
    assert client.lines("stop"), client.printed
    found = events(murmur)
    assert [each["reason"] for each in of_kind(found, "released")] == ["removed"]
    assert sorted(
        (int(each["member"]), int(each["step"]), each["checkpoint"])
        for each in client.lines("report")
    ) == sorted(reported(found))


def test_who_declines_loads_what_it_is_told_then(murmur: Murmur, commands: Commands) -> None:
    size = ("--population-size", "2", "--min-population-size", "2")
    create(murmur, "p", *size, "--max-steps", "4")
    client = run(commands, "python", murmur.url, "decliner", "--decline")
    assert client.status == 0, client.printed
    declined = of_kind(events(murmur), "declined")
    assert [each["reason"] for each in declined] == ["It is made up."]
    told = client.lines("decline", "lease")
    place = [each["kind"] for each in told].index("decline")
    refused, given = told[place], told[place + 1]
    assert refused["member"] == given["member"] == str(declined[0]["member"])
    fallback = declined[0].get("exploit", {}).get("checkpoint", "-")
    assert given["load"] == fallback != refused["checkpoint"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_may_not_is_refused(idle: Murmur, commands: Commands, language: str) -> None:
    url, _ = access(idle, "invitation", ("--port", str(free_ports(3))))
    client = run(commands, language, url.replace("/p", "/other"), "guest")
    assert client.status == REFUSED
    assert f"Refused with {wire.Error.CODE_UNAUTHORIZED}" in client.printed
    damaged = url.replace("invited:", "invited:A")
    client = run(commands, language, damaged, "guest")
    assert client.status == USAGE
    assert "damaged" in client.printed


def test_the_exchange_in_the_documents_means_what_it_says() -> None:
    blocks = re.findall(r"^```\n(→.*?)^```$", EXCHANGE.read_text(), re.MULTILINE | re.DOTALL)
    messages = [message for block in blocks for message in block.strip().split("\n\n")]
    assert len(messages) > 10
    for message in messages:
        kind = wire.Request if message[0] == "→" else wire.Reply
        lines = message[1:].splitlines()
        is_bytes = [re.fullmatch(r" *[0-9a-f]+", line) is not None for line in lines]
        frame = "".join(
            line.strip() for line, is_hex in zip(lines, is_bytes, strict=True) if is_hex
        )
        text = "\n".join(line for line, is_hex in zip(lines, is_bytes, strict=True) if not is_hex)
        assert kind.FromString(bytes.fromhex(frame)) == text_format.Parse(text, kind()), message
