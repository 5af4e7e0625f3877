"""What callers see of the wire: hyperparameters, directives and boards as plain typed values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

from murmuration._notebook import listed, table
from murmuration._scalars import number, plain
from murmuration._shown import escaped
from murmuration._texts import is_writable
from murmuration.errors import InvalidError, LimitError, MalformedError
from murmuration.v1 import murmuration_pb2 as wire

# The wire's limits, checked here so that a mistake is named before it travels.
HYPERPARAMETERS = 256
WORKER_BYTES = 256
REASON_BYTES = 1024

Value = float | int | str | bool | Any
"""A hyperparameter's value. Of a list of values it may also be a list of such, or `None`; what has
neither need not look for them, so that their types are `Any`."""

Action = Literal["continue", "exploit", "switch", "stop"]

State = Literal["waiting", "training", "finished", "lost", "unknown"]
"""How a member is; `unknown` is what only a newer package knows."""

Status = Literal["active", "paused", "ended", "unknown"]
"""How a population is: while it is paused workers wait, and after its end they stop."""


@dataclass(frozen=True)
class Directive:
    """What to do after a report.

    - `continue`: train on.
    - `exploit`: load `checkpoint`, which is member `donor`'s, and train with `hyperparameters`.
    - `switch`: train another member, or this one from another state: load `checkpoint`, or make a
      fresh model when it is `None`, and train with `hyperparameters`.
    - `stop`: there is nothing more to train; `reason` says why.

    The numbers say what to train next, whatever the action.
    """

    action: Action
    member: int
    step: int
    target_step: int
    hyperparameters: dict[str, Value]
    checkpoint: str | None = None
    donor: int | None = None
    reason: str = ""
    donor_step: int | None = None
    donor_score: float | None = None
    donor_hyperparameters: dict[str, Value] | None = None
    """What the donor trained with, before they were explored; known with an exploit."""
    recorded: bool = True
    """Whether the report that this answers is in the history; not if its lease had ended."""

    @property
    def loads(self) -> bool:
        """Whether the model has to be replaced by what `checkpoint` says."""
        return self.action in ("exploit", "switch")

    def _repr_html_(self) -> str:
        """How notebooks show it."""
        donor = "" if self.donor is None else f"copies member {self.donor}"
        said = self.reason if self.action == "stop" else donor
        columns = ["member", "step", "target step", "checkpoint", "hyperparameters"]
        row = [self.member, self.step, self.target_step, self.checkpoint]
        caption = f"{self.action}: {said}" if said else self.action
        return table(caption, columns, [[*row, listed(self.hyperparameters)]])


@dataclass(frozen=True)
class Entry:
    """A member's line on the leaderboard: its latest committed state."""

    rank: int
    member: int
    step: int
    score: float
    checkpoint: str | None
    hyperparameters: dict[str, Value]
    state: State
    """`lost`: its worker was lost, and no other one has taken it over yet."""
    inherited: bool
    """It has copied the donor since, and reported nothing of its own yet."""
    donor: int | None


@dataclass(frozen=True)
class Summary:
    """The population in numbers."""

    members: int
    ranked: int
    training: int
    finished: int
    reports: int
    exploits: int
    quantiles: tuple[float, ...]
    """Worst, lower quartile, median, upper quartile and best of the finite ranked scores."""
    max_steps: int | None
    total_steps: int
    insecure: bool
    lost: int = 0
    """Members whose worker was lost, and that no other one has taken over yet."""
    status: Status = "active"
    grows: bool = False
    """Each worker that keeps its member joins as a new one."""
    synchronous: bool = False
    """Who copies whom is decided for a whole generation at once."""
    generation: int = 0
    """The open generation, from 1; 0 in an asynchronous population."""
    generation_reported: int = 0
    """Members that it need not wait for: they have reported for it, or have finished."""
    obstacle: str | None = None
    """Why nobody copies, or why it ended by itself, in a sentence; else `None`."""


