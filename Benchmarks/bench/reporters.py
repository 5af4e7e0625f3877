"""A process that trains nothing and reports: with the Python client, or with a bare DEALER.

    python -m bench.reporters client|dealer URL REPORTS

It prints what a report took. The bare DEALER is the least that a client in Python does: it encodes
a report, sends it, waits, and decodes the answer. It neither heartbeats nor asks again.
"""

from __future__ import annotations

import json
import resource
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import zmq

from murmuration import Worker
from murmuration._connection.address import Address
from murmuration.v1 import murmuration_pb2 as wire

KINDS = ("client", "dealer")

_WARM_UP = 200
_WAIT_MILLISECONDS = 20_000
_SCORE = 0.5

#: Reports once, with the checkpoint's address.
Report = Callable[[str], None]


@dataclass(frozen=True)
class Taken:
    """What a report took of the process, all its threads together."""

    cpu: float
    """Microseconds on processors."""
    switches: float
    """How often a thread waited."""
    seconds: float
    """From one report to the next, with the coordinator's part."""


def main() -> None:
    kind, url, reports = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with _client(url) if kind == "client" else _dealer(url) as report:
        for number in range(_WARM_UP):
            report(_address(number))
        before, start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        for number in range(reports):
            report(_address(_WARM_UP + number))
        seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    switches = after.ru_nvcsw - before.ru_nvcsw
    print(json.dumps(asdict(Taken(1e6 * cpu / reports, switches / reports, seconds / reports))))


def _address(report: int) -> str:
    return f"/checkpoints/member-000001-{report:010}-pt"


@contextmanager
def _client(url: str) -> Iterator[Report]:
    with Worker(url, name="client") as worker:

        def report(checkpoint: str) -> None:
            worker.report(worker.target_step, _SCORE, checkpoint=checkpoint)

        yield report


@contextmanager
def _dealer(url: str) -> Iterator[Report]:
    address = Address.parse(url)
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.rcvtimeo = _WAIT_MILLISECONDS
        dealer.connect(f"tcp://{address.host}:{address.port}")

        def ask(request: wire.Request) -> wire.Reply:
            dealer.send(request.SerializeToString())
            return wire.Reply.FromString(dealer.recv())

        join = wire.Join(
            key=secrets.token_bytes(16), population=address.population or "", worker="dealer"
        )
        lease = ask(wire.Request(id=1, join=join)).directive.lease

        def report(checkpoint: str) -> None:
            lease.sequence += 1
            said = wire.Report(
                lease=lease.token,
                sequence=lease.sequence,
                step=lease.target_step,
                score=_SCORE,
                checkpoint=checkpoint,
            )
            reply = ask(wire.Request(id=lease.sequence + 1, report=said))
            lease.target_step = reply.directive.same.target_step

        yield report


if __name__ == "__main__":
    main()
