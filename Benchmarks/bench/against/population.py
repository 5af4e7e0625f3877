"""The population that all contenders coordinate, and the decision as one would write it anew.

This is imported in Ray's own environment too, so it needs nothing but Python.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

FRACTION = 0.2
MIN_POPULATION_SIZE = 5
RESAMPLE_PROBABILITY = 0.25
PERTURBATION_FACTORS = (0.8, 1.2)
NOISE = 0.2


@dataclass(frozen=True)
class Range:
    """A hyperparameter's bounds and scale."""

    low: float
    high: float
    log: bool = False
    integer: bool = False

    def draw(self, chance: random.Random) -> float:
        if self.log:
            return self.within(math.exp(chance.uniform(math.log(self.low), math.log(self.high))))
        return self.within(chance.uniform(self.low, self.high))

    def within(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return round(value) if self.integer else value

    def position(self, value: float) -> float:
        """Where a value lies, from 0 at the lower bound to 1 at the upper one."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


SPACE = {
    "learning_rate": Range(1e-5, 1e-1, log=True),
    "weight_decay": Range(1e-6, 1e-2, log=True),
    "dropout": Range(0.0, 0.8),
    "batch_size": Range(8, 256, integer=True),
}


def space_text() -> str:
    """The search space and the rules as Murmuration reads them, in YAML."""
    lines = [
        "objective: maximize",
        "interval: 1",
        f"min_population_size: {MIN_POPULATION_SIZE}",
        f"selection: {{type: truncation, fraction: {FRACTION}}}",
        "exploration:",
        f"  resample_probability: {RESAMPLE_PROBABILITY}",
        f"  perturbation_factors: {list(PERTURBATION_FACTORS)}",
        "hyperparameters:",
    ]
    for name, each in SPACE.items():
        kind = "int" if each.integer else "float"
        scale = "log" if each.log else "linear"
        bounds = f"min: {each.low:.10f}, max: {each.high:.10f}"
        if each.integer:
            bounds = f"min: {each.low:.0f}, max: {each.high:.0f}"
        lines.append(f"  {name}: {{type: {kind}, {bounds}, scale: {scale}}}")
    return "\n".join(lines) + "\n"


def score_of(hyperparameters: Mapping[str, float], step: int) -> float:
    """What stands for training: better near one point of the space and with every step, and noisy
    as scores are."""
    places = [each.position(hyperparameters[name]) for name, each in SPACE.items()]
    away = sum((place - 0.6) ** 2 for place in places)
    # The fraction of a quickly growing number: as good as chance, and the same everywhere.
    noise = math.modf((1 + sum(places)) * (step + 1) * 7919.77)[0]
    return math.exp(-away) * step / (step + 50) + NOISE * noise


def address_of(member: int, report: int) -> str:
    """A checkpoint's address, which no other report has."""
    return f"/shared/checkpoints/{member:05d}-{report:011d}.pt"


def drawn(chance: random.Random) -> dict[str, float]:
    """Hyperparameters to begin with."""
    return {name: each.draw(chance) for name, each in SPACE.items()}


def explored(hyperparameters: Mapping[str, float], chance: random.Random) -> dict[str, float]:
    """Each hyperparameter drawn anew or perturbed."""
    return {
        name: each.draw(chance)
        if chance.random() < RESAMPLE_PROBABILITY
        else each.within(hyperparameters[name] * chance.choice(PERTURBATION_FACTORS))
        for name, each in SPACE.items()
    }


@dataclass(frozen=True)
class Saved:
    """What a member reported last."""

    step: int
    score: float
    hyperparameters: dict[str, float]
    checkpoint: str


class Population:
    """Truncation over the members' latest reports, by sorting all of them each time."""

    def __init__(self, chance: random.Random) -> None:
        self.saved: dict[int, Saved] = {}
        self._chance = chance

    def should_exploit(self, member: int) -> bool:
        """Whether the member is among the worst."""
        ranked = self._ranked()
        if len(ranked) < MIN_POPULATION_SIZE:
            return False
        return member in ranked[-max(1, math.floor(FRACTION * len(ranked))) :]

    def donor_for(self, member: int) -> int:
        """One of the best, by chance."""
        ranked = self._ranked()
        best = ranked[: max(1, math.ceil(FRACTION * len(ranked)))]
        return self._chance.choice([each for each in best if each != member] or [member])

    def _ranked(self) -> list[int]:
        return sorted(self.saved, key=lambda member: self.saved[member].score, reverse=True)
