"""The client's machine does what recorded sessions say, which the Swift one is driven by too."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from support.repository import REPOSITORY

from murmuration._connection.call import Call
from murmuration._connection.machine import NEVER, Machine
from murmuration._connection.timing import Timing
from murmuration.errors import MurmurationError, error_from_wire
from murmuration.v1 import murmuration_pb2 as wire

SESSIONS = sorted((REPOSITORY / "Tests/Vectors/sessions").glob("*.json"))


class NotedCall(Call):
    """Notes how it ends among what the machine wants done."""

    def __init__(self, request: wire.Request, actions: list[dict[str, Any]]) -> None:
        super().__init__(request)
        self._actions = actions

    def end(self, outcome: wire.Reply | MurmurationError) -> None:
        super().end(outcome)
        if isinstance(outcome, wire.Reply):
            self._actions.append({"answered": self.id})
        else:
            self._actions.append({"refused": (self.id, type(outcome))})


class Player:
    """Tells a machine what a session says, and notes what it wants done."""

    def __init__(self, session: dict[str, Any]) -> None:
        keys = itertools.count(1)
        self.actions: list[dict[str, Any]] = []
        self.machine = Machine(
            self,
            Timing(**session["timing"]),
            client="",
            chance=lambda: float(session["chance"]),
            new_key=lambda: bytes([next(keys)]) * 16,
        )
        self._calls: dict[int, Call] = {}

    def play(self, step: dict[str, Any]) -> None:
        """One input, and what the time that it comes at makes due."""
        now = float(step["at"])
        self.actions.clear()
        self._put(step, now)
        if "give_up" not in step:
            # Sums of fractions are no fractions.
            self.machine.tick(now + 1e-9)

    def _put(self, step: dict[str, Any], now: float) -> None:
        machine = self.machine
        match step:
            case {"want": True}:
                machine.want()
            case {"ask": body}:
                request = ParseDict({**body, "id": machine.next_id()}, wire.Request())
                self._calls[request.id] = NotedCall(request, self.actions)
                machine.ask(self._calls[request.id])
            case {"give_up": number}:
                machine.give_up(self._calls.pop(number))
            case {"hold": held}:
                rejoin = ParseDict(held["rejoin"], wire.Join()) if "rejoin" in held else None
                machine.hold(int(held["token"]), rejoin, now)
            case {"forget": token}:
                machine.forget(int(token))
            case {"shaken_hands": True}:
                machine.shaken_hands(now)
            case {"handshake_failed": True}:
                machine.handshake_failed(now)
            case {"broke": True}:
                machine.broke(now)
            case {"reply": reply}:
                frame = ParseDict(reply, wire.Reply()).SerializeToString()
                machine.received(frame, now)
            case {"frame": digits}:
                machine.received(bytes.fromhex(digits), now)
            case {"connect_again": at}:
                machine.connect_again(float(at))
            case {"fail": True}:
                machine.fail(MurmurationError("The driver says so."))
            case {"tick": True}:
                pass
            case _:
                raise AssertionError(f"no input is known in {step}")

    # What the machine wants.

    def connect(self) -> None:
        self.actions.append({"connect": True})

    def disconnect(self) -> None:
        self.actions.append({"disconnect": True})

    def send(self, frame: bytes) -> None:
        request = wire.Request.FromString(frame)
        request.hello.client = ""
        self.actions.append({"send": request})

    def became_ready(self) -> None:
        self.actions.append({"ready": True})

    def unavailable(self, call: Call) -> None:
        self.actions.append({"unavailable": call.id})

    def unasked(self, reply: wire.Reply) -> None:
        self.actions.append({"unasked": True})

    def lease_gone(self, token: int, refusal: str | None) -> None:
        self.actions.append({"lease_gone": str(token)})

    def failed(self, error: MurmurationError) -> None:
        self.actions.append({"failed": True})


def wanted(action: dict[str, Any]) -> dict[str, Any]:
    """An action of a session, as the player notes it."""
    match action:
        case {"send": request}:
            sent = ParseDict(request, wire.Request())
            sent.hello.client = ""
            return {"send": sent}
        case {"refused": {"id": number, "code": name}}:
            error = ParseDict({"code": f"CODE_{name}"}, wire.Error())
            return {"refused": (number, type(error_from_wire(error)))}
        case {"refused": {"id": number}}:
            # By the driver's own error.
            return {"refused": (number, MurmurationError)}
    return action


def test_there_are_sessions() -> None:
    assert len(SESSIONS) >= 20


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_the_machine_does_what_a_session_says(path: Path) -> None:
    session = json.loads(path.read_text(encoding="utf-8"))
    player = Player(session)
    for number, step in enumerate(session["steps"], start=1):
        player.play(step)
        said = f"step {number}, {step}"
        assert player.actions == [wanted(each) for each in step["out"]], said
        if "due" in step:
            due = NEVER if step["due"] is None else float(step["due"])
            assert player.machine.due() == pytest.approx(due), said
