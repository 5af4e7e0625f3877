"""A worker in Python, written from docs/wire alone, with pyzmq and protobuf.

    protoc -I proto --python_out=generated proto/murmuration/v1/murmuration.proto
    PYTHONPATH=generated python client.py [--decline] ADDRESS NAME [MILLISECONDS [REPORTS]]

It trains nothing: a step takes MILLISECONDS (0), its score is made up, and its checkpoints are
names of files that nobody writes. After REPORTS reports it leaves; without them it goes on until it
is told to stop. With --decline it declines the first checkpoint that it is to load, as if it could
not read that. It prints a line for each thing that it is told. It exits with 0 after a stop or
after leaving, 1 when it is refused, 2 when it is called wrongly, and 3 when nobody answers.
"""

from __future__ import annotations

import argparse
import secrets
import time

from address import REFUSED, Address, die
from connection import Connection, is_over, refuse, tell

from murmuration.v1 import murmuration_pb2 as wire

FAREWELL = 3.0


def key() -> bytes:
    return secrets.token_bytes(16)


class Worker:
    """Trains one member after the other."""

    def __init__(self, connection: Connection, name: str, *, declines: bool) -> None:
        self.connection = connection
        self.name = name
        self.declines = declines
        # The one that is trained, or was trained last; `held` says whether it is held.
        self.lease = wire.Lease()
        self.held = False
        self.is_stopped = False
        self.released: list[int] = []
        self.heartbeats = self.reports = 0

    def join(self, lease: int = 0) -> None:
        """Asks for a member, or where the lease stands that is named; follows what it is told."""
        self.held = False
        join = wire.Join(key=key(), population=self.connection.address.population, worker=self.name)
        if lease:
            join.lease = lease
        else:
            join.former = self.lease.token
        reply = self.connection.ask(wire.Request(join=join))
        if not is_over(reply):
            self.follow(reply)

    def follow(self, reply: wire.Reply) -> None:
        if not reply.HasField("directive"):
            refuse(reply)
        directive = reply.directive
        # This client deletes nothing, and says so at once.
        self.released += [release.number for release in directive.released]
        assignment = directive.WhichOneof("assignment")
        if assignment == "same":
            self.lease.target_step = directive.same.target_step
            if directive.HasField("exploit"):
                self.take_over(directive.exploit)
            else:
                tell(f"same member={self.lease.member} target={self.lease.target_step}")
        elif assignment == "lease":
            self.lease = directive.lease
            self.held = True
            self.told("lease")
        elif assignment == "wait":
            self.held = False
            tell(f"wait milliseconds={directive.wait.milliseconds}")
            time.sleep(directive.wait.milliseconds / 1000)
        elif assignment == "stop":
            self.held, self.is_stopped = False, True
            tell(f"stop {directive.stop.reason}")
        else:
            die(REFUSED, "The directive has no assignment that this client knows.")

    def take_over(self, exploit: wire.Exploit) -> None:
        """The member became its donor, and is trained on under the same lease."""
        self.lease.step = exploit.step
        self.lease.checkpoint = exploit.checkpoint
        self.lease.inherited = True
        del self.lease.hyperparameters[:]
        self.lease.hyperparameters.extend(exploit.hyperparameters)
        self.told("exploit")

    def told(self, what: str) -> None:
        lease = self.lease
        values = [
            f"{each.name}={getattr(each.value, each.value.WhichOneof('kind') or 'number')}"
            for each in lease.hyperparameters
        ]
        load = f"load={lease.checkpoint or '-'}"
        numbers = f"member={lease.member} step={lease.step} target={lease.target_step}"
        tell(what, numbers, load, *values)

    def train(self, seconds: float) -> bool:
        """Lets time pass, with heartbeats in between; False when the lease is gone."""
        connection, end = self.connection, time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            due = connection.sent + connection.heartbeat_interval
            if now >= due:
                connection.send(wire.Request(heartbeat=wire.Heartbeat(leases=[self.lease.token])))
                connection.sent = now
                self.heartbeats += 1
                continue
            reply = connection.receive(min(end, due) - now)
            if reply is not None and self.lease.token in reply.alive.gone:
                return False
        return True

    def report(self) -> None:
        lease = self.lease
        # A random part, so that no address is ever used again.
        place = f"{lease.member}-{lease.target_step}-{secrets.token_hex(8)}"
        report = wire.Report(
            lease=lease.token,
            sequence=lease.sequence + 1,
            step=lease.target_step,
            score=(lease.member * 31 + lease.target_step * 17) % 97,
            checkpoint=f"/made-up/{self.name}/{place}",
            effect=wire.EFFECT_APPLIED if lease.inherited else wire.EFFECT_UNSPECIFIED,
            released=self.released,
        )
        reply = self.connection.ask(wire.Request(report=report))
        if is_over(reply):
            self.held = False
        elif reply.error.code == wire.Error.CODE_STALE_SEQUENCE:
            self.join(lease.token)
        elif reply.HasField("error"):
            refuse(reply)
        else:
            tell(
                f"report member={lease.member} sequence={report.sequence} step={report.step} "
                f"checkpoint={report.checkpoint}"
            )
            self.reports += 1
            lease.sequence, lease.step = report.sequence, report.step
            # It had a checkpoint, so that the member is itself again.
            lease.inherited = False
            self.released = []
            self.follow(reply)

    def decline(self) -> None:
        tell(f"decline member={self.lease.member} checkpoint={self.lease.checkpoint}")
        self.declines = False
        decline = wire.Decline(key=key(), lease=self.lease.token, reason="It is made up.")
        reply = self.connection.ask(wire.Request(decline=decline))
        if is_over(reply):
            self.held = False
        else:
            self.follow(reply)

    def leave(self) -> None:
        leave = wire.Leave(key=key(), lease=self.lease.token)
        # Without an answer the lease lapses by itself.
        reply = self.connection.ask_within(FAREWELL, wire.Request(leave=leave))
        if reply is not None and reply.HasField("left"):
            tell(f"left member={self.lease.member}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("name")
    parser.add_argument("milliseconds", type=int, nargs="?", default=0)
    parser.add_argument("reports", type=int, nargs="?")
    parser.add_argument("--decline", action="store_true")
    told = parser.parse_args()
    worker = Worker(Connection(Address(told.address)), told.name, declines=told.decline)
    while not worker.is_stopped and (told.reports is None or worker.reports < told.reports):
        steps = worker.lease.target_step - worker.lease.step
        if not worker.held:
            worker.join()
        elif worker.declines and worker.lease.checkpoint:
            worker.decline()
        elif not worker.train(steps * told.milliseconds / 1000):
            tell(f"gone member={worker.lease.member}")
            worker.held = False
        else:
            worker.report()
    if worker.held:
        worker.leave()
    tell(f"end reports={worker.reports} heartbeats={worker.heartbeats}")
    worker.connection.dealer.close()
    worker.connection.context.term()


if __name__ == "__main__":
    main()
