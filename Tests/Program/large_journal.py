"""Makes a journal of 90 days to measure with: python large_journal.py MURMUR DIR [EVENTS].

A thousand members report, and at every tenth report a fifth of them copies another one.
"""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

MEMBERS = 1000
INTERVAL = 100
STEP = 10


@dataclass
class State:
    member: int
    report: int
    step: int
    score: float
    checkpoint: str
    hyperparameters: str

    def columns(self) -> tuple[object, ...]:
        return (
            self.member,
            self.report,
            self.step,
            self.score,
            self.checkpoint,
            self.hyperparameters,
        )


NO_STATE = (None,) * 6


@dataclass
class Member:
    number: int
    hyperparameters: str
    step: int = 0
    reports: int = 0
    considered: int = 0
    donor: int | None = None
    latest: State | None = None
    previous: State | None = None


def hyperparameters(draws: random.Random) -> str:
    values = {"rate": draws.random(), "momentum": draws.random()}
    return json.dumps(values, separators=(",", ":"))


def report(
    member: Member, members: list[Member], sequence: int, now: int, draws: random.Random
) -> tuple[object, ...]:
    member.reports += 1
    member.step += STEP
    path = f"/shared/checkpoints/p-{member.number}-{member.reports}-2b704225092c3cab.npz"
    state = State(
        member.number, member.reports, member.step, draws.random(), path, member.hyperparameters
    )
    member.previous, member.latest = member.latest, state
    head = (sequence, now, 0, member.number, "reported", None, *state.columns()[1:], "{}", 0)
    rank: tuple[object, ...] = (None, None)
    exploit: tuple[object, ...] = (None,) * 8
    if member.step - member.considered >= INTERVAL:
        rank = (draws.randrange(MEMBERS) + 1, MEMBERS)
        member.considered = member.step
        other = draws.choice(members)
        donor = other.latest
        # Who has copied another one does not donate until it has reported.
        donates = other is not member and donor is not None and donor.member == other.number
        if draws.random() < 0.2 and donor is not None and donates:
            explored = hyperparameters(draws)
            exploit = (*donor.columns(), explored, "perturbed,perturbed")
            member.previous, member.latest = member.latest, donor
            member.hyperparameters = explored
            member.step = member.considered = donor.step
            member.donor = donor.member
    return (*head, *rank, *exploit, None, None, None)


def fill(data: Path, count: int) -> None:
    draws = random.Random(1)
    database = sqlite3.connect(data / "journal.sqlite")
    rows = database.execute("SELECT id, hyperparameters FROM member ORDER BY id").fetchall()
    members = [Member(number, values) for number, values in rows]
    (sequence,) = database.execute("SELECT max(sequence) FROM event").fetchone()
    begun = time.time_ns() // 1_000_000 - 90 * 86_400_000
    database.execute("UPDATE event SET time = ?", [begun])
    pace = 90 * 86_400_000 // count
    insertion = f"INSERT INTO event VALUES ({', '.join('?' * 26)})"
    best: State | None = None
    while sequence < count:
        page: list[tuple[object, ...]] = []
        for member in members:
            if sequence >= count:
                break
            sequence += 1
            if sequence <= 2 * MEMBERS:
                leased = (sequence, begun, 0, member.number, "leased", "w", *(None,) * 20)
                page.append(leased)
                continue
            page.append(report(member, members, sequence, begun + pace * sequence, draws))
            has_copied = member.latest is not None and member.latest.member != member.number
            state = member.previous if has_copied else member.latest
            if state is not None and (best is None or state.score > best.score):
                best = state
        database.executemany(insertion, page)
    assert best is not None
    database.execute("DELETE FROM member")
    database.executemany(
        f"INSERT INTO member VALUES ({', '.join('?' * 23)})",
        [
            (
                0,
                each.number,
                each.hyperparameters,
                each.step,
                each.reports,
                each.considered,
                each.donor,
                *(each.latest.columns() if each.latest else NO_STATE),
                *(each.previous.columns() if each.previous else NO_STATE),
                *(0,) * 4,
            )
            for each in members
        ],
    )
    database.execute("DELETE FROM event_of_member")
    database.execute("DELETE FROM recent")
    database.execute(
        "INSERT INTO event_of_member SELECT population, member, sequence FROM event "
        "ORDER BY population, member, sequence"
    )
    database.executemany(
        "INSERT INTO lease VALUES (?, 0, ?, 'w', ?, 'live', x'', ?, 0, '')",
        [(each.number + 1, each.number, each.reports, begun) for each in members],
    )
    names = ("member", "report", "step", "score", "checkpoint", "hyperparameters")
    database.execute(
        f"UPDATE population SET {', '.join(f'best_{name} = ?' for name in names)}", best.columns()
    )
    database.commit()
    database.close()


def main() -> None:
    murmur, data = sys.argv[1], Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    data.mkdir(parents=True)
    space = data / "space.csv"
    space.write_text("name,min,max,scale\nrate,0,1,linear\nmomentum,0,1,linear\n")
    with subprocess.Popen([murmur, "serve", "--port", "0", "--data", str(data)]) as coordinator:
        while not (data / "url").exists():
            time.sleep(0.1)
        create = [murmur, "create", "p", "--space", str(space), "--data", str(data)]
        create += ["--population-size", str(MEMBERS), "--interval", str(INTERVAL)]
        subprocess.run(create, check=True)
        coordinator.terminate()
    fill(data, count)


if __name__ == "__main__":
    main()
