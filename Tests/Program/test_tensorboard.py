"""`murmur tensorboard`, read back with TensorBoard's own code."""

from __future__ import annotations

import json
import math
import signal
import sqlite3
import struct
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from program import Murmur, murmur_binary
from support.fixtures import QUICK
from support.waiting import wait_until
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import (
    api_pb2,
    backend_context,
    get_experiment,
    list_session_groups,
)

from murmuration import Worker

MEMBERS = 6
STEPS = 8
SPACE = f"""
population_size: {MEMBERS}
hyperparameters:
  rate: {{type: float, min: 0.0001, max: 0.1, scale: log}}
  layers: {{type: int, min: 1, max: 9}}
  kind: {{type: choice, values: [adam, sgd]}}
  warm: {{type: choice, values: [true, false]}}
"""
LIMIT_SECONDS = 30.0

Point = tuple[float, int, float]


@dataclass
class Reported:
    """What the journal has of one member."""

    scalars: dict[str, list[Point]] = field(default_factory=dict)
    # The last report's.
    hyperparameters: dict[str, Any] = field(default_factory=dict)

    def add(self, tag: str, seconds: float, step: int, value: float) -> None:
        self.scalars.setdefault(tag, []).append((seconds, step, single(value)))


def single(value: float) -> float:
    """The value as TensorBoard keeps it, in 32 bits."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def journal(murmur: Murmur, population: str) -> dict[str, Reported]:
    path = f"file:{murmur.data}/journal.sqlite?mode=ro"
    with closing(sqlite3.connect(path, uri=True)) as database:
        rows = database.execute(
            "SELECT member, time, step, score, hyperparameters, metrics FROM event"
            " WHERE kind = 'reported'"
            " AND population = (SELECT id FROM population WHERE name = ?) ORDER BY sequence",
            (population,),
        ).fetchall()
    members: dict[str, Reported] = {}
    for member, milliseconds, step, score, hyperparameters, metrics in rows:
        reported = members.setdefault(f"member-{member:04}", Reported())
        seconds = milliseconds / 1000
        reported.add("score", seconds, step, math.nan if score is None else score)
        for name, value in json.loads(metrics or "{}").items():
            reported.add(f"metrics/{name}", seconds, step, value)
        reported.hyperparameters = json.loads(hyperparameters)
        for name, value in reported.hyperparameters.items():
            if not isinstance(value, str):
                reported.add(f"hyperparameters/{name}", seconds, step, float(value))
    return members


def written(logdir: Path, population: str) -> dict[str, dict[str, list[Point]]]:
    """What TensorBoard reads of each member."""
    members = {}
    for run in sorted((logdir / population).glob("member-*")):
        accumulator = EventAccumulator(str(run), {"scalars": 0}).Reload()
        members[run.name] = {
            tag: [(point.wall_time, point.step, point.value) for point in accumulator.Scalars(tag)]
            for tag in accumulator.Tags()["scalars"]
        }
    return members


def assert_same(logdir: Path, murmur: Murmur, population: str) -> None:
    # Both print alike what is alike, NaN too, which equals nothing.
    expected = {name: each.scalars for name, each in journal(murmur, population).items()}
    assert repr(sorted_tags(written(logdir, population))) == repr(sorted_tags(expected))


def sorted_tags(members: dict[str, dict[str, list[Point]]]) -> list[tuple[str, Any]]:
    # Members without a report have a run all the same, for the HParams dashboard.
    return [(name, sorted(tags.items())) for name, tags in sorted(members.items()) if tags]


class HParams:
    """The backend of TensorBoard's HParams dashboard."""

    def __init__(self, logdir: Path) -> None:
        runs = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(str(logdir))
        provider = data_provider.MultiplexerDataProvider(runs.Reload(), str(logdir))
        self._context = backend_context.Context(TBContext(data_provider=provider))

    def experiment(self) -> Any:
        request = api_pb2.GetExperimentRequest()
        return get_experiment.Handler(RequestContext(), self._context, "", request).run()

    def groups(self) -> list[Any]:
        request = api_pb2.ListSessionGroupsRequest(
            slice_size=100,
            allowed_statuses=[api_pb2.STATUS_UNKNOWN, api_pb2.STATUS_SUCCESS],
        )
        handler = list_session_groups.Handler(RequestContext(), self._context, "", request)
        return list(handler.run().session_groups)


def create(murmur: Murmur, name: str, *options: str) -> None:
    space = murmur.data.parent / "space.yaml"
    space.write_text(SPACE)
    murmur.murmur("create", name, "--space", str(space), *options)


