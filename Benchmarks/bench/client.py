"""A client that does what it is told and nothing else, which neither heartbeats nor asks again."""

from __future__ import annotations

import zmq

from bench.servers import BenchError
from murmuration._connection.address import Address
from murmuration.v1 import murmuration_pb2 as wire

#: Reports under way at most: a connection's queue at the coordinator holds the answers.
TOGETHER = 64
WAIT_MILLISECONDS = 20_000

SPACE = "hyperparameters:\n" + "".join(
    f"  {name}: {{type: float, min: 0.001, max: 1.0}}\n"
    for name in (
        "learning_rate",
        "momentum",
        "dropout",
        "weight_decay",
        "beta1",
        "beta2",
        "clip",
        "temperature",
    )
)


class Reporter:
    """One connection with leases, which reports for many at once, and takes every answer.

    Nothing is encrypted.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], url: str) -> None:
        address = Address.parse(url)
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.rcvtimeo = WAIT_MILLISECONDS
        self.socket.connect(f"tcp://{address.host}:{address.port}")
        self._id = 0
        self.leases: list[wire.Lease] = []
        self.sizes: dict[str, int] = {}

    def ask(self, body: str, message: object) -> wire.Reply:
        self._send(wire.Request(**{body: message}))  # type: ignore[arg-type]
        return self._receive()[0]

    def begin(self, members: int) -> None:
        """Makes a population, and takes all its members."""
        name = "counts"
        creation = wire.CreatePopulation(
            key=name.ljust(16).encode(),
            name=name,
            space=SPACE,
            source="space.yaml",
            population_size=members,
            seed=1,
        )
        self.ask("create_population", creation)
        for member in range(members):
            join = wire.Join(key=f"{member:016}".encode(), population=name, worker="counts")
            self.leases.append(self.ask("join", join).directive.lease)

    def report(self) -> None:
        """Each member reports a step, many before any is answered."""
        for first in range(0, len(self.leases), TOGETHER):
            self._report(self.leases[first : first + TOGETHER])

    def _report(self, leases: list[wire.Lease]) -> None:
        asked = {}
        for lease in leases:
            lease.sequence += 1
            report = wire.Report(
                lease=lease.token,
                sequence=lease.sequence,
                step=lease.target_step,
                # Equal from run to run, and of no other order than by member.
                score=lease.target_step / 8 + lease.member / 4096,
                checkpoint=f"/checkpoints/member-{lease.member:06}-{lease.target_step:010}-pt",
                effect=wire.EFFECT_APPLIED if lease.inherited else wire.EFFECT_UNSPECIFIED,
            )
            self._keep("report", self._send(wire.Request(report=report)))
            asked[self._id] = lease
        while asked:
            reply, size = self._receive()
            directive = reply.directive
            lease = asked.pop(reply.id)
            lease.inherited = directive.WhichOneof("outcome") == "exploit"
            if directive.WhichOneof("assignment") != "same":
                raise BenchError(f"A worker was not left with its member: {reply}")
            lease.target_step = directive.same.target_step
            if not lease.inherited and not directive.released:
                self._keep("go_on", size)

    def _keep(self, kind: str, size: int) -> None:
        self.sizes[kind] = max(self.sizes.get(kind, 0), size)

    def _send(self, request: wire.Request) -> int:
        self._id += 1
        request.id = self._id
        frame = request.SerializeToString()
        self.socket.send(frame)
        return len(frame)

    def _receive(self) -> tuple[wire.Reply, int]:
        try:
            frame = self.socket.recv()
        except zmq.Again:
            raise BenchError("The coordinator did not answer.") from None
        reply = wire.Reply.FromString(frame)
        if reply.WhichOneof("body") == "error":
            raise BenchError(f"The coordinator refused: {reply.error.message}")
        return reply, len(frame)
