"""What a monitor makes of the broadcast."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

import pytest
from support.coordinator import Coordinator, error

from murmuration import Leaderboard, Monitor, NoPopulationError, Timing, UnreachableError
from murmuration.errors import UnsupportedError
from murmuration.v1 import murmuration_pb2 as wire


def board(
    counter: int, *, epoch: int = 1, finished: int = 0, name: str = "digits"
) -> wire.Broadcast:
    return wire.Broadcast(
        epoch=epoch,
        counter=counter,
        committed=10 * counter,
        leaderboard=wire.Leaderboard(
            population=name,
            entries=[wire.Entry(rank=1, member=4, score=0.9, checkpoint="/4", donor=0)],
            summary=wire.Summary(
                members=2,
                ranked=1,
                finished=finished,
                quantiles=[0.1, 0.9],
                lost=1,
                status=wire.STATUS_PAUSED,
            ),
            best=wire.Entry(member=5, score=0.95, state=wire.Entry.STATE_LOST),
        ),
    )


@pytest.fixture
def broadcasting() -> Iterator[Coordinator]:
    with Coordinator(broadcasts=True) as scripted:
        yield scripted


def test_boards_are_yielded_until_the_reader_breaks(
    broadcasting: Coordinator, quick: Timing
) -> None:
    with Monitor(broadcasting.url, "digits", timing=quick) as boards:
        assert broadcasting.subscribed.wait(20)
        broadcasting.publish("digits/leaderboard", board(1))
        first = next(boards)
        assert isinstance(first, Leaderboard)
        assert first.best is not None
        assert (first.best.member, first.best.rank, first.best.state) == (5, 0, "lost")
        assert (first.entries[0].member, first.entries[0].donor) == (4, 0)
        assert (first.summary.lost, first.summary.status) == (1, "paused")
        assert (first.epoch, first.committed, first.summary.quantiles) == (1, 10, (0.1, 0.9))
        broadcasting.publish("digits/leaderboard", board(2, finished=2))
        for each in boards:
            if each.finished:
                break
        assert each.committed == 20


def test_an_older_board_never_follows_a_newer_one(broadcasting: Coordinator, quick: Timing) -> None:
    with Monitor(broadcasting.url, "digits", timing=quick) as boards:
        assert broadcasting.subscribed.wait(20)
        for each in (board(5), board(4), board(1, epoch=2), board(9), board(2, epoch=2)):
            broadcasting.publish("digits/leaderboard", each)
        seen = []
        for found in boards:
            seen.append((found.epoch, found.committed))
            if seen[-1] == (2, 20):
                break
    assert seen == sorted(seen)


def test_a_population_whose_name_begins_alike_is_left_out(
    broadcasting: Coordinator, quick: Timing
) -> None:
    with Monitor(broadcasting.url, "digits", timing=quick) as boards:
        assert broadcasting.subscribed.wait(20)
        broadcasting.publish("digits/leaderboard", board(1, name="digits/leaderboard2"))
        broadcasting.publish("digits/leaderboard", board(2))
        assert next(boards).committed == 20


def test_the_only_population_needs_no_name(broadcasting: Coordinator, quick: Timing) -> None:
    one = wire.Populations(populations=[wire.Population(name="digits")])
    broadcasting.answers.append(wire.Reply(populations=one))
    with Monitor(broadcasting.url, timing=quick) as boards:
        assert boards.population == "digits"


@pytest.mark.parametrize(
    ("names", "said"),
    [([], "no population yet"), (["one", "two"], "name one of one, two")],
)
def test_none_or_several_populations_need_a_name(
    names: list[str], said: str, broadcasting: Coordinator, quick: Timing
) -> None:
    found = wire.Populations(populations=[wire.Population(name=name) for name in names])
    broadcasting.answers.append(wire.Reply(populations=found))
    with pytest.raises(NoPopulationError, match=said):
        Monitor(broadcasting.url, timing=quick)


def test_the_broadcast_is_encrypted_with_the_same_secret(quick: Timing) -> None:
    with (
        Coordinator(secret="correct-horse_battery1", broadcasts=True) as coordinator,
        Monitor(coordinator.url, "digits", timing=quick) as boards,
    ):
        assert coordinator.subscribed.wait(20)
        coordinator.publish("digits/leaderboard", board(1))
        assert next(boards).committed == 10


def test_closing_ends_an_iteration_in_another_thread(
    broadcasting: Coordinator, quick: Timing
) -> None:
    monitor = Monitor(broadcasting.url, "digits", timing=quick)
    seen: deque[Leaderboard] = deque()
    reader = threading.Thread(target=lambda: seen.extend(monitor))
    reader.start()
    monitor.close()
    monitor.close()
    reader.join(20)
    assert not reader.is_alive()
    assert list(seen) == []


def test_a_timeout_says_that_no_board_came(broadcasting: Coordinator, quick: Timing) -> None:
    with (
        Monitor(broadcasting.url, "digits", timeout=0.05, timing=quick) as boards,
        pytest.raises(UnreachableError, match=r"No board of 'digits' came for 0\.05 s"),
    ):
        next(boards)


def test_a_coordinator_without_a_broadcast_is_named(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.subscribe = error(wire.Error.CODE_UNSUPPORTED, "Update the coordinator.")
    with pytest.raises(UnsupportedError, match="Update the coordinator"):
        Monitor(coordinator.url, "digits", timing=quick)
