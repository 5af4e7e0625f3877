"""Populations of the real coordinator: making, training, and what its journal says of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from program import Murmur
from support.fixtures import QUICK
from support.waiting import wait_until

from murmuration import Worker

SPACE = "name,min,max,scale\nrate,0.0001,0.1,log\nmomentum,0,1,linear\n"


def create(murmur: Murmur, name: str, *options: str) -> None:
    space = murmur.home / "space.csv"
    space.write_text(SPACE)
    murmur.murmur("create", name, "--space", str(space), *options)


def journal(murmur: Murmur, sql: str) -> list[tuple[object, ...]]:
    # A connection's own `with` ends a transaction, and leaves the file open.
    journal = f"file:{murmur.journal_file()}?mode=ro"
    with closing(sqlite3.connect(journal, uri=True)) as database:
        return database.execute(sql).fetchall()


def settled(murmur: Murmur, sql: str) -> list[tuple[object, ...]]:
    """The same of tables whose rows wait in `recent` as long as something happens."""
    wait_until(lambda: journal(murmur, "SELECT count(*) FROM recent") == [(0,)], "no rows wait")
    return journal(murmur, sql)


def train(url: str) -> int:
    """Trains until there is nothing more to train, and returns how many reports that took."""
    reports = 0
    with Worker(url, timing=QUICK) as worker:
        while worker.training:
            step = worker.target_step
            reports += 1
            score = (worker.member * 31 + step) % 97
            worker.report(step, score, checkpoint=f"/checkpoints/{reports}")
    return reports
