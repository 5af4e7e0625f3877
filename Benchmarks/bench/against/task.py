"""What is said between the process that measures and those of workers, a line at a time."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Task:
    """What a process of workers is to do. Keys travel here, for all can see a command line."""

    contender: str
    address: str
    key: str
    members: list[int]
    warm_up: int
    reports: int

    @staticmethod
    def read(line: str) -> Task:
        return Task(**json.loads(line))

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Done:
    """When the first measured report was sent and the last was answered, by the machine's clock."""

    first: float
    last: float
    reports: int
    exploits: int

    @staticmethod
    def read(line: str) -> Done:
        return Done(**json.loads(line))

    @property
    def text(self) -> str:
        return json.dumps(asdict(self))
