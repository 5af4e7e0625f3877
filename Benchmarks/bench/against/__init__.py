"""Measures Murmuration against what people would use in its place.

Four contenders coordinate the same population: 16 members with four hyperparameters (two on a log
scale, one linear, one integer), truncation of 0.2 and the usual perturbation after every report.
Training is nothing: a score is computed from the hyperparameters and the step, and a checkpoint is
an address of 40 bytes. So all that is measured is coordination.

1. `murmuration`: `murmur serve`, encrypted with a secret and durable, and its Python client.
2. `manager`: the design around a `PBTServer` and a `PBTClient` that many know, an object that a
   `multiprocessing` manager serves. Nothing of it is on disk.
3. `router`: what one would write with pyzmq and SQLite: JSON, and one commit for a batch.
4. `ray`: Ray Tune's PopulationBasedTraining, with a trainable that only reports.

What is the same for all, and where they differ:

- Four worker processes share the members. In those of the first three, each member has a thread
  and a connection of its own, and waits for its decision before it reports again.
- Tune has room for four actors, and reuses them, as it advises. It pauses a trial after each report
  when another one waits for an actor, and gives it that of the paused one; as training takes no
  time, one actor comes to do nearly all. With room for all 16 trials it is slower still
  (`--only ray --processes 16`).
- Tune's trainable is a class, which saves when Tune asks for it; a function would have to save at
  every report. Its loggers are those that it has unless told otherwise, and a checkpoint is one
  file of 40 bytes.
- Tune takes so much longer that it reports less often; the table says how many reports each made.
- How often members copy follows from what each makes of the same fraction. In the second and the
  third a member that copied keeps its own score until it reports anew; in Murmuration it has its
  donor's, so that whoever reports next is more often among the worst. The table has the share.

Reports per second are those between the first and the last report of all workers, after warm-up
and without starting and stopping. The processor time of coordination is that of the server; for
Tune, of its driver, the raylet, the GCS and the agents. That of all has the workers too, the
processor time of the client library with it. Whatever the kernel does for a disk in threads of its
own is in none of them. The manager's clients ask twice or three times for a report, as the design
has it; reports are counted, not questions.

The contenders are measured in turns, several times; the table has medians, and the least and the
most. All of it stays on 127.0.0.1.

    PYTHONPATH=Benchmarks .venv/bin/python -m bench.against
"""

from bench.against.measuring import Plan, measure
from bench.against.result import Result, table

__all__ = ["Plan", "Result", "measure", "table"]
