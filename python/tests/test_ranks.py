"""All ranks of a distributed training train one model, and only the first one joins."""

from __future__ import annotations

import pytest
from support.coordinator import Coordinator, lease

from murmuration import InvalidError, PBTClient, RankError, Timing, Worker

JOB = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}
SLURM = {"SLURM_JOB_ID": "4711", "SLURM_STEP_ID": "0", "SLURM_PROCID": "1", "SLURM_NTASKS": "2"}
MPI = {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({**JOB, "RANK": "1", "LOCAL_RANK": "0"}, "RANK=1 of WORLD_SIZE=2"),
        ({**JOB, "LOCAL_RANK": "1", "NODE_RANK": "0"}, "LOCAL_RANK=1 of WORLD_SIZE=2"),
        ({**JOB, "LOCAL_RANK": "0", "NODE_RANK": "1"}, "NODE_RANK=1 of WORLD_SIZE=2"),
        ({**JOB, **SLURM, "RANK": "1"}, "RANK=1 of WORLD_SIZE=2"),
    ],
)
def test_a_rank_above_0_is_refused_and_told_what_to_do(
    variables: dict[str, str],
    named: str,
    coordinator: Coordinator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    advice = "in rank 0 only and broadcast what it is told, or give ranks='each'"
    with pytest.raises(RankError, match=f"^{named} says .* make the Worker {advice}"):
        Worker(coordinator.url)
    with pytest.raises(RankError, match=f"^{named} says .* make the PBTClient {advice}"):
        PBTClient(coordinator.url)
    assert coordinator.received == []


@pytest.mark.parametrize(
    "variables",
    [
        {**JOB, "RANK": "0"},
        {**JOB, "RANK": "0", "LOCAL_RANK": "0", "NODE_RANK": "0"},
        {**JOB, "LOCAL_RANK": "0"},
        {**JOB, "WORLD_SIZE": "1", "RANK": "1"},
        {"RANK": "1", "WORLD_SIZE": "2"},
        {**JOB, "RANK": "one"},
        SLURM,
        MPI,
    ],
)
def test_rank_0_and_tasks_that_are_workers_of_their_own_join(
    variables: dict[str, str],
    coordinator: Coordinator,
    quick: Timing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    coordinator.answers += [lease(), lease()]
    with Worker(coordinator.url, timing=quick) as worker:
        assert worker.member == 3
    with PBTClient(coordinator.url, timing=quick) as client:
        assert client.member == 3


def test_each_rank_joins_when_it_is_asked_for(
    coordinator: Coordinator, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**JOB, "RANK": "1", "MURMUR_WORKER": "5"}.items():
        monkeypatch.setenv(name, value)
    coordinator.answers += [lease(), lease()]
    with Worker(coordinator.url, ranks="each", timing=quick):
        assert coordinator.next("join").request.join.worker.endswith("/5.1")
    with PBTClient(coordinator.url, ranks="each", timing=quick):
        assert coordinator.next("join").request.join.worker.endswith("/5.1")
    with pytest.raises(InvalidError, match="ranks is 'all'; use 'first' or 'each'"):
        Worker(coordinator.url, ranks="all")  # type: ignore[arg-type]
