"""What happened in a population, as the journal has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal

from murmuration._settings import Settings, settings_from_wire
from murmuration._values import Value, hyperparameters_from_wire
from murmuration.v1 import murmuration_pb2 as wire

_START = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Created:
    """A member was made."""

    hyperparameters: dict[str, Value]


@dataclass(frozen=True)
class Leased:
    """A worker took the member over."""

    worker: str


@dataclass(frozen=True)
class Exploit:
    """A donor's committed state taken over, and the hyperparameters explored around it."""

    donor: int
    donor_report: int
    """The donor's report that made the state that was exploited."""
    step: int
    """The donor's, which the member goes on from."""
    score: float
    checkpoint: str
    donor_hyperparameters: dict[str, Value]
    hyperparameters: dict[str, Value]
    """What the member trains with next."""
    operations: dict[str, str]
    """How each hyperparameter came from the donor's: kept, perturbed, resampled,
    local: that of the best member of its own island, or proposed by a model (PB2)."""


@dataclass(frozen=True)
class Verdict:
    """What decided."""

    outcome: str
    """In a word, such as `copied` or `not_among_worst`."""
    rule: str = ""
    """The selection rule, by its name; empty when none was asked."""
    ranking: str = ""
    """The ranking that places are by, by its name; empty when none was asked."""
    facts: dict[str, float] = field(default_factory=dict)
    """What decided, by name."""


@dataclass(frozen=True)
class Reported:
    """A report, and what was decided on it."""

    number: int
    """Counts the member's reports, from 1."""
    step: int
    score: float
    checkpoint: str | None
    """Without one the report is history only."""
    hyperparameters: dict[str, Value]
    """In effect while this was trained."""
    metrics: dict[str, float]
    declined: bool
    """The exploit before it was not taken over."""
    rank: int | None
    """The place among the `ranked` members, when an exploit was considered."""
    ranked: int | None
    exploit: Exploit | None
    generation: int | None = None
    """The generation that it counts for, in a synchronous population."""
    place: int | None = None
    """Where `rank` of `ranked` stands among the last ones of all members, of `placed`, from 1."""
    placed: int | None = None
    verdict: Verdict | None = None
    """Why it led to an exploit or to none; `None` in what was decided before this was recorded."""


@dataclass(frozen=True)
class Declined:
    """The worker could not take over what it was given."""

    reason: str
    fallback: Literal["previous", "donor", "start"] = "previous"
    """What the member goes on from: the state that it had before, a donor's, or a fresh start."""
    exploit: Exploit | None = None
    """The copy that was decided, when it goes on from a donor's state."""


@dataclass(frozen=True)
class Released:
    """The worker has the member no longer: it switched, left, lapsed, or the member finished, or
    waits for its generation to close."""

    reason: str


@dataclass(frozen=True)
class Removed:
    """The member was taken out."""


@dataclass(frozen=True)
class Paused:
    """The population's workers wait."""


@dataclass(frozen=True)
class Resumed:
    """The population goes on."""


@dataclass(frozen=True)
class Ended:
    """The population's workers stop."""


@dataclass(frozen=True)
class Changed:
    """The population's settings changed: those that are named."""

    before: Settings
    after: Settings


@dataclass(frozen=True)
class Exploited:
    """The member copies another one, as was decided when its generation closed."""

    generation: int
    """The generation that closed."""
    report: int
    """The member's report for it, by its number, and what that said."""
    step: int
    score: float
    rank: int
    """The place among the `ranked` members then."""
    ranked: int
    exploit: Exploit
    verdict: Verdict | None = None
    """Why; `None` in what was decided before this was recorded."""


@dataclass(frozen=True)
class GenerationClosed:
    """The population's next generation is open; who copies follows."""

    generation: int
    reported: int
    """Members that had reported for it."""
    by_deadline: bool
    """Its deadline had passed, and others were still to report."""


Kind = (
    Created
    | Leased
    | Reported
    | Declined
    | Released
    | Removed
    | Paused
    | Resumed
    | Ended
    | Changed
    | Exploited
    | GenerationClosed
)
"""What can happen."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a member, or to its whole population.

    ```python
    match event.kind:
        case Reported(score=score, exploit=None):
            …
    ```
    """

    sequence: int
    """Its place in the journal."""
    time: datetime
    """In UTC."""
    member: int | None
    """`None` for what happened to the population."""
    kind: Kind


