"""What others on the network see of a coordinator that encrypts: nothing that anybody said.

The same run without a secret shows that the search finds what is there to be found.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from capture import Stream, capturing
from program import Murmur
from support.fixtures import QUICK
from test_invitations import PATIENCE_SECONDS, invitation, token_of
from zmq.utils import z85

from bench.ports import free_ports
from murmuration import Administrator, Monitor, Worker
from murmuration._connection.curve import Keys
from murmuration._values import Value

SECRET = "a-secret-of-the-capture-0001"
POPULATION = "overheard-population"
SPACE = """
population_size: 2
max_steps: 1000
hyperparameters:
  overheard_rate: {type: float, min: 0.00012345678901, max: 0.098765432109, scale: log}
  overheard_count: {type: int, min: 1234567890123, max: 98765432109876}
  overheard_choice: {type: choice, values: [overheard-red, overheard-green]}
"""
SCORES = (0.7310585786300049, 0.8807970779778823, 0.9525741268224334, 0.9820137900379085)
METRIC, METRICS = "overheard_loss", (0.2689414213699951, 0.1192029220221177)
# Of what is sent at each port; handshakes alone are shorter.
LEAST_BYTES = 3000
PUBLISHED = {"population", "hyperparameter", "value", "checkpoint", "score"}
# The client's and the coordinator's names for them, with their lengths.
STEPS = {
    True: (b"\x05HELLO", b"\x08INITIATE", b"\x07MESSAGE"),
    False: (b"\x07WELCOME", b"\x05READY", b"\x07MESSAGE"),
}


@dataclass
class Secrets:
    """What was said, by what it is; the rest is what never travels, whoever listens."""

    said: dict[str, bytes] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)

    def say(self, what: str, value: Value) -> None:
        if isinstance(value, str):
            self.said[f"{what} {value}"] = value.encode()
        elif isinstance(value, int):
            self.said[f"{what} {value}"] = varint(2 * value)
        else:
            self.said[f"{what} {value}"] = struct.pack("<d", value)


def varint(number: int) -> bytes:
    """A number as messages have it; one that may be negative is doubled there."""
    groups = []
    while number:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups[-1] &= 0x7F
    return bytes(groups)


def encodings(value: bytes) -> Iterator[bytes]:
    """A value as it is, reversed, and as the texts that may hold it, also amid other bytes."""
    for each in (value, value[::-1]):
        yield each
        yield each.hex().encode()
        yield each.hex().upper().encode()
        for before in range(3):
            # The first and the last characters depend on what is beside it.
            text = base64.b64encode(bytes(before) + each)
            known = text[-(-8 * before // 6) : (before + len(each)) * 8 // 6]
            yield known
            yield known.translate(bytes.maketrans(b"+/", b"-_"))
        if len(each) % 4 == 0:
            yield z85.encode(each)


def found(values: dict[str, bytes], streams: list[Stream]) -> set[str]:
    """Those that are in a stream, in whichever encoding."""
    return {
        what
        for what, value in values.items()
        if any(each in stream.content for each in encodings(value) for stream in streams)
    }


def test_the_search_finds_a_value_in_each_encoding() -> None:
    value, other = (bytes([*range(1, 250, 8), last]) for last in (250, 5))

    def both(content: bytes) -> set[str]:
        return found({"value": value, "other": other}, [Stream(1, True, b"x" + content + b"x")])

    for encoded in encodings(value):
        assert both(encoded) == {"value"}, encoded
    for amid in (b"", b"x", b"xy", b"xyz"):
        assert both(base64.b64encode(amid + value + amid)) == {"value"}, amid
    assert both(value[:20]) == both(b"") == set()


@pytest.mark.parametrize("secret", [None, SECRET])
def test_what_is_said_is_not_seen(
    idle: Murmur, secret: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MURMUR_SECRET", raising=False)
    if secret is not None:
        monkeypatch.setenv("MURMUR_SECRET", secret)
    first = free_ports(3)
    ports = workers, broadcast, _ = (first, first + 1, first + 2)
    with capturing(tmp_path, ports) as capture:
        idle.start("--port", str(workers), *([] if secret is None else ["--invitations"]))
        secrets = run(idle, invites=secret is not None)
        idle.stop()
    streams = capture.streams()
    assert found(secrets.kept, streams) == set()
    at = {port: [each for each in streams if each.port == port] for port in ports}
    if secret is None:
        assert found(secrets.said, streams) == set(secrets.said)
        published = found(secrets.said, at[broadcast])
        assert {each.partition(" ")[0] for each in published} >= PUBLISHED
        assert {each.mechanism for each in streams} == {b"NULL"}
        return
    assert found(secrets.said, streams) == set()
    for each in streams:
        check_form(each)
    for port in ports:
        assert sum(len(each.content) for each in at[port]) > LEAST_BYTES, port


def check_form(stream: Stream) -> None:
    """All but the handshake's three steps is an encrypted message, also what libzmq says itself."""
    assert stream.mechanism == b"CURVE"
    steps = STEPS[stream.is_clients]
    for number, (is_command, body) in enumerate(stream.frames()):
        step = steps[min(number, len(steps) - 1)]
        assert body.startswith(step), (number, body[:20])
        assert is_command == (number < len(steps) - 1), (number, body[:20])


