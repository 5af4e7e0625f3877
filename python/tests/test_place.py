"""A worker's place stays the same when it is started again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.coordinator import Coordinator, error, lease

from murmuration import ConflictError, InvalidError, LimitError, PBTClient, Timing, Worker
from murmuration import _place as place
from murmuration.v1 import murmuration_pb2 as wire

STEP = {"SLURM_JOB_ID": "4711", "SLURM_STEP_ID": "0", "SLURM_PROCID": "3"}
ARRAY = {"SLURM_JOB_ID": "4714", "SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "2"}
INDEXED = {"JOB_COMPLETION_INDEX": "3", "HOSTNAME": "train-3"}


@pytest.fixture(autouse=True)
def _own_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(place, "_claims", place._Claims())


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, ""),
        ({"MURMUR_PLACE": "rack 3", "SLURM_JOB_ID": "4711"}, "rack 3"),
        ({"SLURM_JOB_ID": "4711"}, "slurm/4711"),
        # All that a batch script starts has the script's rank.
        ({"SLURM_JOB_ID": "4711", "SLURM_PROCID": "0"}, "slurm/4711"),
        (STEP, "slurm/4711/0/3"),
        (ARRAY, "slurm/4711_2"),
        ({**ARRAY, "SLURM_CLUSTER_NAME": "east"}, "slurm/east/4711_2"),
        ({"PBS_JOBID": "17"}, ""),
    ],
)
def test_a_tasks_place_is_what_stays_the_same(environment: dict[str, str], name: str) -> None:
    assert place.place_in(environment) == name


def test_a_pod_of_an_indexed_job_has_its_namespace_its_job_and_its_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace = tmp_path / "namespace"
    monkeypatch.setattr(place, "_NAMESPACE", namespace)
    # Another namespace may have a Job of the same name.
    assert place.place_in(INDEXED) == ""
    namespace.write_text("vision\n")
    assert place.place_in(INDEXED) == "kubernetes/vision/train-3"
    assert place.place_in({**INDEXED, "HOSTNAME": "other"}) == ""


def test_a_worker_says_its_place(
    coordinator: Coordinator, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MURMUR_PLACE", "mine")
    coordinator.answers += [lease(token=1), lease(token=2), lease(token=3), lease(token=4)]
    with (
        Worker(coordinator.url, timing=quick),
        Worker(coordinator.url, timing=quick),
        Worker(coordinator.url, place="other", timing=quick),
    ):
        places = [coordinator.next("join").request.join.place for _ in range(3)]
    # Only one worker has what the environment says.
    assert places == ["mine", "", "other"]
    with PBTClient(coordinator.url, timing=quick):
        assert coordinator.next("join").request.join.place == "mine"


def test_one_that_is_shut_out_says_so(coordinator: Coordinator, quick: Timing) -> None:
    taken = error(wire.Error.CODE_CONFLICT, "A newer worker has taken over the place 'a'.")
    lapsed = error(wire.Error.CODE_LEASE_LAPSED, "It is over.")
    coordinator.answers += [lease(token=5), lapsed, taken, taken]
    worker = Worker(coordinator.url, place="a", timing=quick)
    for _ in range(2):
        with pytest.raises(ConflictError, match="newer worker has taken over"):
            worker.report(10, 0.5, checkpoint="/c")
    coordinator.answers += [taken]
    worker.leave()
    joins = [coordinator.next("join").request.join for _ in range(3)]
    assert [(join.place, join.former) for join in joins] == [("a", 0), ("a", 5), ("a", 5)]


def test_a_place_that_does_not_fit_is_refused(coordinator: Coordinator) -> None:
    with pytest.raises(LimitError, match="256 bytes"):
        Worker(coordinator.url, place="x" * 257)
    with pytest.raises(InvalidError, match="zero byte"):
        Worker(coordinator.url, place="a\0")
    with pytest.raises(InvalidError, match="give a text"):
        Worker(coordinator.url, place=3)  # type: ignore[arg-type]


CLAIM = """
import sys
from murmuration._place import place_of
own = place_of(None, "first")
print(own.name, flush=True)
sys.stdin.read()
"""


def test_another_process_has_the_place_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MURMUR_PLACE", "mine")
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "mine\n"
        assert place.place_of(None, "first").name == ""
        other.kill()
        other.wait()
        own = place.place_of(None, "first")
        assert own.name == "mine"
        own.give_up()


def test_a_forked_child_has_none_of_its_parents_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MURMUR_PLACE", "mine")
    own = place.place_of(None, "first")
    child = os.fork()
    if child == 0:
        os._exit(3 if place.place_of(None, "first").name == "" else 4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    assert own.name == "mine"


def test_without_a_file_to_lock_there_is_no_place_and_a_word_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MURMUR_PLACE", "mine")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    assert place.place_of(None, "first").name == ""
    assert "takes no place of its environment" in caplog.text


def test_a_name_has_its_byte() -> None:
    # The Swift client locks the same one.
    assert place._offset("") == 0x32FCA739210888C9
    assert place._offset("slurm/4711_2") == 0x185BD22B84EBDB31
