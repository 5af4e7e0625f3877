"""What names a worker on boards: its host, its job and its number, as in `node3:4711[2]/0`."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from murmuration._connection.address import WORKER_VARIABLE

_RANKS = ("OMPI_COMM_WORLD_RANK", "PMI_RANK")


def default_name(rank: int | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """`HOST[:JOB]/NUMBER`, which no other worker has at the same time.

    The job is the scheduler's. The number is the one that `murmur` gave to the worker, else
    the rank of a task, else the process's. Where each `rank` of a distributed training joins, it
    adds its own.
    """
    job = _job(environment)
    name = f"{_host()}{f':{job}' if job else ''}/{_number(environment)}"
    return name if rank is None else f"{name}.{rank}"


def _host() -> str:
    name = socket.gethostname()
    label = name.partition(".")[0]
    # An address has numbers alone before its dots.
    return (name if label.isdigit() else label) or "localhost"


def _job(environment: Mapping[str, str]) -> str:
    found = environment.get
    array, task = found("SLURM_ARRAY_JOB_ID"), found("SLURM_ARRAY_TASK_ID")
    if array and task:
        # Each task of an array has a job's number of its own besides, which people do not ask for.
        return f"{array}[{task}]"
    if job := found("SLURM_JOB_ID"):
        return job
    if job := found("PBS_JOBID", "").partition(".")[0]:
        return job
    if job := found("LSB_JOBID"):
        return _indexed(job, found("LSB_JOBINDEX"), none="0")
    if job := found("JOB_ID"):
        return _indexed(job, found("SGE_TASK_ID"), none="undefined")
    return ""


def _indexed(job: str, index: str | None, *, none: str) -> str:
    return job if index in (None, "", none) else f"{job}[{index}]"


def _number(environment: Mapping[str, str]) -> str:
    for variable in (WORKER_VARIABLE, *_RANKS):
        if number := environment.get(variable):
            return number
    # All that a batch script starts has the rank 0 of the script; only srun's steps have their own.
    if environment.get("SLURM_STEP_ID") and (number := environment.get("SLURM_PROCID")):
        return number
    return str(os.getpid())
