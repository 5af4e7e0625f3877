"""What one would write with pyzmq and SQLite: a durable coordinator in a hundred lines.

A ROUTER takes JSON, decides, commits what it drained at once, and then answers. Run as a program
with a database's path, this serves until its input closes, and goes on where it was.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
from dataclasses import dataclass
from typing import Any

import zmq

from bench.against.population import Population, Saved, explored

BATCH = 256
_ENDPOINT = "tcp://127.0.0.1:*"
_SCHEMA = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS report (
        id INTEGER PRIMARY KEY, member INTEGER, step INTEGER, score REAL, hyperparameters TEXT,
        checkpoint TEXT, donor INTEGER, explored TEXT
    );
    CREATE TABLE IF NOT EXISTS member (
        id INTEGER PRIMARY KEY, step INTEGER, score REAL, hyperparameters TEXT, checkpoint TEXT
    );
"""


@dataclass(frozen=True)
class Answer:
    """A decision, and whose it is."""

    peer: bytes
    content: bytes


class Coordinator:
    """Decides, and writes what it decided."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._chance = random.Random()
        self.population = Population(self._chance)
        rows = self._database.execute(
            "SELECT id, step, score, hyperparameters, checkpoint FROM member"
        )
        for member, step, score, hyperparameters, checkpoint in rows:
            saved = Saved(step, score, json.loads(hyperparameters), checkpoint)
            self.population.saved[member] = saved

    @property
    def is_durable(self) -> bool:
        """Whether a commit waits for the disk."""
        settings = [
            self._database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]
        return settings == ["wal", 2]

    def close(self) -> None:
        self._database.close()

    def decide(self, requests: list[tuple[bytes, bytes]]) -> list[Answer]:
        """The answers to a batch, which are on disk."""
        self._database.execute("BEGIN")
        answers = [
            Answer(peer, json.dumps(self._decision(json.loads(content))).encode())
            for peer, content in requests
        ]
        self._database.execute("COMMIT")
        return answers

    def _decision(self, report: dict[str, Any]) -> dict[str, Any]:
        member = report["member"]
        saved = Saved(
            report["step"], report["score"], report["hyperparameters"], report["checkpoint"]
        )
        row = (saved.step, saved.score, json.dumps(saved.hyperparameters), saved.checkpoint)
        self.population.saved[member] = saved
        donor = new = None
        answer: dict[str, Any] = {"action": "continue"}
        if self.population.should_exploit(member):
            donor = self.population.donor_for(member)
            state = self.population.saved[donor]
            new = explored(state.hyperparameters, self._chance)
            answer = {
                "action": "exploit",
                "donor": donor,
                "step": state.step,
                "checkpoint": state.checkpoint,
                "hyperparameters": new,
            }
        self._database.execute(
            "INSERT INTO report (member, step, score, hyperparameters, checkpoint, donor, explored)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (member, *row, donor, json.dumps(new)),
        )
        self._database.execute(
            "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?)", (member, *row)
        )
        return answer


def drained(router: zmq.Socket[bytes]) -> list[tuple[bytes, bytes]]:
    """The requests that are there, at most a batch of them."""
    requests: list[tuple[bytes, bytes]] = []
    while len(requests) < BATCH:
        try:
            peer, content = router.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            break
        requests.append((peer, content))
    return requests


def main() -> None:
    coordinator = Coordinator(sys.argv[1])
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.bind(_ENDPOINT)
        print(router.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
        poller = zmq.Poller()
        poller.register(router, zmq.POLLIN)
        poller.register(sys.stdin, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if sys.stdin.fileno() in ready:
                return
            for answer in coordinator.decide(drained(router)):
                router.send_multipart([answer.peer, answer.content])


if __name__ == "__main__":
    main()
