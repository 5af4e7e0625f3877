"""What an administrator asks, and what it makes of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

import numpy
import pytest
from support.coordinator import Coordinator, error, numbers

from murmuration import (
    Administrator,
    Beginning,
    ConflictError,
    Dimension,
    InvalidError,
    MalformedError,
    NoPopulationError,
    Population,
    Segment,
    Timing,
    UnreachableError,
)
from murmuration import events as kinds
from murmuration.v1 import murmuration_pb2 as wire

DIGITS = wire.Population(
    name="digits",
    members=8,
    minimize=True,
    interval=5,
    max_steps=50,
    seed=7,
    finished=1,
    training=2,
    reports=30,
    exploits=4,
    status=wire.STATUS_PAUSED,
    lost=1,
    removed=2,
    burn_in=3,
    fraction=0.25,
    min_population_size=5,
    resample_probability=0.5,
    settings=[
        wire.Setting(name="max_steps", integer=50),
        wire.Setting(name="fraction", number=0.25),
        wire.Setting(name="selection", word="tournament"),
        wire.Setting(name="grows", flag=True),
        wire.Setting(
            name="perturbation_factors", numbers=wire.Setting.Numbers(numbers=[0.8, 1.25])
        ),
        # Of a kind that only a newer package knows.
        wire.Setting(name="newer"),
    ],
    obstacle="Nobody copies.",
    constraints=["rate < gain"],
    grows=True,
    space=[
        wire.Dimension(name="rate", kind=wire.Dimension.KIND_NUMBER, min=0.1, max=1, log=True),
        wire.Dimension(
            name="kind",
            kind=wire.Dimension.KIND_CHOICE,
            values=[wire.Value(text="tanh"), wire.Value(flag=True)],
        ),
        wire.Dimension(name="width", kind=wire.Dimension.KIND_INTEGER, min=8, max=64, step=8),
        wire.Dimension(
            name="gain",
            kind=wire.Dimension.KIND_NUMBER,
            min=-2,
            max=2,
            unbounded=wire.Dimension.UNBOUNDED_ABOVE,
            beginning=wire.Dimension.Beginning(draw="normal", mean=0, sd=0.5, max=2),
        ),
    ],
)


@pytest.fixture
def administrator(coordinator: Coordinator, quick: Timing) -> Administrator:
    return Administrator(coordinator.url, "digits", timing=quick)


def test_a_population_is_read_in_full(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    board = wire.Reply(leaderboard=wire.Leaderboard(population="digits"))
    listed = wire.Reply(populations=wire.Populations(populations=[wire.Population(), DIGITS]))
    coordinator.answers += [board, listed]
    with administrator:
        found = administrator.population()
    assert found == Population(
        name="digits",
        members=8,
        status="paused",
        minimize=True,
        settings={
            "max_steps": 50,
            "fraction": 0.25,
            "selection": "tournament",
            "grows": True,
            "perturbation_factors": (0.8, 1.25),
        },
        obstacle="Nobody copies.",
        constraints=("rate < gain",),
        seed=7,
        grows=True,
        finished=1,
        training=2,
        lost=1,
        removed=2,
        reports=30,
        exploits=4,
        space=(
            Dimension("rate", "number", 0.1, 1.0, True),
            Dimension("kind", "choice", None, None, False, ("tanh", True)),
            Dimension("width", "integer", 8.0, 64.0, False, step=8.0),
            Dimension(
                "gain",
                "number",
                -2.0,
                2.0,
                False,
                unbounded="above",
                beginning=Beginning("normal", 0.0, 0.5, max=2.0),
            ),
        ),
    )
    assert found.max_steps == 50
    assert coordinator.next("get_leaderboard").request.get_leaderboard.population == "digits"


def test_populations_are_read_page_by_page(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    def page(*names: str, more: bool) -> wire.Reply:
        found = [wire.Population(name=name) for name in names]
        return wire.Reply(populations=wire.Populations(populations=found, more=more))

    coordinator.answers += [page("a", "b", more=True), page("c", more=False)]
    with administrator:
        assert [each.name for each in administrator.populations()] == ["a", "b", "c"]
    pages = [coordinator.next("list_populations").request.list_populations for _ in range(2)]
    assert [page.after for page in pages] == ["", "b"]


def test_a_population_that_is_gone_is_said(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    coordinator.answers += [
        wire.Reply(leaderboard=wire.Leaderboard(population="digits")),
        wire.Reply(populations=wire.Populations()),
    ]
    with administrator, pytest.raises(NoPopulationError, match="'digits' any more"):
        administrator.population()


def test_the_leaderboard_is_read_page_by_page(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    def page(request: wire.Request) -> wire.Reply:
        asked = request.get_leaderboard
        last = min(asked.offset + min(2, asked.limit), 5)
        entries = [wire.Entry(rank=rank) for rank in range(asked.offset + 1, last + 1)]
        board = wire.Leaderboard(
            entries=entries, offset=asked.offset, summary=wire.Summary(members=9, ranked=5)
        )
        return wire.Reply(leaderboard=board)

    coordinator.answers += [page] * 6
    with administrator:
        board = administrator.leaderboard()
        three = administrator.leaderboard("digits", 3)
        none = administrator.leaderboard(limit=0)
    assert [entry.rank for entry in board.entries] == [1, 2, 3, 4, 5]
    assert [entry.rank for entry in three.entries] == [1, 2, 3]
    assert (none.entries, none.summary.ranked) == ((), 5)


def test_history_is_asked_for_while_it_is_read(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    def page(*sequences: int, more: bool) -> wire.Reply:
        found = [
            wire.Event(sequence=sequence, removed=wire.Event.Removed()) for sequence in sequences
        ]
        return wire.Reply(history=wire.History(events=found, more=more))

    coordinator.answers += [page(3, 5, more=True)]
    with administrator:
        history = administrator.history(after=2, member=0)
        assert [event.sequence for event in islice(history, 2)] == [3, 5]
        coordinator.answers += [page(9, more=False)]
        assert [event.sequence for event in history] == [9]
    pages = [coordinator.next("get_history").request.get_history for _ in range(2)]
    assert [page.after for page in pages] == [2, 5]
    assert [(page.HasField("member"), page.member) for page in pages] == [(True, 0)] * 2


REPORTED = wire.Event.Reported(
    report=3,
    step=30,
    score=0.5,
    checkpoint="/3",
    hyperparameters=numbers(rate=0.1),
    metrics=[wire.Metric(name="loss", value=2)],
    rank=8,
    ranked=8,
    exploit=wire.Event.Exploit(
        donor=5,
        donor_report=2,
        step=20,
        score=0.9,
        checkpoint="/5",
        donor_hyperparameters=numbers(rate=0.5),
        hyperparameters=numbers(rate=0.4),
        operations=["perturbed"],
    ),
)


@pytest.mark.parametrize(
    ("event", "member", "kind"),
    [
        (
            wire.Event(created=wire.Event.Created(hyperparameters=numbers(rate=0.1))),
            4,
            kinds.Created({"rate": 0.1}),
        ),
        (wire.Event(leased=wire.Event.Leased(worker="w")), 4, kinds.Leased("w")),
        (
            wire.Event(reported=REPORTED),
            4,
            kinds.Reported(
                number=3,
                step=30,
                score=0.5,
                checkpoint="/3",
                hyperparameters={"rate": 0.1},
                metrics={"loss": 2.0},
                declined=False,
                rank=8,
                ranked=8,
                exploit=kinds.Exploit(
                    donor=5,
                    donor_report=2,
                    step=20,
                    score=0.9,
                    checkpoint="/5",
                    donor_hyperparameters={"rate": 0.5},
                    hyperparameters={"rate": 0.4},
                    operations={"rate": "perturbed"},
                ),
            ),
        ),
        (
            wire.Event(reported=wire.Event.Reported(report=1, step=1, declined=True)),
            4,
            kinds.Reported(1, 1, 0.0, None, {}, {}, True, None, None, None),
        ),
        (wire.Event(declined=wire.Event.Declined(reason="r")), 4, kinds.Declined("r")),
        (
            wire.Event(declined=wire.Event.Declined(reason="r", fallback=wire.FALLBACK_PREVIOUS)),
            4,
            kinds.Declined("r", "previous"),
        ),
        (
            wire.Event(declined=wire.Event.Declined(fallback=wire.FALLBACK_START)),
            4,
            kinds.Declined("", "start"),
        ),
        (
            wire.Event(
                declined=wire.Event.Declined(
                    fallback=wire.FALLBACK_DONOR,
                    exploit=wire.Event.Exploit(donor=7, donor_report=3, step=40, score=0.5),
                )
            ),
            4,
            kinds.Declined("", "donor", kinds.Exploit(7, 3, 40, 0.5, "", {}, {}, {})),
        ),
        (wire.Event(released=wire.Event.Released(reason="left")), 4, kinds.Released("left")),
        (wire.Event(removed=wire.Event.Removed()), 4, kinds.Removed()),
        (wire.Event(paused=wire.Pause()), None, kinds.Paused()),
        (wire.Event(resumed=wire.Resume()), None, kinds.Resumed()),
        (wire.Event(ended=wire.End()), None, kinds.Ended()),
        (
            wire.Event(
                changed=wire.Event.Changed(
                    before=wire.Settings(max_steps=10), after=wire.Settings(max_steps=0)
                )
            ),
            None,
            kinds.Changed({"max_steps": 10}, {"max_steps": 0}),
        ),
    ],
)
def test_each_kind_of_event_is_read(
    event: wire.Event, member: int | None, kind: kinds.Kind
) -> None:
    event.sequence, event.member, event.time_milliseconds = 6, 4, 1_500
    assert kinds.event_from_wire(event) == kinds.Event(
        sequence=6,
        time=datetime(1970, 1, 1, 0, 0, 1, 500_000, timezone.utc),
        member=member,
        kind=kind,
    )


def test_a_kind_of_event_that_is_not_known_is_left_out() -> None:
    assert kinds.event_from_wire(wire.Event(sequence=6)) is None


def test_a_schedule_is_read_page_by_page(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    def page(*ends: int, more: bool) -> wire.Reply:
        found = [
            wire.Schedule.Segment(
                member=1, start=end - 10, end=end, hyperparameters=numbers(rate=0.1)
            )
            for end in ends
        ]
        return wire.Reply(schedule=wire.Schedule(segments=found, more=more))

    coordinator.answers += [page(10, 20, more=True), page(30, more=False)]
    with administrator:
        schedule = administrator.schedule(None, 4)
    assert schedule[0] == Segment(1, 0, 10, {"rate": 0.1})
    assert [segment.end for segment in schedule] == [10, 20, 30]
    pages = [coordinator.next("get_schedule").request.get_schedule for _ in range(2)]
    assert [(page.population, page.member, page.offset) for page in pages] == [
        ("digits", 4, 0),
        ("digits", 4, 2),
    ]


def test_the_schedule_of_the_best_is_asked_for_without_its_member(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    segment = wire.Schedule.Segment(member=3, end=10, hyperparameters=numbers(rate=0.1))
    coordinator.answers.append(wire.Reply(schedule=wire.Schedule(segments=[segment])))
    with administrator:
        assert administrator.best_schedule() == [Segment(3, 0, 10, {"rate": 0.1})]
    asked = coordinator.next("get_schedule").request.get_schedule
    assert (asked.population, asked.best) == ("digits", True)


def test_a_schedule_is_replayed_as_its_own_space_file(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    schedule = [
        Segment(3, 0, 10, {"rate": 0.1, "kind": "a", "flag": True}),
        Segment(4, 10, 30, {"rate": 1.0, "kind": "b", "flag": False}),
    ]
    coordinator.answers.append(wire.Reply(population=wire.Population(name="again", members=1)))
    with administrator:
        assert administrator.replay("again", schedule, interval=5).members == 1
        with pytest.raises(InvalidError, match="empty"):
            administrator.replay("again", [])
    made = coordinator.next("create_population").request.create_population
    assert (made.name, made.source) == ("again", "schedule.json")
    assert made.settings == [wire.Setting(name="interval", integer=5)]
    assert json.loads(made.space) == {
        "hyperparameters": ["rate", "kind", "flag"],
        "segments": [
            {"end": 10, "hyperparameters": {"rate": 0.1, "kind": "a", "flag": True}},
            {"end": 30, "hyperparameters": {"rate": 1.0, "kind": "b", "flag": False}},
        ],
    }


def test_a_population_is_made_from_a_file_or_a_text(
    coordinator: Coordinator, administrator: Administrator, tmp_path: Path
) -> None:
    text = "name,min,max,scale\nrate,0.1,1,log\n"
    path = tmp_path / "space.csv"
    path.write_text(text)
    coordinator.answers += [wire.Reply(population=DIGITS)] * 2
    with administrator:
        made = administrator.create_population("digits", path, max_steps=0, minimize=False)
        assert made.name == "digits"
        administrator.create_population("digits", text, population_size=4, seed=0, fraction=0.3)
        with pytest.raises(InvalidError, match=r"'nowhere\.yaml' cannot be read"):
            administrator.create_population("digits", "nowhere.yaml")
        with pytest.raises(InvalidError, match="'population_size' is -1"):
            administrator.create_population("digits", text, population_size=-1)
    one, two = [coordinator.next("create_population").request for _ in range(2)]
    assert one.create_population.space == two.create_population.space == text
    assert (one.create_population.source, two.create_population.source) == ("space.csv", "")
    assert list(one.create_population.settings) == [
        wire.Setting(name="objective", word="maximize"),
        wire.Setting(name="max_steps", integer=0),
    ]
    assert list(two.create_population.settings) == [
        wire.Setting(name="population_size", integer=4),
        wire.Setting(name="seed", integer=0),
        wire.Setting(name="fraction", number=0.3),
    ]


def settings(*settings: wire.Setting) -> wire.Settings:
    return wire.Settings(settings=settings)


def change(**fields: object) -> wire.ChangePopulation:
    return wire.ChangePopulation(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda each: each.pause(), change(population="digits", pause=wire.Pause())),
        (lambda each: each.pause("other"), change(population="other", pause=wire.Pause())),
        (lambda each: each.resume(), change(population="digits", resume=wire.Resume())),
        (lambda each: each.end(), change(population="digits", end=wire.End())),
        (
            lambda each: each.add_members("other", 3),
            change(population="other", add_members=wire.AddMembers(members=3)),
        ),
        (
            lambda each: each.remove_member(None, 0),
            change(population="digits", remove_member=wire.RemoveMember(member=0)),
        ),
        (
            lambda each: each.set(max_steps=0, fraction=0.3),
            change(
                population="digits",
                settings=settings(
                    wire.Setting(name="max_steps", integer=0),
                    wire.Setting(name="fraction", number=0.3),
                ),
            ),
        ),
        (
            lambda each: each.set(
                "other",
                interval=numpy.int64(2),
                burn_in=None,
                selection="none",
                grows=False,
                min_gap=numpy.float32(0.5),
                perturbation_factors=[0.5, 2],
            ),
            change(
                population="other",
                settings=settings(
                    wire.Setting(name="interval", integer=2),
                    wire.Setting(name="selection", word="none"),
                    wire.Setting(name="grows", flag=False),
                    wire.Setting(name="min_gap", number=0.5),
                    wire.Setting(
                        name="perturbation_factors", numbers=wire.Setting.Numbers(numbers=[0.5, 2])
                    ),
                ),
            ),
        ),
    ],
)
def test_each_change_travels_under_its_own_key(
    call: Callable[[Administrator], Population],
    expected: wire.ChangePopulation,
    coordinator: Coordinator,
    administrator: Administrator,
) -> None:
    coordinator.answers += [wire.Reply(population=DIGITS)] * 2
    with administrator:
        assert call(administrator).status == "paused"
        call(administrator)
    one, two = [coordinator.next("change_population").request for _ in range(2)]
    assert len(one.change_population.key) == len(two.change_population.key) == 16
    assert one.change_population.key != two.change_population.key
    one.change_population.key = b""
    assert one.change_population == expected


def test_what_the_coordinator_refuses_is_raised(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    coordinator.answers += [
        error(wire.Error.CODE_CONFLICT, "It has ended."),
        wire.Reply(left=wire.Left()),
    ]
    with administrator:
        with pytest.raises(ConflictError, match="It has ended"):
            administrator.pause()
        with pytest.raises(MalformedError, match="something else than was asked"):
            administrator.pause()


def test_silence_is_an_error_after_the_timeout(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [None]
    with (
        Administrator(coordinator.url, timeout=0.05, timing=quick) as administrator,
        pytest.raises(UnreachableError),
    ):
        administrator.populations()