def train(url: str, population: str, reports: int = 1_000_000) -> None:
    with Worker(url, population, timing=QUICK) as worker:
        while worker.training and reports > 0:
            step = worker.target_step
            rate = float(worker.hyperparameters["rate"])
            score = math.nan if (worker.member, step) == (1, 3) else rate / step
            path = f"/checkpoints/{worker.member}/{step}"
            metrics = {"val/loss": 1 / 3 + step} if step % 2 else {}
            worker.report(step, score, checkpoint=path, metrics=metrics)
            reports -= 1


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Murmur]:
    """A coordinator whose population `p` has finished."""
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    data = tmp_path_factory.mktemp("tensorboard") / "data"
    data.mkdir(mode=0o700)
    running = Murmur(binary, data)
    running.start()
    try:
        create(running, "p", "--max-steps", str(STEPS))
        with ThreadPoolExecutor(3) as pool:
            for worker in [pool.submit(train, running.url, "p") for _ in range(3)]:
                worker.result(LIMIT_SECONDS)
        yield running
    finally:
        running.stop()


def test_scalars_are_the_journals(trained: Murmur, tmp_path: Path) -> None:
    said = trained.murmur("tensorboard", "p", "--logdir", str(tmp_path))
    members = journal(trained, "p")
    assert sorted(members) == [f"member-{number:04}" for number in range(MEMBERS)]
    reports = sum(len(each.scalars["score"]) for each in members.values())
    assert said == (
        f"Wrote {reports} reports of {MEMBERS} members to {tmp_path}/p;"
        f" look at them with tensorboard --logdir {tmp_path}.\n"
    )
    assert {tag for each in members.values() for tag in each.scalars} == {
        "score",
        "metrics/val/loss",
        "hyperparameters/rate",
        "hyperparameters/layers",
        "hyperparameters/warm",
    }
    assert any(math.isnan(point[2]) for point in members["member-0001"].scalars["score"])
    assert_same(tmp_path, trained, "p")


def test_hparams_has_a_session_for_each_member(trained: Murmur, tmp_path: Path) -> None:
    trained.murmur("tensorboard", "p", "--logdir", str(tmp_path))
    members = journal(trained, "p")
    hparams = HParams(tmp_path)
    experiment = hparams.experiment()
    assert {each.name: each.type for each in experiment.hparam_infos} == {
        "rate": api_pb2.DATA_TYPE_FLOAT64,
        "layers": api_pb2.DATA_TYPE_FLOAT64,
        "kind": api_pb2.DATA_TYPE_STRING,
        "warm": api_pb2.DATA_TYPE_BOOL,
    }
    assert [(each.name.tag, each.display_name) for each in experiment.metric_infos] == [
        ("score", ""),
        ("metrics/val/loss", "val/loss"),
        ("hyperparameters/rate", "rate now"),
        ("hyperparameters/layers", "layers now"),
        ("hyperparameters/warm", "warm now"),
    ]
    groups = hparams.groups()
    assert [group.name for group in groups] == [f"{name} (p)" for name in sorted(members)]
    for group, (name, member) in zip(groups, sorted(members.items()), strict=True):
        assert {
            key: getattr(value, value.WhichOneof("kind")) for key, value in group.hparams.items()
        } == member.hyperparameters
        values = {each.name.tag: each.value for each in group.metric_values}
        assert values == {tag: points[-1][2] for tag, points in member.scalars.items()}
        (session,) = group.sessions
        assert session.name == f"p/{name}"
        assert session.status == api_pb2.STATUS_SUCCESS
        assert session.start_time_secs < session.end_time_secs


def test_doing_it_again_doubles_nothing(trained: Murmur, tmp_path: Path) -> None:
    other = tmp_path / "p" / "member-0000" / "notes.txt"
    for _ in range(2):
        trained.murmur("tensorboard", "p", "--logdir", str(tmp_path))
        other.write_text("mine")
    trained.murmur("tensorboard", "p", "--logdir", str(tmp_path), "--once")
    assert other.read_text() == "mine"
    assert len(list(tmp_path.rglob("*.murmur"))) == 2 * MEMBERS + 1
    assert_same(tmp_path, trained, "p")


