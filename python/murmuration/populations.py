"""Populations as their coordinator has them: how they evolve, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from murmuration.v1 import murmuration_pb2 as wire
from murmuration.values import Status, Value, status_from_wire, value_from_wire

Kind = Literal["number", "integer", "choice", "ordinal", "fixed", "unknown"]
"""What values a hyperparameter has; `unknown` is what only a newer package knows."""


@dataclass(frozen=True)
class Settings:
    """What may change while a population trains; in a change, `None` stays as it is."""

    max_steps: int | None = None
    """The step at which a member is finished; 0 for none."""
    interval: int | None = None
    """Steps between two reports at which a member may exploit."""
    burn_in: int | None = None
    """Steps before which no member exploits."""
    fraction: float | None = None
    """The fraction of the ranked members that copies, at most 0.5."""
    min_population_size: int | None = None
    """With fewer ranked members than this nobody exploits."""
    resample_probability: float | None = None
    """The chance that exploring draws a hyperparameter anew instead of perturbing it."""


@dataclass(frozen=True)
class Dimension:
    """One hyperparameter of a search space, as far as showing its values needs it."""

    name: str
    kind: Kind
    min: float | None
    """The bounds of numbers and integers; `None` for others."""
    max: float | None
    log: bool
    """Equal factors, not equal differences, are equally far."""
    values: tuple[Value, ...] = ()
    """Of choices and ordinals, in the space's order; empty when they are too many for a message."""


@dataclass(frozen=True)
class Population:
    """How a population evolves, and how far it is."""

    name: str
    members: int
    """Without those that were removed."""
    status: Status
    minimize: bool
    """The lowest score is best."""
    settings: Settings
    perturbation_factors: tuple[float, ...]
    """What exploring multiplies by."""
    donors_fraction: float
    """The fraction of the ranked members that is copied, the best ones."""
    mutation_probability: float
    """The chance that exploring changes a hyperparameter of few values, which is not drawn anew."""
    seed: int
    grows: bool
    """Each worker that keeps its member joins as a new one."""
    finished: int
    """Members that reached the last step."""
    training: int
    """Members that a worker has now."""
    lost: int
    """Members whose worker was lost, and that no other one has taken over yet."""
    removed: int
    reports: int
    exploits: int
    space: tuple[Dimension, ...]
    """The hyperparameters that are searched."""
    synchronous: bool = False
    """Who copies whom is decided for a whole generation at once."""
    generation: int = 0
    """The open generation, from 1; 0 in an asynchronous population."""
    generation_reported: int = 0
    """Members that it need not wait for: they have reported for it, or have finished."""
    generation_deadline: float | None = None
    """Seconds after which a generation closes without the members that have not reported."""

    @property
    def max_steps(self) -> int | None:
        """The step at which a member is finished, or `None` when it trains for ever."""
        return self.settings.max_steps or None


_KINDS: dict[int, Kind] = {
    wire.Dimension.KIND_NUMBER: "number",
    wire.Dimension.KIND_INTEGER: "integer",
    wire.Dimension.KIND_CHOICE: "choice",
    wire.Dimension.KIND_ORDINAL: "ordinal",
    wire.Dimension.KIND_FIXED: "fixed",
}


def population_from_wire(population: wire.Population) -> Population:
    return Population(
        name=population.name,
        members=population.members,
        status=status_from_wire(population.status),
        minimize=population.minimize,
        settings=Settings(
            max_steps=population.max_steps,
            interval=population.interval,
            burn_in=population.burn_in,
            fraction=population.fraction,
            min_population_size=population.min_population_size,
            resample_probability=population.resample_probability,
        ),
        perturbation_factors=tuple(population.perturbation_factors),
        donors_fraction=population.donors_fraction,
        mutation_probability=population.mutation_probability,
        seed=population.seed,
        grows=population.grows,
        finished=population.finished,
        training=population.training,
        lost=population.lost,
        removed=population.removed,
        reports=population.reports,
        exploits=population.exploits,
        space=tuple(_dimension_from_wire(dimension) for dimension in population.space),
        synchronous=population.synchronous,
        generation=population.generation,
        generation_reported=population.generation_reported,
        generation_deadline=population.generation_deadline_seconds or None,
    )


def settings_from_wire(settings: wire.Settings) -> Settings:
    """The settings of a change; those that did not change are `None`."""

    return Settings(
        max_steps=settings.max_steps if settings.HasField("max_steps") else None,
        interval=settings.interval if settings.HasField("interval") else None,
        burn_in=settings.burn_in if settings.HasField("burn_in") else None,
        fraction=settings.fraction if settings.HasField("fraction") else None,
        min_population_size=settings.min_population_size
        if settings.HasField("min_population_size")
        else None,
        resample_probability=settings.resample_probability
        if settings.HasField("resample_probability")
        else None,
    )


def _dimension_from_wire(dimension: wire.Dimension) -> Dimension:
    kind = _KINDS.get(dimension.kind, "unknown")
    bounded = kind in ("number", "integer")
    return Dimension(
        name=dimension.name,
        kind=kind,
        min=dimension.min if bounded else None,
        max=dimension.max if bounded else None,
        log=dimension.log,
        values=tuple(value_from_wire(value) for value in dimension.values),
    )
