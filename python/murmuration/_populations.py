"""Populations as their coordinator has them: how they evolve, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from murmuration._settings import Settings, settings_by_name
from murmuration._values import Status, Value, status_from_wire, value_from_wire
from murmuration.v1 import murmuration_pb2 as wire

Kind = Literal["number", "integer", "choice", "ordinal", "bool", "fixed", "unknown"]
"""What values a hyperparameter has; `unknown` is what only a newer package knows."""


@dataclass(frozen=True)
class Beginning:
    """How a hyperparameter's numbers are drawn, for a beginning and anew."""

    draw: str
    """`uniform`, `normal` or `lognormal`."""
    mean: float | None = None
    """Of normal and lognormal; of lognormal it is the logarithm's."""
    sd: float | None = None
    min: float | None = None
    """Within this and `max`, where that is not the whole range."""
    max: float | None = None


@dataclass(frozen=True)
class Dimension:
    """One hyperparameter of a search space, as far as showing its values needs it."""

    name: str
    kind: Kind
    min: float | None
    """The bounds of numbers and integers, or as far as members begin where there is none; `None`
    for others."""
    max: float | None
    log: bool
    """Equal factors, not equal differences, are equally far."""
    values: tuple[Value, ...] = ()
    """Of choices and ordinals, in the space's order; empty when they are too many for a message."""
    step: float | None = None
    """Of numbers and integers: the distance of a value from the next; `None` when there is none."""
    unbounded: Literal["below", "above", "both"] | None = None
    """Of numbers and integers: where there is no bound; `None` when there are both."""
    beginning: Beginning | None = None
    """Of numbers and integers: how members begin; `None` when evenly in the whole range."""
    when: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    """It counts while each hyperparameter of these names has one of the values, and counts itself;
    empty when it always does. What does not count is absent wherever hyperparameters are."""


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
    """What it evolves by, by name."""
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
    constraints: tuple[str, ...] = ()
    """What they keep among each other, such as `a < b` and `a + b <= 1`."""
    synchronous: bool = False
    """Who copies whom is decided for a whole generation at once."""
    generation: int = 0
    """The open generation, from 1; 0 in an asynchronous population."""
    generation_reported: int = 0
    """Members that it need not wait for: they have reported for it, or have finished."""
    generation_deadline: float | None = None
    """Seconds after which a generation closes without the members that have not reported."""
    obstacle: str | None = None
    """Why nobody copies, or why it ended by itself, in a sentence; else `None`."""

    @property
    def max_steps(self) -> int | None:
        """The step at which a member is finished, or `None` when it trains for ever."""
        steps = self.settings.get("max_steps")
        return steps if isinstance(steps, int) and steps > 0 else None


_KINDS: dict[int, Kind] = {
    wire.Dimension.KIND_NUMBER: "number",
    wire.Dimension.KIND_INTEGER: "integer",
    wire.Dimension.KIND_CHOICE: "choice",
    wire.Dimension.KIND_ORDINAL: "ordinal",
    wire.Dimension.KIND_BOOL: "bool",
    wire.Dimension.KIND_FIXED: "fixed",
}

_UNBOUNDED: dict[int, Literal["below", "above", "both"]] = {
    wire.Dimension.UNBOUNDED_BELOW: "below",
    wire.Dimension.UNBOUNDED_ABOVE: "above",
    wire.Dimension.UNBOUNDED_BOTH: "both",
}


def population_from_wire(population: wire.Population) -> Population:
    return Population(
        name=population.name,
        members=population.members,
        status=status_from_wire(population.status),
        minimize=population.minimize,
        settings=settings_by_name(population.settings),
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
        obstacle=population.obstacle or None,
        constraints=tuple(population.constraints),
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
        step=(dimension.step or None) if bounded else None,
        unbounded=_UNBOUNDED.get(dimension.unbounded) if bounded else None,
        beginning=_beginning_from_wire(dimension) if bounded else None,
        when={
            each.name: tuple(value_from_wire(value) for value in each.values)
            for each in dimension.when
        },
    )


def _beginning_from_wire(dimension: wire.Dimension) -> Beginning | None:
    if not dimension.HasField("beginning"):
        return None
    found = dimension.beginning
    # A deviation is above 0.
    has_mean = found.sd > 0
    return Beginning(
        draw=found.draw,
        mean=found.mean if has_mean else None,
        sd=found.sd if has_mean else None,
        min=found.min if found.HasField("min") else None,
        max=found.max if found.HasField("max") else None,
    )