def test_only_the_best_members_are_written_when_told(trained: Murmur, tmp_path: Path) -> None:
    for members, count in (("all", MEMBERS), ("2", 2)):
        options = ["--url", trained.url, "--logdir", str(tmp_path), "--members", members]
        result = subprocess.run(
            [trained.binary, "tensorboard", "p", *options],
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
        assert result.returncode == 0, result.stderr
        assert f" of {count} members to " in result.stdout
    assert result.stderr == (
        f"Of {MEMBERS} members, only the 2 best are written; --members all writes all.\n"
    )
    board = trained.murmur("leaderboard", "p", "--json")
    best = [int(entry.get("member", 0)) for entry in json.loads(board)["entries"][:2]]
    members_written = written(tmp_path, "p")
    assert sorted(members_written) == sorted(f"member-{member:04}" for member in best)
    expected = journal(trained, "p")
    for name, tags in members_written.items():
        assert repr(sorted(tags.items())) == repr(sorted(expected[name].scalars.items()))


class Following:
    """A `murmur tensorboard` that goes on until it ends by itself or is told to."""

    def __init__(self, murmur: Murmur, population: str, logdir: Path) -> None:
        self.process = subprocess.Popen(
            [murmur.binary, "tensorboard", population, "--url", murmur.url, "--logdir", logdir],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def end(self, number: int | None = None) -> tuple[str, str]:
        if number is not None:
            self.process.send_signal(number)
        said, complained = self.process.communicate(timeout=LIMIT_SECONDS)
        assert self.process.returncode == 0, complained
        return said, complained

    def __enter__(self) -> Following:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def test_it_follows_until_every_member_has_finished(trained: Murmur, tmp_path: Path) -> None:
    create(trained, "live", "--max-steps", "3", "--population-size", "2")
    with Following(trained, "live", tmp_path) as following:
        assert following.line() == (
            f"Writing what happens in live to {tmp_path}/live until it ends, or Ctrl-C;"
            f" look at it with tensorboard --logdir {tmp_path}.\n"
        )
        assert {group.name for group in HParams(tmp_path).groups()} == {
            "member-0000 (live)",
            "member-0001 (live)",
        }
        train(trained.url, "live")
        said, complained = following.end()
    assert said.startswith("Wrote 6 reports of 2 members to ")
    assert complained == ""
    assert_same(tmp_path, trained, "live")


def scores_written(logdir: Path, population: str) -> int:
    return sum(len(each.get("score", [])) for each in written(logdir, population).values())


def test_it_follows_until_it_is_interrupted(trained: Murmur, tmp_path: Path) -> None:
    create(trained, "endless")
    with Following(trained, "endless", tmp_path) as following:
        following.line()
        train(trained.url, "endless", reports=2)
        wait_until(lambda: scores_written(tmp_path, "endless") == 2, "both reports are written")
        said, _ = following.end(signal.SIGINT)
    assert said.startswith(f"Wrote 2 reports of {MEMBERS} members to ")
    assert_same(tmp_path, trained, "endless")
    statuses = {group.sessions[0].status for group in HParams(tmp_path).groups()}
    assert statuses == {api_pb2.STATUS_UNKNOWN}


def test_two_populations_share_a_directory(trained: Murmur, tmp_path: Path) -> None:
    space = tmp_path / "other.csv"
    space.write_text("name,min,max,scale\nmomentum,0,1,linear\n")
    trained.murmur("create", "other", "--space", str(space), "--population-size", "2")
    for population in ("p", "other"):
        trained.murmur("tensorboard", population, "--logdir", str(tmp_path / "log"), "--once")
    with Worker(trained.url, "other", timing=QUICK) as worker:
        worker.report(worker.target_step, 1.0, checkpoint="/checkpoints/other")
    trained.murmur("tensorboard", "other", "--logdir", str(tmp_path / "log"), "--once")
    hparams = HParams(tmp_path / "log")
    # An experiment of either one would hide the other's.
    assert {each.name for each in hparams.experiment().hparam_infos} == {
        "rate",
        "layers",
        "kind",
        "warm",
        "momentum",
    }
    assert len(hparams.groups()) == MEMBERS + 2


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["p", "--logdir", "/dev/null/x"], 1, "The directory /dev/null/x/p cannot be made ("),
        (["none", "--logdir", "x"], 1, "There is no population 'none'"),
        (["p"], 64, "Missing expected argument '--logdir <dir>'"),
        (["p", "--logdir", ""], 64, "--logdir is empty"),
        (["p", "--logdir", "x", "--members", "0"], 64, "--members 0 is no number of members; use"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    trained: Murmur, options: list[str], code: int, sentence: str
) -> None:
    done = subprocess.run(
        [str(trained.binary), "tensorboard", *options, "--url", trained.url],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        cwd=trained.data.parent,
    )
    assert done.returncode == code
    assert done.stderr.startswith(f"Error: {sentence}")
    assert not (trained.data.parent / "x").exists()
