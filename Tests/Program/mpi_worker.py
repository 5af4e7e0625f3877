"""A model that several processes of mpirun train, as one worker, or as one for each GROUP of them.

Each process has a part of the model, and each step needs what all have. With FAIL=RANK/STEP that
process fails there, once; with WORSE=RANK it cannot load what another member saved.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from mpi4py import MPI

from murmuration import CheckpointError, preemptible, restored, writing
from murmuration.distributed import DistributedWorker, mpi_group

everybody = MPI.COMM_WORLD
size = int(os.environ.get("GROUP", everybody.size))
group = everybody.Split(everybody.rank // size)
fails = os.environ.get("FAIL", "")
cannot_load = os.environ.get("WORSE") == str(everybody.rank)


def load(path: str) -> float:
    if cannot_load and f"-{worker.member}-" not in Path(path).name:
        raise CheckpointError("this rank cannot load it")
    parts: list[float] = json.loads(Path(path).read_text())
    return parts[int(group.rank)]


with preemptible(), DistributedWorker(group=mpi_group(group)) as worker:
    part = restored(worker, load, lambda: 1.0 / group.size)
    while worker.training:
        for step in range(worker.step, worker.target_step):
            whole = group.allreduce(part)
            part -= 2 * float(worker.hyperparameters["lr"]) * whole / group.size
            if fails == f"{everybody.rank}/{step}":
                raise RuntimeError("this rank fails")
        # Rank 0 is told what the others have, in the order of their numbers.
        parts = group.gather(part)
        step, path = worker.target_step, worker.checkpoint_path(".json")
        if worker.rank == 0:
            with writing(path) as temporary:
                temporary.write_text(json.dumps(parts))
        directive = worker.report(step, -sum(parts or []), path)
        told = f"member {directive.member}, step {step}: {directive.action}"
        print(f"rank {everybody.rank} heard {told}", flush=True)
        if directive.loads:
            part = restored(worker, load, lambda: 1.0 / group.size)
    print(f"rank {everybody.rank} ends: {worker.stop_reason}", flush=True)
