"""How a member reports to each of the coordinators, in the way that its users would."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Protocol

import zmq

from bench.against import manager
from bench.against.population import Saved, drawn, explored
from murmuration import Worker

ANSWER_SECONDS = 30


class Client(Protocol):
    """What to train next, and a way to say how it went."""

    @property
    def hyperparameters(self) -> Mapping[str, float]: ...

    @property
    def target_step(self) -> int: ...

    def report(self, score: float, checkpoint: str) -> bool:
        """Reports at the target step, and returns whether another member is copied."""


class MurmurationClient:
    """A worker of Murmuration."""

    def __init__(self, url: str, name: str) -> None:
        self._worker = Worker(url, name=name)

    @property
    def hyperparameters(self) -> Mapping[str, float]:
        found = self._worker.hyperparameters
        return {name: value for name, value in found.items() if not isinstance(value, str)}

    @property
    def target_step(self) -> int:
        return self._worker.target_step

    def report(self, score: float, checkpoint: str) -> bool:
        return self._worker.report(self.target_step, score, checkpoint=checkpoint).loads

    def __enter__(self) -> MurmurationClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._worker.leave()


class ManagerClient:
    """The calls of a PBTClient, to the manager's server."""

    def __init__(self, server: manager.Server, member: int) -> None:
        self._server = server
        self._member = member
        self._chance = random.Random(member)
        self.hyperparameters: Mapping[str, float] = drawn(self._chance)
        self.target_step = 1

    def report(self, score: float, checkpoint: str) -> bool:
        saved = Saved(self.target_step, score, dict(self.hyperparameters), checkpoint)
        self._server.save(self._member, saved)
        exploits = self._server.should_exploit(self._member)
        if exploits:
            donor = self._server.exploit(self._member)
            self.target_step = donor.step
            self.hyperparameters = explored(donor.hyperparameters, self._chance)
        self.target_step += 1
        return exploits


class RouterClient:
    """A DEALER that speaks JSON."""

    def __init__(self, dealer: zmq.Socket[bytes], member: int) -> None:
        self._dealer = dealer
        self._member = member
        self.hyperparameters: Mapping[str, float] = drawn(random.Random(member))
        self.target_step = 1

    def report(self, score: float, checkpoint: str) -> bool:
        report = {
            "member": self._member,
            "step": self.target_step,
            "score": score,
            "hyperparameters": self.hyperparameters,
            "checkpoint": checkpoint,
        }
        self._dealer.send(json.dumps(report).encode())
        answer = json.loads(self._dealer.recv())
        exploits: bool = answer["action"] == "exploit"
        if exploits:
            self.target_step = answer["step"]
            self.hyperparameters = answer["hyperparameters"]
        self.target_step += 1
        return exploits


def joined(contender: str, address: str, key: str, member: int, stack: ExitStack) -> Client:
    """A member's connection to a coordinator, which is closed with the stack."""
    match contender:
        case "murmuration":
            return stack.enter_context(MurmurationClient(address, f"member-{member}"))
        case "manager":
            return ManagerClient(manager.connected(address, key), member)
        case "router":
            context: AbstractContextManager[zmq.Context[zmq.Socket[bytes]]] = zmq.Context()
            dealer = stack.enter_context(stack.enter_context(context).socket(zmq.DEALER))
            dealer.rcvtimeo = ANSWER_SECONDS * 1000
            dealer.linger = 0
            dealer.connect(address)
            return RouterClient(dealer, member)
    raise ValueError(f"no client is written for {contender!r}")