@dataclass(frozen=True)
class Segment:
    """A stretch of a member's line of descent that was trained with one set of hyperparameters."""

    member: int
    """Who trained it."""
    start: int
    """Trained from after this step."""
    end: int
    """Up to and including this one."""
    hyperparameters: dict[str, Value]


def event_from_wire(event: wire.Event) -> Event | None:
    """The event, or `None` for a kind that only a newer package knows."""
    kind = _kind_from_wire(event)
    if kind is None:
        return None
    return Event(
        sequence=event.sequence,
        time=_START + timedelta(milliseconds=event.time_milliseconds),
        member=None if isinstance(kind, _OF_POPULATION) else event.member,
        kind=kind,
    )


def segment_from_wire(segment: wire.Schedule.Segment) -> Segment:
    return Segment(
        member=segment.member,
        start=segment.start,
        end=segment.end,
        hyperparameters=hyperparameters_from_wire(segment.hyperparameters),
    )


_OF_POPULATION = (Paused, Resumed, Ended, Changed, GenerationClosed)

_PLAIN: Mapping[str, Kind] = {
    "removed": Removed(),
    "paused": Paused(),
    "resumed": Resumed(),
    "ended": Ended(),
}


def _kind_from_wire(event: wire.Event) -> Kind | None:
    name = event.WhichOneof("kind")
    if name == "created":
        return Created(hyperparameters_from_wire(event.created.hyperparameters))
    if name == "leased":
        return Leased(event.leased.worker)
    if name == "reported":
        return _reported_from_wire(event.reported)
    if name == "declined":
        return _declined_from_wire(event.declined)
    if name == "released":
        return Released(event.released.reason)
    if name == "changed":
        changed = event.changed
        return Changed(settings_from_wire(changed.before), settings_from_wire(changed.after))
    if name == "exploited":
        return _exploited_from_wire(event.exploited)
    if name == "generation_closed":
        closed = event.generation_closed
        return GenerationClosed(closed.generation, closed.reported, closed.by_deadline)
    return _PLAIN.get(name or "")


def _declined_from_wire(declined: wire.Event.Declined) -> Declined | None:
    if declined.fallback in (wire.FALLBACK_UNSPECIFIED, wire.FALLBACK_PREVIOUS):
        return Declined(declined.reason)
    if declined.fallback == wire.FALLBACK_DONOR:
        return Declined(declined.reason, "donor", _exploit_from_wire(declined.exploit))
    if declined.fallback == wire.FALLBACK_START:
        return Declined(declined.reason, "start")
    return None


def _reported_from_wire(reported: wire.Event.Reported) -> Reported:
    return Reported(
        number=reported.report,
        step=reported.step,
        score=reported.score,
        checkpoint=reported.checkpoint or None,
        hyperparameters=hyperparameters_from_wire(reported.hyperparameters),
        metrics={metric.name: metric.value for metric in reported.metrics},
        declined=reported.declined,
        rank=reported.rank or None,
        ranked=reported.ranked if reported.rank else None,
        exploit=_exploit_from_wire(reported.exploit) if reported.HasField("exploit") else None,
        generation=reported.generation or None,
        place=reported.place or None,
        placed=reported.placed if reported.place else None,
        verdict=_verdict_from_wire(reported.verdict) if reported.HasField("verdict") else None,
    )


def _exploited_from_wire(exploited: wire.Event.Exploited) -> Exploited:
    return Exploited(
        generation=exploited.generation,
        report=exploited.report,
        step=exploited.step,
        score=exploited.score,
        rank=exploited.rank,
        ranked=exploited.ranked,
        exploit=_exploit_from_wire(exploited.exploit),
        verdict=_verdict_from_wire(exploited.verdict) if exploited.HasField("verdict") else None,
    )


def _verdict_from_wire(verdict: wire.Event.Verdict) -> Verdict:
    return Verdict(
        outcome=verdict.outcome,
        rule=verdict.rule,
        ranking=verdict.ranking,
        facts={fact.name: fact.value for fact in verdict.facts},
    )


def _exploit_from_wire(exploit: wire.Event.Exploit) -> Exploit:
    explored = hyperparameters_from_wire(exploit.hyperparameters)
    return Exploit(
        donor=exploit.donor,
        donor_report=exploit.donor_report,
        step=exploit.step,
        score=exploit.score,
        checkpoint=exploit.checkpoint,
        donor_hyperparameters=hyperparameters_from_wire(exploit.donor_hyperparameters),
        hyperparameters=explored,
        operations=dict(zip(explored, exploit.operations, strict=False)),
    )
