"""`PBTServer` and `PBTClient` with the real program: what they say is what the journal has."""

from __future__ import annotations

import argparse
import json
import signal
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from program import Murmur, murmur_binary
from support.fixtures import QUICK
from support.waiting import wait_until

import murmuration
from bench.ports import free_ports
from murmuration import (
    Monitor,
    NothingToTrainError,
    PBTServer,
    ServerError,
    SpaceMismatchError,
    Value,
)
from murmuration._connection.address import Address
from murmuration._connection.connection import Connection
from murmuration._connection.curve import Keys
from murmuration._connection.sockets import new_key
from murmuration._paths import AnyPath
from murmuration.v1 import murmuration_pb2 as wire

KEY = "a-secret-of-22-letters"
SPACE = "name,min,max,scale\nlr,0.0001,0.1,log\nweight_decay,0.01,0.5,linear\n"
SPACE_AS_YAML = """
hyperparameters:
  lr: {type: float, min: 0.0001, max: 0.1, scale: log}
  weight_decay: {type: float, min: 0.01, max: 0.5}
"""
MEMBERS = 10
EPOCHS = 6
PATIENCE_SECONDS = 20.0


@dataclass
class Note:
    """What one save said, and what the client said after it."""

    member: int
    path: str
    metric: float
    in_effect: dict[str, Value]
    told: bool = False
    exploited: tuple[str | None, dict[str, Value]] | None = None
    explored: tuple[str | None, dict[str, Value]] | None = None


class PBTClient(murmuration.PBTClient):
    """The client, which notes what its calls return."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.notes: list[Note] = []

    def save(
        self,
        parameters_path: AnyPath,
        metric_value: Any,
        *,
        timeout: float | None = None,
    ) -> None:
        in_effect = self.hyperparameters()
        super().save(parameters_path, metric_value, timeout=timeout)
        path = self.parameters_path()
        assert path is not None
        self.notes.append(Note(self.member, path, metric_value, in_effect, self.should_exploit()))

    def exploit(self) -> None:
        super().exploit()
        self.notes[-1].exploited = (self.parameters_path(), self.hyperparameters())

    def explore(self) -> None:
        super().explore()
        self.notes[-1].explored = (self.parameters_path(), self.hyperparameters())


@dataclass
class Model:
    """Trains from a checkpoint that others can read."""

    quality: float
    is_training: bool = False

    def train(self) -> None:
        self.is_training = True


@dataclass
class Optimizer:
    loaded: list[str] = field(default_factory=list)


def load_model(path: str | None, gpu_ids: list[int]) -> Model:
    assert path is not None
    return Model(float(Path(path).read_text()))


def load_optimizer(path: str | None, gpu_ids: list[int], optimizer: Optimizer) -> None:
    assert path is not None
    optimizer.loaded.append(path)


def train(args: argparse.Namespace, number: int) -> list[Note]:
    """The training loop as users of such a client write it."""
    gpu_ids = args.gpu_ids
    model, optimizer = Model(quality=number), Optimizer()
    pbt_client = PBTClient(
        args.pbt_server_url, args.pbt_server_port, args.pbt_server_key, args.pbt_config_path
    )
    with pbt_client:
        for epoch in range(EPOCHS):
            # No two models score the same.
            model.quality += 0.01 + number * 1e-6
            metric_val = model.quality if args.maximize_metric else -model.quality
            ckpt_path = args.directory / f"{number}-{epoch}"
            ckpt_path.write_text(str(model.quality))

            pbt_client.save(ckpt_path, metric_val)
            if pbt_client.should_exploit():
                # Exploit
                pbt_client.exploit()

                # Load model and optimizer parameters from exploited network
                model = load_model(pbt_client.parameters_path(), args.gpu_ids)
                model.train()
                load_optimizer(pbt_client.parameters_path(), gpu_ids, optimizer)

                # Explore
                pbt_client.explore()
    assert optimizer.loaded == [
        note.exploited[0] for note in pbt_client.notes if note.exploited is not None
    ]
    return pbt_client.notes


@pytest.fixture(autouse=True)
def _binary(monkeypatch: pytest.MonkeyPatch) -> None:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    monkeypatch.setenv("MURMUR_BIN", str(binary))


@pytest.fixture
def space(tmp_path: Path) -> Path:
    path = tmp_path / "space.csv"
    path.write_text(SPACE)
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PBTServer]:
    with PBTServer(0, KEY, data=tmp_path / "data", host="127.0.0.1") as serving:
        yield serving


def journal(data: Path, sql: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{data}/journal.sqlite?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql)]


def reported(data: Path) -> dict[str, dict[str, Any]]:
    """The reports in the journal by their checkpoints; each save was recorded once."""
    rows = journal(data, "SELECT * FROM event WHERE kind = 'reported' ORDER BY sequence")
    assert max(Counter(row["checkpoint"] for row in rows).values()) == 1
    for row in rows:
        for name in ("hyperparameters", "donor_hyperparameters", "explored"):
            row[name] = row[name] and json.loads(row[name])
    return {row["checkpoint"]: row for row in rows}


@pytest.mark.parametrize("maximize", [True, False])
def test_the_training_loop_does_what_the_journal_says(
    maximize: bool, space: Path, tmp_path: Path
) -> None:
    port = free_ports(2)
    args = argparse.Namespace(
        port=port,
        auth_key=KEY,
        maximize_metric=maximize,
        pbt_server_url="localhost",
        pbt_server_port=port,
        pbt_server_key=KEY,
        pbt_config_path=str(space),
        gpu_ids=[0],
        directory=tmp_path,
    )
    server = PBTServer(args.port, args.auth_key, args.maximize_metric)
    data = server.data
    # Once for all threads, which would each do it otherwise.
    Keys.derive(KEY)
    with ThreadPoolExecutor(MEMBERS) as pool:
        trained = list(pool.map(lambda number: train(args, number), range(MEMBERS)))
    rows = reported(data)
    server.shut_down()
    assert not data.exists()

    notes = [note for notes in trained for note in notes]
    assert rows.keys() == {note.path for note in notes}
    # Everyone was a member of its own to the end.
    assert [len({note.member for note in notes}) for notes in trained] == [1] * MEMBERS
    assert {note.member for note in notes} == set(range(MEMBERS))
    for note in notes:
        row = rows[note.path]
        assert (row["member"], row["score"], row["declined"]) == (note.member, note.metric, 0)
        assert row["hyperparameters"] == note.in_effect
        assert note.told == (row["donor"] is not None)
    exploits = [check_exploits(notes, rows, maximize=maximize) for notes in trained]
    assert sum(exploits) > 0


def check_exploits(notes: list[Note], rows: dict[str, dict[str, Any]], *, maximize: bool) -> int:
    """Checks a client's exploits and steps against the journal; returns how many there were."""
    step = 0
    for number, note in enumerate(notes):
        row = rows[note.path]
        step += 1
        assert row["step"] == step
        if not note.told:
            assert note.exploited is note.explored is None
            continue
        better = row["donor_score"] > note.metric if maximize else row["donor_score"] < note.metric
        assert better
        assert row["donor"] != note.member
        assert note.exploited == (row["donor_checkpoint"], row["donor_hyperparameters"])
        assert note.explored == (row["donor_checkpoint"], row["explored"])
        assert row["donor_checkpoint"] in rows
        assert all(row["explored"][name] != old for name, old in note.exploited[1].items())
        step = row["donor_step"]
        if number + 1 < len(notes):
            assert notes[number + 1].in_effect == note.explored[1]
    return sum(note.told for note in notes)


