"""The books: what workers were told, against what the journal holds."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from populations import journal, settled
from program import Murmur
from support.waiting import wait_until

LOAD = Path(__file__).with_name("load.py")
END_SECONDS = 120.0
# What a process ends with that SIGTERM told to give its member back.
PREEMPTED = 143


@dataclass(frozen=True)
class Entry:
    """A line of a worker's log; see load.py."""

    what: str
    token: int
    sequence: int
    checkpoint: str

    @property
    def worker(self) -> str:
        return self.checkpoint.split("/")[1]


class Load:
    """Processes of workers, whose logs are kept when they are killed."""

    def __init__(self, murmur: Murmur, pause: float) -> None:
        self._murmur = murmur
        self._pause = pause
        self._logs = murmur.home
        self._places: dict[Path, int] = {}
        self._entries: list[Entry] = []
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        workers: int,
        url: str | None = None,
        *,
        program: Path = LOAD,
        prefix: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        """Starts a process of workers; `prefix` is a command that runs it."""
        log = self._logs / f"load-{len(self._places)}.txt"
        log.touch()
        self._places[log] = 0
        command = [*prefix, sys.executable, str(program)]
        command += [str(workers), str(self._pause), str(log)]
        command.append(url or self._murmur.url)
        with log.with_suffix(".err").open("wb") as errors:
            process = subprocess.Popen(command, stdout=errors, stderr=errors)
        self.processes.append(process)
        return process

    def wait_for_more(self, count: int) -> None:
        """Waits until so many more reports were acknowledged."""
        self.wait_for(len(self.acknowledged()) + count)

    def entries(self) -> list[Entry]:
        """All that was written down, in about the order of time."""
        for log, place in list(self._places.items()):
            with log.open("rb") as lines:
                lines.seek(place)
                text, end, _ = lines.read().rpartition(b"\n")
            self._places[log] += len(text + end)
            for line in text.decode().splitlines():
                what, token, sequence, checkpoint = line.split()
                self._entries.append(Entry(what, int(token), int(sequence), checkpoint))
        return list(self._entries)

    def acknowledged(self) -> list[Entry]:
        return [entry for entry in self.entries() if entry.what == "acknowledged"]

    def wait_for(self, count: int) -> None:
        """Waits until so many reports were acknowledged in all."""
        wait_until(
            lambda: len(self.acknowledged()) >= count,
            lambda: f"{count} acknowledged, {len(self.acknowledged())} are; {self.errors()}",
        )

    def wait_for_all(self, workers: int) -> None:
        """Waits until so many workers were acknowledged something from now on."""
        before = len(self.acknowledged())
        wait_until(
            lambda: len({entry.worker for entry in self.acknowledged()[before:]}) >= workers,
            lambda: f"all of {workers} train; {self.errors()}",
        )

    def finish(self) -> None:
        """Waits until every process that was not killed, or preempted, has ended by itself."""
        until = time.monotonic() + END_SECONDS
        for process in self.processes:
            code = process.wait(max(0.0, until - time.monotonic()))
            assert code in (0, -9, PREEMPTED), (
                f"a process of workers ended with {code}: {self.errors()}"
            )

    def errors(self) -> str:
        written = [path.read_text() for path in sorted(self._logs.glob("load-*.err"))]
        return "\n".join(text[-2000:] for text in written if text)

    def kill(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@contextmanager
def loading(murmur: Murmur, pause: float = 0.05) -> Iterator[Load]:
    load = Load(murmur, pause)
    try:
        yield load
    finally:
        load.kill()


def finish_training(murmur: Murmur) -> int:
    """Has every member finish soon, however far the farthest has come; returns the last step."""
    (farthest,) = journal(murmur, "SELECT max(step) FROM event")[0]
    assert isinstance(farthest, int)
    murmur.murmur("set", "p", "--max-steps", str(farthest + 2))
    return farthest + 2


def check_nothing_lost(murmur: Murmur, load: Load) -> set[str]:
    """What was acknowledged until now is in the journal, once; returns all that is there."""
    # The journal is read later, so that it holds what was acknowledged meanwhile, too.
    acknowledged = [entry.checkpoint for entry in load.acknowledged()]
    rows = journal(murmur, "SELECT checkpoint FROM event WHERE kind = 'reported'")
    times = Counter(str(row[0]) for row in rows)
    assert acknowledged, f"nobody was acknowledged anything: {load.errors()}"
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) - set(times) == set(), "acknowledged and lost"
    assert {path for path, count in times.items() if count > 1} == set(), "recorded twice"
    return set(times)


def check_books(murmur: Murmur, load: Load, *, all_answered: bool = True) -> None:
    """Nothing that was acknowledged is lost, nothing is doubled, and nothing is made up.

    `all_answered` says that no worker was killed: then each report in the journal was
    acknowledged.
    """
    entries = load.entries()
    asked = {entry.checkpoint for entry in entries if entry.what == "asked"}
    acknowledged = {entry.checkpoint for entry in entries if entry.what == "acknowledged"}
    recorded = check_nothing_lost(murmur, load)
    assert recorded - asked == set(), "recorded and never reported"
    if all_answered:
        assert recorded - acknowledged == set(), "recorded and never acknowledged"
    _check_sequences(murmur, entries)
    murmur.check()


def _check_sequences(murmur: Murmur, entries: list[Entry]) -> None:
    """Each lease's reports were acknowledged in order, without a gap, and once each."""
    sequences = defaultdict(list)
    for entry in entries:
        if entry.what == "acknowledged":
            sequences[entry.token].append(entry.sequence)
    for token, told in sequences.items():
        assert told == list(range(1, len(told) + 1)), f"lease {token}: {told}"
    for signed, last in settled(murmur, "SELECT token, sequence FROM lease"):
        assert isinstance(signed, int)
        assert isinstance(last, int)
        # The journal keeps a token's 64 bits as a signed number.
        count = len(sequences.get(signed % 2**64, []))
        assert count <= last, f"lease {signed}: {count} acknowledged, {last} recorded"


def check_that_all_finished(murmur: Murmur, last_step: int) -> None:
    unfinished = settled(murmur, f"SELECT id, step FROM member WHERE step < {last_step}")
    assert unfinished == []
