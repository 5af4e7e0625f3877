"""Workers' names say on which host, in which job and at which place they are."""

from __future__ import annotations

import os
import socket

import pytest

from murmuration._naming import default_name

ARRAY = {"SLURM_JOB_ID": "4713", "SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "2"}


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "node3/PROCESS"),
        ({"MURMUR_WORKER": "0"}, "node3/0"),
        ({"MURMUR_WORKER": "", "SLURM_JOB_ID": ""}, "node3/PROCESS"),
        ({"MURMUR_WORKER": "0", "SLURM_JOB_ID": "4711"}, "node3:4711/0"),
        ({"MURMUR_WORKER": "0", **ARRAY}, "node3:4711[2]/0"),
        # All that a batch script starts has the script's rank.
        ({**ARRAY, "SLURM_PROCID": "0"}, "node3:4711[2]/PROCESS"),
        ({**ARRAY, "SLURM_PROCID": "1", "SLURM_STEP_ID": "0"}, "node3:4711[2]/1"),
        ({"SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "OMPI_COMM_WORLD_RANK": "3"}, "node3/3"),
        ({"PMI_RANK": "2"}, "node3/2"),
        ({"PBS_JOBID": "17[4].server.example", "MURMUR_WORKER": "1"}, "node3:17[4]/1"),
        ({"LSB_JOBID": "8", "LSB_JOBINDEX": "0", "MURMUR_WORKER": "1"}, "node3:8/1"),
        ({"LSB_JOBID": "8", "LSB_JOBINDEX": "5", "MURMUR_WORKER": "1"}, "node3:8[5]/1"),
        ({"JOB_ID": "9", "SGE_TASK_ID": "undefined", "MURMUR_WORKER": "1"}, "node3:9/1"),
        ({"JOB_ID": "9", "SGE_TASK_ID": "6", "MURMUR_WORKER": "1"}, "node3:9[6]/1"),
    ],
)
def test_a_name_is_host_job_and_place(
    environment: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "node3.cluster.example")
    # Tests are named by their parameters, which are the same in each process.
    assert default_name(environment=environment) == name.replace("PROCESS", str(os.getpid()))


@pytest.mark.parametrize(
    ("host", "name"), [("node3", "node3/0"), ("10.0.0.3", "10.0.0.3/0"), ("", "localhost/0")]
)
def test_a_host_is_its_first_label(host: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    assert default_name(environment={"MURMUR_WORKER": "0"}) == name


def test_four_tasks_of_an_array_have_four_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {
        default_name(environment={**ARRAY, "SLURM_ARRAY_TASK_ID": str(task), "MURMUR_WORKER": "0"})
        for task in range(4)
    }
    assert len(names) == 4