def connect(server: PBTServer, space: Path) -> PBTClient:
    return PBTClient(server.url, config_path=space, timing=QUICK)


def test_what_clients_do_with_an_exploit_is_recorded(server: PBTServer, space: Path) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(server, space)) for _ in range(MEMBERS)]
        # The worst save last, and each of the others was the best when it did.
        for number in (*range(2, MEMBERS), 1, 0):
            clients[number].save(f"/{number}/1", number)
        told = [client.should_exploit() for client in clients]
        assert told == [True, True] + [False] * 8
        declining, keeping = clients[:2]
        own = declining.hyperparameters()

        keeping.exploit()
        keeping.save("/1/2", 0.5)
        donors = reported(server.data)["/1/1"]
        assert keeping.hyperparameters() == donors["donor_hyperparameters"]

        declining.save("/0/2", 0.25)
        assert declining.hyperparameters() == own
        assert declining.should_exploit()

        declining.set_hyperparameter("lr", 2)
        declining.exploit()
        declining.explore()
        in_effect = declining.hyperparameters()
        declining.save("/0/3", 0.75)
    rows = reported(server.data)
    assert (rows["/1/2"]["step"], rows["/1/2"]["declined"]) == (donors["donor_step"] + 1, 0)
    assert rows["/1/2"]["hyperparameters"] == donors["donor_hyperparameters"]
    assert donors["explored"] != donors["donor_hyperparameters"]
    assert (rows["/0/2"]["step"], rows["/0/2"]["declined"]) == (2, 1)
    assert rows["/0/2"]["hyperparameters"] == rows["/0/1"]["hyperparameters"] == own
    # A value that was set may leave the space, and wins over what was explored.
    explored = rows["/0/2"]["explored"]
    assert in_effect == {**explored, "lr": 2.0}
    assert rows["/0/3"]["hyperparameters"] == in_effect
    assert rows["/0/3"]["declined"] == 0
    left = journal(server.data, "SELECT detail FROM event WHERE kind = 'released'")
    assert [row["detail"] for row in left] == ["left"] * MEMBERS


