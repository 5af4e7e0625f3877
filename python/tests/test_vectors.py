"""The wire as it was and is, for ever: `Tests/Vectors/wire`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from murmuration import errors
from murmuration._connection.frames import decode
from murmuration._values import leaderboard_from_wire
from murmuration.v1 import murmuration_pb2 as wire

FOLDER = Path(__file__).resolve().parents[2] / "Tests" / "Vectors" / "wire"
FILES = sorted(FOLDER.glob("*.json"))
AnyEnvelope = type[wire.Request] | type[wire.Reply] | type[wire.Broadcast]
ENVELOPES: dict[str, AnyEnvelope] = {
    "Request": wire.Request,
    "Reply": wire.Reply,
    "Broadcast": wire.Broadcast,
}
REFUSALS = {
    "LIMIT": errors.LimitError,
    "MALFORMED": errors.MalformedError,
    "UNSUPPORTED": errors.UnsupportedError,
}


def frame(vector: dict[str, Any]) -> bytes:
    found = bytes.fromhex(vector["hex"])
    again = vector.get("repeat")
    return found + bytes.fromhex(again["hex"]) * again["count"] if again else found


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_vectors_are_there() -> None:
    assert len(FILES) > 100, f"{FOLDER} holds the vectors of the wire"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_vector_means_what_it_says(path: Path) -> None:
    vector = read(path)
    kind = ENVELOPES[vector["message"]]
    if vector["meaning"] is None:
        with pytest.raises(REFUSALS[vector["error"]]):
            decode(kind, frame(vector))
        return
    message = decode(kind, frame(vector))
    expected = ParseDict(vector["meaning"], kind())
    assert MessageToDict(message) == MessageToDict(expected)
    # What this code writes, it reads back as the same.
    again = decode(kind, expected.SerializeToString())
    assert MessageToDict(again) == MessageToDict(expected)


def test_every_body_of_every_envelope_has_a_vector() -> None:
    for name, kind in ENVELOPES.items():
        seen = set()
        for path in FILES:
            vector = read(path)
            if vector["message"] == name and vector["meaning"] is not None:
                seen.add(ParseDict(vector["meaning"], kind()).WhichOneof("body"))
        assert seen == {field.name for field in kind.DESCRIPTOR.oneofs_by_name["body"].fields}


@pytest.mark.parametrize(
    "path", [path for path in FILES if "leaderboard" in path.stem], ids=lambda path: path.stem
)
def test_a_board_becomes_plain_values(path: Path) -> None:
    vector = read(path)
    if vector["message"] == "Request":
        return
    message = decode(ENVELOPES[vector["message"]], frame(vector))
    assert not isinstance(message, wire.Request)
    board = leaderboard_from_wire(message.leaderboard, message.epoch, message.committed)
    assert len(board.entries) == len(message.leaderboard.entries)
    assert board.population == message.leaderboard.population
    assert [entry.rank for entry in board.entries] == sorted(
        entry.rank for entry in message.leaderboard.entries
    )


def test_every_error_code_has_a_class_of_its_own() -> None:
    codes = [code for code in wire.Error.Code.values() if code != wire.Error.CODE_UNSPECIFIED]
    kinds = {
        type(errors.error_from_wire(wire.Error(code=wire.Error.Code.Name(code)))) for code in codes
    }
    assert len(kinds) == len(codes)
    assert errors.CoordinatorError not in kinds
