"""How `PBTServer` starts, watches and ends the program that serves."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import NoReturn

import pytest

from murmuration import InvalidError, PBTServer, ServerError, WeakKeyError

STRONG = "a-secret-of-22-letters"

# Stands for murmur: it notes how it was started, does what a test asks, and ends with its input.
STAND_IN = """#!/bin/sh
printf '%s\\n' "$@" >"$NOTES/arguments"
printf '%s' "${MURMUR_SECRET-none}" >"$NOTES/secret"
while [ $# -gt 0 ]; do
    [ "$1" = --data ] && data=$2
    shift
done
. "$NOTES/does"
echo "murmur://${MURMUR_SECRET+$MURMUR_SECRET@}127.0.0.1:7000" >"$data/url.new"
mv "$data/url.new" "$data/url"
cat >/dev/null
"""


class StandIn:
    """The notes of a program that stands for murmur."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes
        self.does("")

    def does(self, script: str) -> None:
        """What it does before it serves."""
        (self._notes / "does").write_text(script)

    @property
    def arguments(self) -> list[str]:
        return (self._notes / "arguments").read_text().splitlines()

    @property
    def secret(self) -> str:
        return (self._notes / "secret").read_text()

    def option(self, name: str) -> str:
        return self.arguments[self.arguments.index(name) + 1]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    binary = tmp_path / "murmur"
    binary.write_text(STAND_IN)
    binary.chmod(0o700)
    monkeypatch.setenv("MURMUR_BIN", str(binary))
    monkeypatch.setenv("NOTES", str(tmp_path))
    return StandIn(tmp_path)


def test_it_serves_the_population_that_its_clients_open(
    stand_in: StandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "run" / "data"
    with PBTServer(7000, STRONG, data=data) as server:
        assert (server.port, server.data) == (7000, data)
        assert server.url == f"murmur://{STRONG}@127.0.0.1:7000"
    binary = os.environ["MURMUR_BIN"]
    assert stand_in.arguments[:6] == ["hold-worker", "--grace", "10", "--", binary, "serve"]
    assert (stand_in.option("--open"), stand_in.option("--port")) == ("default", "7000")
    assert (stand_in.option("--host"), stand_in.option("--data")) == ("0.0.0.0", str(data))
    assert "--minimize" not in stand_in.arguments
    # The secret is in the environment, and nowhere where others can read it.
    assert stand_in.secret == STRONG
    assert not any(STRONG in argument for argument in stand_in.arguments)
    assert (data / "server.log").stat().st_mode & 0o077 == 0
    assert data.stat().st_mode & 0o077 == 0
    assert caplog.records == []


def test_arguments_may_be_given_by_position_and_the_directory_left_out(stand_in: StandIn) -> None:
    server = PBTServer(7000, b"secure", False)
    data = server.data
    assert data.is_dir()
    server.shut_down()
    server.shut_down()
    assert stand_in.arguments[-1] == "--minimize"
    assert (stand_in.option("--port"), stand_in.secret) == ("7000", "secure")
    # It was a temporary one.
    assert not data.exists()


@pytest.mark.parametrize(
    ("key", "why"), [(None, "it has no auth_key"), (b"secure", "too short for a network")]
)
def test_with_a_weak_key_other_machines_cannot_reach_it_and_are_told_how(
    key: bytes | None, why: str, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with PBTServer(0, key):
        assert stand_in.option("--host") == "127.0.0.1"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "Other machines cannot reach the server" in record.message
    assert why in record.message
    assert "make one of 22 characters with `murmur keys generate`" in record.message


def test_without_a_key_none_is_taken_from_the_environment(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MURMUR_SECRET", STRONG)
    with PBTServer(0) as server:
        assert server.url == "murmur://127.0.0.1:7000"
    assert stand_in.secret == "none"


@pytest.mark.parametrize("key", [None, "secure"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "a-name"])
def test_a_weak_key_is_refused_beyond_this_machine(
    key: str | None, host: str, stand_in: StandIn
) -> None:
    with pytest.raises(WeakKeyError, match="make one of 22 characters with `murmur keys generate`"):
        PBTServer(0, key, host=host)
    with pytest.raises(InvalidError, match="The auth_key is empty"):
        PBTServer(0, "", host=host)


@pytest.mark.parametrize(("key", "host"), [("secure", "127.0.0.2"), (STRONG, "192.0.2.1")])
def test_a_host_may_be_named(key: str, host: str, stand_in: StandIn) -> None:
    with PBTServer(0, key, host=host):
        assert stand_in.option("--host") == host


def test_the_address_of_an_earlier_server_is_not_taken_for_its_own(
    stand_in: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("murmur://127.0.0.1:1\n")
    with PBTServer(0, data=tmp_path) as server:
        assert server.port == 7000
    stand_in.does("exit 3")
    with pytest.raises(ServerError, match="said nothing and ended with code 3"):
        PBTServer(0, data=tmp_path)


def test_a_server_that_ends_at_once_says_why(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    stand_in.does("echo 'Error: Port 7000 is taken; choose another one with --port.'; exit 1")
    sentence = r"did not start: Port 7000 is taken; choose another one with port\."
    with pytest.raises(ServerError, match=sentence):
        PBTServer(7000)
    stand_in.does("echo 'Error: Unknown option.'; echo 'Usage: murmur'; exit 64")
    with pytest.raises(ServerError, match=r"did not start: Unknown option\."):
        PBTServer(7000)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_server_that_died_leaves_what_it_has_and_a_word(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    stand_in.does('(read _; kill $$) <"$NOTES/end" & echo "error: the disk is full"')
    os.mkfifo(tmp_path / "end")
    server = PBTServer(0, "secure", data=data)
    server.check()
    with (tmp_path / "end").open("w") as end:
        end.write("\n")
    server._process.wait(10)
    with pytest.raises(ServerError, match="has ended by itself: error: the disk is full"):
        server.check()
    caplog.clear()
    server.shut_down()
    assert caplog.messages == [
        f"The server had ended by itself, and what it left is in {data}; "
        "it said last: error: the disk is full"
    ]
    assert data.is_dir()


def test_a_program_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MURMUR_BIN", str(tmp_path / "absent"))
    with pytest.raises(ServerError, match=r"MURMUR_BIN names .*absent, which is not a program"):
        PBTServer(0)
    (tmp_path / "text").write_text("no program")
    monkeypatch.setenv("MURMUR_BIN", str(tmp_path / "text"))
    with pytest.raises(ServerError, match="is not a program: correct it, or unset it"):
        PBTServer(0)
    (tmp_path / "text").chmod(0o700)
    with pytest.raises(ServerError, match="cannot be started"):
        PBTServer(0)


def test_without_a_program_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> NoReturn:
        raise ServerError("It is not here: install it.")

    monkeypatch.setattr("murmuration._pbt_server.find_program", missing)
    with pytest.raises(ServerError, match="It is not here: install it"):
        PBTServer(0)


def test_a_directory_that_cannot_be_used_is_named(stand_in: StandIn, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerError, match=r"file cannot be used \(File exists\)"):
        PBTServer(0, data=tmp_path / "file")


def test_a_forked_child_does_not_end_the_server(stand_in: StandIn) -> None:
    with PBTServer(0) as server:
        child = os.fork()
        if child == 0:
            server.shut_down()
            os._exit(0)
        os.waitpid(child, 0)
        assert server._process.poll() is None
        assert server.data.is_dir()
