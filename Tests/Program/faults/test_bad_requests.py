"""Messages that are no requests, or bad ones: each is refused in words, and costs nobody else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import zmq
from live import complaints, living
from populations import create, journal
from program import Murmur
from seed import seeded
from vitals import log_lines, resident_megabytes

from murmuration._connection.address import Address
from murmuration._connection.curve import Keys
from murmuration._connection.sockets import secure
from murmuration.v1 import murmuration_pb2 as wire

MESSAGE_BYTES = 64 * 1024
CURVE_BYTES = 33
ANSWER_MILLISECONDS = 20_000
ROUNDS = 3
MEGABYTES = 8.0
KEY = bytes(range(16))

Code = wire.Error.Code
HELLO = wire.Request(id=7, hello=wire.Hello(min_version=1, max_version=1))
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def request(**body: Any) -> bytes:
    return wire.Request(id=7, **body).SerializeToString()


def creation(space: str) -> bytes:
    return request(
        create_population=wire.CreatePopulation(key=KEY, name="bad", space=space, source="bad.yaml")
    )


def padded(size: int) -> bytes:
    """A request of this many bytes, most of which no version knows."""
    head = b"\x08\x07" + b"\xfa\x3f"
    body = b"x" * (size - len(head) - 3)
    return head + bytes([len(body) & 127 | 128, len(body) >> 7 & 127 | 128, len(body) >> 14]) + body


BAD: dict[str, tuple[list[bytes], Code]] = {
    "an empty frame": ([b""], wire.Error.CODE_MALFORMED),
    "bytes of no message": ([b"\xff" * 50], wire.Error.CODE_MALFORMED),
    "a truncated request": ([HELLO.SerializeToString()[:-1]], wire.Error.CODE_MALFORMED),
    "no body": ([request()], wire.Error.CODE_MALFORMED),
    "an unknown body": ([b"\x08\x07\xfa\x3f\x01x"], wire.Error.CODE_UNSUPPORTED),
    "several frames": ([HELLO.SerializeToString()] * 100, wire.Error.CODE_MALFORMED),
    "a delimiter before it": ([b"", HELLO.SerializeToString()], wire.Error.CODE_MALFORMED),
    "as much as there may be": ([padded(MESSAGE_BYTES)], wire.Error.CODE_UNSUPPORTED),
    "another version": (
        [request(hello=wire.Hello(min_version=90, max_version=99))],
        wire.Error.CODE_UNSUPPORTED_VERSION,
    ),
    "a join without a key": ([request(join=wire.Join())], wire.Error.CODE_MALFORMED),
    "a join of no population": (
        [request(join=wire.Join(key=KEY, population="x" * 5000))],
        wire.Error.CODE_NO_POPULATION,
    ),
    "a report of nobody": ([request(report=wire.Report(lease=1))], wire.Error.CODE_UNKNOWN_LEASE),
    "a leave of nobody": (
        [request(leave=wire.Leave(key=KEY, lease=1))],
        wire.Error.CODE_UNKNOWN_LEASE,
    ),
    "too many leases": (
        [request(heartbeat=wire.Heartbeat(leases=range(5000)))],
        wire.Error.CODE_LIMIT,
    ),
    "a space that is nested too deep": ([creation("[" * 6_000)], wire.Error.CODE_INVALID),
    "a space of a billion laughs": ([creation(LAUGHS)], wire.Error.CODE_INVALID),
    "a space of nothing": ([creation("\0" * 1000)], wire.Error.CODE_INVALID),
}


@contextmanager
def dealer(murmur: Murmur, queue: int = 1000) -> Iterator[zmq.Socket[bytes]]:
    address = Address.parse(murmur.url)
    with zmq.Context() as context, context.socket(zmq.DEALER) as peer:
        secure(peer, None if address.secret is None else Keys.derive(address.secret))
        peer.setsockopt(zmq.LINGER, 0)
        peer.setsockopt(zmq.RCVHWM, queue)
        peer.setsockopt(zmq.RCVTIMEO, ANSWER_MILLISECONDS)
        peer.setsockopt(zmq.SNDTIMEO, ANSWER_MILLISECONDS)
        peer.connect(address.endpoint())
        yield peer


def answer(peer: zmq.Socket[bytes]) -> wire.Reply:
    return wire.Reply.FromString(peer.recv())


@pytest.mark.parametrize("secret", [None, "a-secret-of-the-faults-0001"])
def test_bad_requests_are_refused_in_words(murmur: Murmur, secret: str | None) -> None:
    if secret is not None:
        murmur.start_with_secret(secret)
    create(murmur, "p", "--population-size", "1")
    with dealer(murmur) as peer:
        for name, (frames, code) in BAD.items():
            peer.send_multipart(frames)
            reply = answer(peer)
            assert Code.Name(reply.error.code) == Code.Name(code), name
            assert reply.error.message.endswith("."), name
        # What is too long is told so up to twice the limit, encrypted or not.
        for size in (MESSAGE_BYTES + 1, 66_000, 2 * MESSAGE_BYTES):
            peer.send(padded(size))
            assert answer(peer).error.code == wire.Error.CODE_LIMIT
        # All that came over the same connection, which still serves.
        peer.send(HELLO.SerializeToString())
        assert answer(peer).HasField("welcome")
    murmur.check()


def test_two_that_share_a_lease_are_not_told_of_reports_that_are_not_recorded(
    murmur: Murmur,
) -> None:
    create(murmur, "p", "--population-size", "1")
    with dealer(murmur) as first:
        first.send(request(join=wire.Join(key=KEY, population="p")))
        lease = answer(first).directive.lease.token
        acknowledged = 0
        # The later connection.
        with dealer(murmur) as second:
            for sequence in range(1, 21):
                told = []
                for peer, score in ((first, 1.0), (second, 2.0)):
                    report = wire.Report(lease=lease, sequence=sequence, step=sequence, score=score)
                    peer.send(request(report=report))
                    reply = answer(peer)
                    acknowledged += reply.HasField("directive")
                    told.append(Code.Name(reply.error.code))
                # It takes the lease up, with another score than was recorded.
                assert told == (
                    ["CODE_UNSPECIFIED", "CODE_CONFLICT"]
                    if sequence == 1
                    else ["CODE_LEASE_LAPSED", "CODE_UNSPECIFIED"]
                )
    rows = journal(murmur, "SELECT score FROM event WHERE kind = 'reported' ORDER BY sequence")
    assert rows == [(1.0,), *[(2.0,)] * 19]
    assert acknowledged == len(rows)
    murmur.check()


def test_bad_reports_of_a_holder_change_nothing(murmur: Murmur) -> None:
    create(murmur, "p", "--population-size", "1")
    with dealer(murmur) as peer:
        peer.send(request(join=wire.Join(key=KEY, population="p")))
        token = answer(peer).directive.lease.token
        good = {"lease": token, "sequence": 1, "step": 1, "score": 1.0}
        twice = [wire.Metric(name="loss", value=1), wire.Metric(name="loss", value=2)]
        for bad in (
            {"score": None},
            {"sequence": 0},
            {"sequence": 9},
            {"effect": 77},
            {"checkpoint": "x" * 5000},
            {"metrics": twice},
            {"metrics": [wire.Metric(name=f"m{number}") for number in range(1025)]},
            {"metrics": [wire.Metric(name="a\nb", value=1)]},
            {"metrics": [wire.Metric(name="m" * 257, value=1)]},
            {"hyperparameters": [wire.Hyperparameter(name="rate")]},
            {"hyperparameters": [wire.Hyperparameter(name="x" * 9000)]},
        ):
            peer.send(request(report=good | bad))
            assert answer(peer).HasField("error"), bad
        peer.send(request(report=good))
        assert answer(peer).HasField("directive")
    assert journal(murmur, "SELECT count(*) FROM event WHERE kind = 'reported'") == [(1,)]
    murmur.check()


@pytest.mark.parametrize("secret", [None, "a-secret-of-the-faults-0001"])
def test_a_flood_of_garbage_disturbs_nobody(
    murmur: Murmur, secret: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    random = seeded()
    if secret is not None:
        murmur.start_with_secret(secret)
    create(murmur, "p", "--population-size", "6")
    with caplog.at_level(logging.INFO, "murmuration"), living(murmur) as live:
        live.go_on()
        lines = log_lines(murmur)
        megabytes = []
        for _ in range(ROUNDS):
            # One that never reads an answer, and one that is hung up on.
            with dealer(murmur, queue=1) as deaf, dealer(murmur) as large:
                for _ in range(700):
                    deaf.send_multipart(random.choice(list(BAD.values()))[0][:1])
                for _ in range(20):
                    deaf.send(random.randbytes(random.randrange(MESSAGE_BYTES)))
                    large.send(b"x" * (MESSAGE_BYTES + CURVE_BYTES + 1))
                live.go_on()
            megabytes.append(resident_megabytes(murmur))
    assert megabytes[-1] - megabytes[0] < MEGABYTES
    assert log_lines(murmur) - lines < 10
    assert complaints(caplog.messages) == []