@dataclass(frozen=True)
class Leaderboard:
    """The best members of a population, best first."""

    population: str
    minimize: bool
    entries: tuple[Entry, ...]
    offset: int
    summary: Summary
    epoch: int
    """The run of the coordinator that said so."""
    committed: int
    """The journal's last committed sequence that it shows."""
    best: Entry | None = None
    """The best state that any member ever committed, with rank 0, once one has a finite score."""

    @property
    def finished(self) -> bool:
        """Whether every member has reached the population's last step, or all were removed."""
        summary = self.summary
        return summary.finished == summary.members and (summary.members > 0 or not summary.grows)

    def _repr_html_(self) -> str:
        """How notebooks show it."""
        summary = self.summary
        names = list(dict.fromkeys(n for entry in self.entries for n in entry.hyperparameters))
        caption = (
            f"{self.population}: {summary.members} members, {summary.training} in training, "
            f"{summary.finished} finished, {summary.reports} reports, {summary.exploits} exploits"
        )
        columns = ["rank", "member", "step", "score", *names, "state"]
        rows = [
            [
                entry.rank,
                entry.member,
                entry.step,
                entry.score,
                *(_shown(entry.hyperparameters, name) for name in names),
                entry.state,
            ]
            for entry in self.entries
        ]
        return table(caption, columns, rows)


@dataclass(frozen=True)
class Assignment:
    """A member to train under a lease. `token` 0 stands for a lease that has ended."""

    token: int
    sequence: int
    population: str
    member: int
    step: int
    target_step: int
    max_steps: int | None
    hyperparameters: dict[str, Value] = field(default_factory=dict)
    checkpoint: str | None = None
    unconfirmed: bool = False
    """The hyperparameters are an exploit's that no report has confirmed yet."""
    before: dict[str, Value] | None = None
    """What was in effect before that exploit, if it came to this worker."""
    own: dict[str, Value] | None = None
    """What the user's own `explore` made of the hyperparameters of that exploit."""
    conditional: tuple[str, ...] = ()
    """The names of the hyperparameters that count only where others have some values."""

    @property
    def trained_with(self) -> dict[str, Value]:
        return self.hyperparameters if self.own is None else self.own


def changed(one: Assignment, **fields: Any) -> Assignment:
    """An assignment with some fields changed. `dataclasses.replace` checks them at each report."""
    other = object.__new__(Assignment)
    vars(other).update(vars(one), **fields)
    return other