def run(murmur: Murmur, *, invites: bool) -> Secrets:
    """An administrator, and two workers and two monitors, of which one each may be invited."""
    secrets = Secrets(kept=shared_keys())
    url = murmur.url
    with ExitStack() as stack:
        administrator = stack.enter_context(Administrator(url, timing=QUICK))
        administrator.create_population(POPULATION, SPACE)
        secrets.say("population", POPULATION)
        invited = invite(murmur, administrator, secrets) if invites else (url, url)
        monitors = [
            stack.enter_context(Monitor(place, POPULATION, timeout=PATIENCE_SECONDS))
            for place in (url, invited[1])
        ]
        workers = []
        for number, place in enumerate((url, invited[0])):
            name = f"overheard-worker-{number}"
            secrets.say("worker", name)
            worker = Worker(place, POPULATION, name=name, timing=QUICK)
            workers.append(stack.enter_context(worker))
        for count, score in enumerate(SCORES, 1):
            for worker in workers:
                secrets.said[f"lease {token_of(worker)}"] = struct.pack("<Q", token_of(worker))
                report(worker, count, score, secrets)
            for monitor in monitors:
                assert next(board for board in monitor if board.summary.reports == 2 * count)
        assert len(list(administrator.history(POPULATION))) >= 2 * len(SCORES)
        assert administrator.leaderboard(POPULATION).best is not None
        assert POPULATION in murmur.murmur("leaderboard", POPULATION)
    return secrets


def invite(murmur: Murmur, administrator: Administrator, secrets: Secrets) -> tuple[str, str]:
    """A worker, by the package, and a monitor, by the command line."""
    worker = administrator.invite("worker", POPULATION, label="overheard-label")
    options = ("--role", "monitor", "--population", POPULATION, "--label", "overheard-too")
    monitor = murmur.murmur("invite", *options).strip()
    for label, url in (("overheard-label", worker), ("overheard-too", monitor)):
        secrets.say("label", label)
        secrets.said[f"public key of {label}"] = invitation(url).client_public
        secrets.kept[f"secret key of {label}"] = invitation(url).client_secret
        secrets.kept[f"coordinator's key for {label}"] = invitation(url).server_public
    assert len(administrator.keys()) == 2
    assert "overheard-too" in murmur.murmur("keys", "list")
    return worker, monitor


def shared_keys() -> dict[str, bytes]:
    keys = Keys.derive(SECRET)
    return {
        "shared secret": SECRET.encode(),
        "server's secret key": keys.server_secret,
        "server's public key": keys.server_public,
        "client's secret key": keys.client_secret,
        "client's public key": keys.client_public,
    }


def report(worker: Worker, count: int, score: float, secrets: Secrets) -> None:
    """A report, and all that it says."""
    for name, value in worker.hyperparameters.items():
        secrets.say("hyperparameter", name)
        secrets.say("value", value)
    checkpoint = f"/overheard/{worker.member}/{count}"
    metric = METRICS[count % len(METRICS)]
    worker.report(worker.target_step, score, checkpoint, {METRIC: metric})
    secrets.say("checkpoint", checkpoint)
    secrets.say("score", score)
    secrets.say("metric", METRIC)
    secrets.say("metric", metric)