def test_another_space_is_refused_and_the_same_one_in_yaml_is_not(
    server: PBTServer, space: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(SPACE.replace("0.5", "0.6"))
    yaml = tmp_path / "space.yaml"
    yaml.write_text(SPACE_AS_YAML)
    with connect(server, space) as first, connect(server, yaml) as second:
        assert (first.member, second.member) == (0, 1)
        assert first.hyperparameters().keys() == second.hyperparameters().keys()
        with pytest.raises(SpaceMismatchError, match="search space is not the one of 'default'"):
            connect(server, wrong)


@pytest.mark.alone
def test_a_client_whose_lease_lapsed_gets_its_member_again(murmur: Murmur, space: Path) -> None:
    murmur.stop()
    murmur.start(*("--port", "0", "--open", "default", "--lease", "0.4s", "--heartbeat", "0.3s"))

    def lapsed() -> int:
        sql = "SELECT 1 FROM event WHERE kind = 'released' AND detail = 'lapsed'"
        return len(journal(murmur.data, sql))

    with PBTClient(murmur.url, config_path=space, timing=QUICK) as client:
        # Nothing was saved, so the member has nothing but what the client saves now.
        own = client.hyperparameters()
        client._worker._connection.hold(0)
        wait_until(lambda: lapsed() == 1, "a lease lapses")
        client.save("/1", 1)
        assert (client.member, client.should_exploit()) == (0, False)
        client.save("/2", 2)
        client._worker._connection.hold(0)
        wait_until(lambda: lapsed() == 2, "another lease lapses")
        client.save("/3", 3)
        assert (client.member, client.should_exploit()) == (0, True)
        client.exploit()
        assert (client.parameters_path(), client.hyperparameters()) == ("/2", own)
        client.explore()
        client.save("/4", 4)
    rows = reported(murmur.data)
    assert [(row["checkpoint"], row["step"]) for row in rows.values()] == [
        ("/1", 1),
        ("/2", 2),
        ("/4", 3),
    ]
    assert journal(murmur.data, "SELECT count(*) AS members FROM member") == [{"members": 1}]


def test_a_pause_holds_a_save_and_an_end_is_raised_at_the_next_one(
    server: PBTServer, space: Path
) -> None:
    administrator = Connection(Address.parse(server.url), QUICK)

    def change(**changed: Any) -> None:
        message = wire.ChangePopulation(key=new_key(), population="default", **changed)
        administrator.call(wire.Request(change_population=message), PATIENCE_SECONDS)

    def released(reason: str) -> bool:
        rows = journal(server.data, "SELECT detail FROM event WHERE kind = 'released'")
        return reason in [row["detail"] for row in rows]

    with closing(administrator), connect(server, space) as client, ThreadPoolExecutor(1) as pool:
        client.save("/1", 1)
        change(pause=wire.Pause())
        saving = pool.submit(client.save, "/2", 2)
        wait_until(lambda: released("paused"), "it waits, for the pause")
        change(resume=wire.Resume())
        saving.result(PATIENCE_SECONDS)
        assert (client.member, client.should_exploit()) == (0, False)
        client.save("/3", 3)
        change(end=wire.End())
        client.save("/4", 4)
        with pytest.raises(NothingToTrainError):
            client.save("/5", 5)
    assert [row["step"] for row in reported(server.data).values()] == [1, 2, 3, 4]


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"did not start: Port {port} is taken"):
            PBTServer(port, data=tmp_path / "data")


def test_the_board_is_broadcast_at_the_next_port(space: Path) -> None:
    port = free_ports(2)
    with PBTServer(port, KEY) as server, connect(server, space) as client:
        client.save("/1", 0.5)
        with closing(Connection(Address.parse(server.url))) as connection:
            assert connection.broadcast_port == port + 1
        with Monitor(server.url, "default") as monitor:
            assert next(iter(monitor)).summary.members == 1


PARENT = """
import sys
from murmuration import PBTServer
server = PBTServer(0, data=sys.argv[1])
print(server.port, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("is_killed", [True, False])
def test_the_server_ends_with_the_program_that_made_it(is_killed: bool, tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = [sys.executable, "-c", PARENT, str(data)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        port = int(parent.stdout.readline())
        assert (data / "url").exists()
        if is_killed:
            parent.send_signal(signal.SIGKILL)
        else:
            parent.stdin.close()
        parent.wait(PATIENCE_SECONDS)
    # The server removes its address when it ends, and then closes its port.
    wait_until(lambda: not (data / "url").exists(), "the address is gone")
    wait_until(lambda: not is_open(port), "the port is closed")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