def value_from_wire(value: wire.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind is None:
        raise InvalidError(
            "The coordinator sent a hyperparameter of a kind that this package does not know: "
            "install a newer murmuration."
        )
    found: Value = getattr(value, kind)
    if kind != "json":
        return found
    try:
        found = json.loads(value.json)
    except ValueError:
        raise MalformedError(
            "The coordinator sent a hyperparameter that is no JSON: install a package that fits "
            "the coordinator."
        ) from None
    return found


def hyperparameters_from_wire(items: Iterable[wire.Hyperparameter]) -> dict[str, Value]:
    return {item.name: value_from_wire(item.value) for item in items}


def _shown(hyperparameters: Mapping[str, Value], name: str) -> Any:
    """As a table has it: a dash where it does not count."""
    value = hyperparameters.get(name, "-")
    return "null" if value is None else value


def assignment_from_wire(lease: wire.Lease) -> Assignment:
    return Assignment(
        token=lease.token,
        sequence=lease.sequence,
        population=lease.population,
        member=lease.member,
        step=lease.step,
        target_step=lease.target_step,
        max_steps=lease.max_steps or None,
        hyperparameters=hyperparameters_from_wire(lease.hyperparameters),
        checkpoint=lease.checkpoint or None,
        unconfirmed=lease.inherited,
        conditional=tuple(lease.conditional),
    )


_STATES: dict[int, State] = {
    wire.Entry.STATE_WAITING: "waiting",
    wire.Entry.STATE_TRAINING: "training",
    wire.Entry.STATE_FINISHED: "finished",
    wire.Entry.STATE_LOST: "lost",
}

_STATUSES: dict[int, Status] = {
    # What a coordinator says that knows no other.
    wire.STATUS_UNSPECIFIED: "active",
    wire.STATUS_ACTIVE: "active",
    wire.STATUS_PAUSED: "paused",
    wire.STATUS_ENDED: "ended",
}


def status_from_wire(status: int) -> Status:
    return _STATUSES.get(status, "unknown")


def leaderboard_from_wire(board: wire.Leaderboard, epoch: int, committed: int) -> Leaderboard:
    summary = board.summary
    return Leaderboard(
        population=board.population,
        minimize=board.minimize,
        entries=tuple(_entry_from_wire(entry) for entry in board.entries),
        offset=board.offset,
        summary=Summary(
            members=summary.members,
            ranked=summary.ranked,
            training=summary.training,
            finished=summary.finished,
            reports=summary.reports,
            exploits=summary.exploits,
            quantiles=tuple(summary.quantiles),
            max_steps=summary.max_steps or None,
            total_steps=summary.total_steps,
            insecure=summary.insecure,
            lost=summary.lost,
            status=status_from_wire(summary.status),
            grows=summary.grows,
            synchronous=summary.synchronous,
            generation=summary.generation,
            generation_reported=summary.generation_reported,
            obstacle=summary.obstacle or None,
        ),
        epoch=epoch,
        committed=committed,
        best=_entry_from_wire(board.best) if board.HasField("best") else None,
    )


def _entry_from_wire(entry: wire.Entry) -> Entry:
    return Entry(
        rank=entry.rank,
        member=entry.member,
        step=entry.step,
        score=entry.score,
        checkpoint=entry.checkpoint or None,
        hyperparameters=hyperparameters_from_wire(entry.hyperparameters),
        state=_STATES.get(entry.state, "unknown"),
        inherited=entry.inherited,
        donor=entry.donor if entry.HasField("donor") else None,
    )


def hyperparameters_to_wire(values: Mapping[str, Value]) -> list[wire.Hyperparameter]:
    if len(values) > HYPERPARAMETERS:
        raise LimitError(
            f"There are {len(values)} hyperparameters; at most {HYPERPARAMETERS} may travel."
        )
    return [
        wire.Hyperparameter(name=name, value=_value_to_wire(value))
        for name, value in values.items()
    ]


def _value_to_wire(value: Value) -> wire.Value:
    # A bool is an int in Python, so it is asked for first.
    if isinstance(value, bool):
        return wire.Value(flag=value)
    if isinstance(value, int):
        return wire.Value(integer=value)
    if isinstance(value, float):
        return wire.Value(number=value)
    if isinstance(value, str):
        return wire.Value(text=value)
    return wire.Value(json=json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def in_effect(
    assigned: Mapping[str, Value], given: Mapping[str, Any], conditional: Iterable[str] = ()
) -> dict[str, Value]:
    """The hyperparameters in effect: those assigned, with what the user set instead.

    A value takes the kind of the one it replaces, so that 1 for a float travels as 1.0. One of
    those that are `conditional` may be set though it is not assigned: with what else is set it may
    count.
    """
    known = {*assigned, *conditional}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InvalidError(
            f"The population has no hyperparameter {unknown[0]!r:.80}; it has "
            f"{escaped(', '.join(sorted(known))) or 'none'}."
        )
    found = dict(assigned)
    for name, value in given.items():
        found[name] = _like(assigned.get(name), value, name)
    return found


def _like(assigned: Value | None, given: Any, name: str) -> Value:
    what = f"hyperparameter {name!r}"
    try:
        found = plain(given)
    except (TypeError, ValueError, RuntimeError):
        found = given
    # A choice may hold values of several kinds, so what is plain already stays as it is.
    if isinstance(found, str):
        if not is_writable(found):
            raise InvalidError(f"The {what} is {found!r:.60}, which is no text that can travel.")
        return found
    if found is None or isinstance(found, bool):
        return found
    if isinstance(found, (list, tuple)):
        return [_finite(_like(None, each, name), what) for each in found]
    if isinstance(found, int) and not isinstance(assigned, float):
        if not -(2**63) <= found < 2**63:
            raise InvalidError(f"The {what} is too large: {found}.")
        return found
    return number(found, what)


def _finite(value: Value, what: str) -> Value:
    if isinstance(value, float) and not isfinite(value):
        raise InvalidError(f"The {what} has {value} in its list; give finite numbers.")
    return value
