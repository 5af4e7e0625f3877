"""Checkpoints that are deleted under the workers of the real coordinator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from program import Murmur
from support.fixtures import QUICK
from support.waiting import wait_until

from murmuration import Administrator, PBTClient, Worker, restored, writing
from murmuration.events import Declined

SPACE = "name,min,max,scale\nrate,0.001,1,log\n"
SECONDS = 60.0


def create(murmur: Murmur, *options: str) -> None:
    space = murmur.data.parent / "space.csv"
    space.write_text(SPACE)
    murmur.murmur("create", "p", "--space", str(space), "--fraction", "0", *options)


def train(worker: Worker, times: int, score: float) -> None:
    """Reports real files, each with the steps that its line of descent trained."""
    for _ in range(times):
        step = worker.target_step
        path = worker.checkpoint_path(".txt")
        with writing(path) as temporary:
            temporary.write_text(f"member {worker.member} at step {step}")
        worker.report(step, score + step / 100, checkpoint=path)


def load(path: str) -> str:
    return Path(path).read_text()


def fresh() -> str:
    return "fresh"


@pytest.fixture
def trained(murmur: Murmur, tmp_path: Path) -> Path:
    """Two members that have trained, the better one 3 steps and the other one 2; the directory of
    their checkpoints."""
    checkpoints = tmp_path / "checkpoints"
    create(murmur, "--population-size", "2")
    for times, score in ((3, 0.9), (2, 0.1)):
        with Worker(murmur.url, keeps=True, checkpoints=checkpoints, timing=QUICK) as worker:
            assert worker.member == 3 - times
            train(worker, times, score)
    return checkpoints


def heir(murmur: Murmur, checkpoints: Path) -> Worker:
    """A worker of the member that has trained least."""
    worker = Worker(murmur.url, keeps=True, checkpoints=checkpoints, timing=QUICK)
    assert (worker.member, worker.step) == (1, 2)
    return worker


def delete(checkpoints: Path, pattern: str, count: int) -> None:
    found = sorted(checkpoints.glob(pattern))
    assert len(found) == count, found
    for path in found:
        path.unlink()


def declined(murmur: Murmur) -> list[Declined]:
    with Administrator(murmur.url) as administrator:
        kinds = [event.kind for event in administrator.history("p", member=1)]
    return [kind for kind in kinds if isinstance(kind, Declined)]


def check(murmur: Murmur) -> None:
    """`murmur check` finds nothing wrong."""
    command = [str(murmur.binary), "check", str(murmur.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr


class Watching:
    """`murmur watch` in a pipe."""

    def __init__(self, murmur: Murmur) -> None:
        self._errors = murmur.data.parent / "news"
        self._boards = murmur.data.parent / "boards"
        with self._errors.open("w") as errors, self._boards.open("w") as boards:
            self._process = subprocess.Popen(
                [str(murmur.binary), "watch", "p", "--url", murmur.url],
                stdout=boards,
                stderr=errors,
            )
        self._until(lambda: self._boards.read_text() != "")

    def wait_for(self, sentence: str) -> None:
        self._until(lambda: sentence in self._errors.read_text())

    def _until(self, holds: Callable[[], bool]) -> None:
        def held() -> bool:
            assert self._process.poll() is None, self._errors.read_text()
            return holds()

        wait_until(held, self._errors.read_text)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(SECONDS)


def test_three_declines_lead_to_the_state_before_to_a_donor_and_to_the_start(
    murmur: Murmur, trained: Path
) -> None:
    delete(trained, "*.txt", 5)
    watching = Watching(murmur)
    try:
        with heir(murmur, trained) as worker:
            own = worker.hyperparameters
            assert restored(worker, load, fresh) == "fresh"
            assert (worker.checkpoint, worker.step, worker.target_step) == (None, 0, 1)
            explored = worker.hyperparameters
            assert explored != own
            for step in (
                "goes back to the one before",
                "goes on from member 0's at step 3",
                "starts anew",
            ):
                watching.wait_for(step)
            train(worker, 2, 0.5)
            assert worker.checkpoint is not None
            assert load(worker.checkpoint) == "member 1 at step 2"
    finally:
        watching.stop()

    kinds = declined(murmur)
    assert [kind.fallback for kind in kinds] == ["previous", "donor", "start"]
    assert all("cannot be loaded" in kind.reason for kind in kinds)
    assert [kind.exploit is None for kind in kinds] == [True, False, True]
    exploit = kinds[1].exploit
    assert exploit is not None
    assert (exploit.donor, exploit.donor_report, exploit.step) == (0, 3, 3)
    assert exploit.hyperparameters == explored

    history = murmur.murmur("history", "p", "--member", "1", "--events").splitlines()
    sentences = [line for line in history if "could not load its checkpoint" in line]
    assert [line.rpartition(") and ")[2] for line in sentences] == [
        "goes back to the one before",
        "goes on from member 0's at step 3",
        "starts anew",
    ]
    story = murmur.murmur("explain", "p", "1")
    for what in (
        "so it went back to step 1.",
        "so it copied member 0 (0.93 at step 3): rate ",
        "It was not taken over: the worker declined (",
        "so it started anew.",
    ):
        assert what in story, story
    schedule = json.loads(murmur.murmur("schedule", "p", "1", "--json"))
    assert [(each["member"], each["start"], each["end"]) for each in schedule["segments"]] == [
        (1, 0, 2)
    ]
    lineage = json.loads(murmur.murmur("lineage", "p", "--json"))
    assert (lineage["exploits"], lineage["declined"]) == (1, 1)
    [population] = json.loads(murmur.murmur("list", "--json"))
    assert population["exploits"] == 1

    board = murmur.murmur("leaderboard", "p", "--json")
    murmur.kill()
    murmur.start()
    again = json.loads(murmur.murmur("leaderboard", "p", "--json"))
    assert again["entries"] == json.loads(board)["entries"]
    assert again["summary"]["exploits"] == 1
    murmur.stop()
    check(murmur)


def test_who_lost_its_own_states_goes_on_from_a_donors(murmur: Murmur, trained: Path) -> None:
    delete(trained, "p-1-*", 2)
    with heir(murmur, trained) as worker:
        assert restored(worker, load, fresh) == "member 0 at step 3"
        assert (worker.step, worker.target_step) == (3, 4)
        explored = worker.hyperparameters
        train(worker, 1, 0.5)
        assert worker.hyperparameters == explored
    assert [kind.fallback for kind in declined(murmur)] == ["previous", "donor"]
    schedule = json.loads(murmur.murmur("schedule", "p", "1", "--json"))
    assert [(each["member"], each["start"], each["end"]) for each in schedule["segments"]] == [
        (0, 0, 3),
        (1, 3, 4),
    ]
    murmur.stop()
    check(murmur)


def test_a_client_of_the_seeds_interface_declines_until_something_loads(
    murmur: Murmur, trained: Path
) -> None:
    delete(trained, "p-1-*", 2)
    host, port = murmur.url.removeprefix("murmur://").split("/")[0].rsplit(":", 1)
    url = f"murmur://{host}:{port}/p"
    with PBTClient(url, timing=QUICK) as client:
        assert client.member == 1
        model = None
        while client.should_exploit():
            client.exploit()
            path = client.parameters_path()
            assert path is not None
            try:
                model = load(path)
            except OSError as error:
                client.decline(str(error))
            else:
                client.explore()
                break
        assert model == "member 0 at step 3"
        client.save(trained / "anew", 0.5)
    assert [kind.fallback for kind in declined(murmur)] == ["previous", "donor"]
    murmur.stop()
    check(murmur)
