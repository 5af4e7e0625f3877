"""A monitor that reads by an invitation: the broadcast comes over its connection."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator

import pytest
from support.coordinator import Coordinator, error, subscribed
from test_monitor import board

from murmuration import (
    Leaderboard,
    Monitor,
    NoPopulationError,
    RefusedError,
    Timing,
    UnauthorizedError,
    UnreachableError,
)
from murmuration.v1 import murmuration_pb2 as wire

TOPIC = "digits/leaderboard"
REVOKED = "This key was revoked."


@pytest.fixture
def inviting() -> Iterator[Coordinator]:
    with Coordinator(guests=set()) as scripted:
        yield scripted


def test_boards_come_over_the_connection(inviting: Coordinator, quick: Timing) -> None:
    with Monitor(inviting.invite(), "digits", timing=quick) as boards:
        assert list(inviting.next("subscribe").request.subscribe.topics) == [TOPIC]
        inviting.publish("other/leaderboard", board(1, name="other"))
        inviting.publish(f"{TOPIC}2", board(1, name="digits/leaderboard2"))
        for each in (board(5), board(4), board(1, epoch=2), board(2, epoch=2, finished=2)):
            inviting.publish(TOPIC, each)
        seen = []
        for found in boards:
            seen.append((found.epoch, found.committed))
            if found.finished:
                break
    assert seen == sorted(seen)
    assert seen[-1] == (2, 20)
    assert inviting.count("hello") == 1


def test_the_only_population_that_may_be_read_needs_no_name(
    inviting: Coordinator, quick: Timing
) -> None:
    one = wire.Populations(populations=[wire.Population(name="digits")])
    inviting.answers.append(wire.Reply(populations=one))
    with Monitor(inviting.invite(), timing=quick) as boards:
        inviting.publish(TOPIC, board(1))
        assert next(boards).committed == 10


def test_it_is_asked_for_again_within_its_time(quick: Timing) -> None:
    with Coordinator(guests=set(), subscription_milliseconds=300) as inviting:
        monitor = Monitor(inviting.invite(), "digits", timing=quick)
        with following(monitor) as seen:
            times = [inviting.next("subscribe").at for _ in range(4)]
            inviting.publish(TOPIC, board(1))
            assert seen().committed == 10
        # At a third of the time, and not at every turn.
        assert times[3] - times[0] >= 0.2
        assert inviting.count("hello") == 1


def test_it_is_asked_for_again_after_silence(
    inviting: Coordinator, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("murmuration._connection.broadcast._SILENCE_SECONDS", 0.3)
    with following(Monitor(inviting.invite(), "digits", timing=quick)) as seen:
        inviting.next("subscribe")
        # It forgot it, as one does whose state was lost.
        inviting.subscriptions.clear()
        inviting.next("subscribe")
        inviting.publish(TOPIC, board(1))
        assert seen().committed == 10


def test_it_goes_on_through_a_restart(quick: Timing) -> None:
    with Coordinator(guests=set()) as first:
        monitor = Monitor(first.invite(), "digits", timing=quick)
        first.publish(TOPIC, board(9))
        assert next(monitor).committed == 90
    second = Coordinator(guests=first.guests, port=first.port, epoch=2)
    second.server_secret = first.server_secret
    with second, following(monitor) as seen:
        second.next("subscribe")
        second.publish(TOPIC, board(1, epoch=2))
        assert seen().epoch == 2


def test_an_epoch_that_is_new_is_subscribed_to_as_well(
    inviting: Coordinator, quick: Timing
) -> None:
    with following(Monitor(inviting.invite(), "digits", timing=quick)) as seen:
        inviting.next("subscribe")
        inviting.epoch = 2
        inviting.publish(TOPIC, board(1, epoch=2))
        inviting.next("subscribe")
        inviting.publish(TOPIC, board(2, epoch=2))
        assert (seen().epoch, inviting.count("hello")) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(wire.Error.CODE_UNAUTHORIZED, "This key may not read q."), UnauthorizedError),
        (error(wire.Error.CODE_NO_POPULATION, "There is no population q."), NoPopulationError),
    ],
)
def test_what_may_not_be_read_is_refused_at_once(
    answer: wire.Reply, kind: type[Exception], inviting: Coordinator, quick: Timing
) -> None:
    inviting.subscribe = answer
    with pytest.raises(kind, match=answer.error.message):
        Monitor(inviting.invite(), "q", timing=quick)
    assert inviting.count("subscribe") == 1


def revoke_at_renewal(inviting: Coordinator) -> None:
    inviting.subscribe = error(wire.Error.CODE_UNAUTHORIZED, REVOKED)


def say_that_it_was_revoked(inviting: Coordinator) -> None:
    inviting.push(error(wire.Error.CODE_UNAUTHORIZED, REVOKED))


@pytest.mark.parametrize("end", [revoke_at_renewal, say_that_it_was_revoked])
def test_a_revoked_key_ends_the_monitor(end: Callable[[Coordinator], None], quick: Timing) -> None:
    with (
        Coordinator(guests=set(), subscription_milliseconds=300) as inviting,
        Monitor(inviting.invite(), "digits", timing=quick) as boards,
    ):
        inviting.publish(TOPIC, board(1))
        assert next(boards).committed == 10
        end(inviting)
        with pytest.raises(UnauthorizedError, match=REVOKED):
            next(boards)


def test_a_refused_renewal_is_told_whenever_a_board_is_asked_for(quick: Timing) -> None:
    with (
        Coordinator(guests=set(), subscription_milliseconds=300) as inviting,
        Monitor(inviting.invite(), "digits", timing=quick) as boards,
    ):
        revoke_at_renewal(inviting)
        for _ in range(2):
            with pytest.raises(UnauthorizedError, match=REVOKED):
                next(boards)


def test_a_key_that_is_refused_after_a_restart_ends_the_monitor(
    quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("murmuration._connection.broadcast._SILENCE_SECONDS", 0.3)
    with Coordinator(guests=set()) as first:
        monitor = Monitor(first.invite(), "digits", timing=quick)
    second = Coordinator(guests={bytes(32)}, port=first.port)
    second.server_secret = first.server_secret
    with second, monitor, pytest.raises(RefusedError, match="does not let this invitation in"):
        next(monitor)
    assert second.received == []


def test_a_coordinator_that_is_away_is_said_once(
    quick: Timing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("murmuration._connection.broadcast._SILENCE_SECONDS", 0.1)
    monkeypatch.setattr("murmuration._monitor._SILENCE_SECONDS", 0.2)
    with Coordinator(guests=set()) as gone:
        monitor = Monitor(gone.invite(), "digits", timeout=2.0, timing=quick)
    with monitor, pytest.raises(UnreachableError, match=r"came for 2 s\. Nothing listens"):
        next(monitor)
    said = [each.message for each in caplog.records if "Waiting for it" in each.message]
    assert len(said) == 1
    assert "Nothing listens" in said[0]


def test_closing_ends_an_iteration_in_another_thread(inviting: Coordinator, quick: Timing) -> None:
    monitor = Monitor(inviting.invite(), "digits", timing=quick)
    seen: deque[Leaderboard] = deque()
    reader = threading.Thread(target=lambda: seen.extend(monitor))
    reader.start()
    monitor.close()
    monitor.close()
    reader.join(20)
    assert not reader.is_alive()
    assert list(seen) == []


def test_a_slow_reader_gets_the_newest_board(inviting: Coordinator, quick: Timing) -> None:
    with Monitor(inviting.invite(), "digits", timing=quick) as boards:
        for counter in range(1, 101):
            inviting.publish(TOPIC, board(counter))
        counters = [next(boards).committed // 10]
        while counters[-1] < 100:
            counters.append(next(boards).committed // 10)
    assert counters == sorted(counters)


def test_a_time_of_nothing_does_not_make_it_spin(quick: Timing) -> None:
    with Coordinator(guests=set()) as inviting:
        inviting.subscribe = subscribed(0)
        with (
            Monitor(inviting.invite(), "digits", timeout=1.0, timing=quick) as boards,
            pytest.raises(UnreachableError, match="No board"),
        ):
            next(boards)
        assert inviting.count("subscribe") <= 15


class following:  # noqa: N801 (reads as a statement)
    """Reads a monitor in a thread of its own; calling it waits for the next board."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.boards: deque[Leaderboard] = deque()
        self.filled = threading.Condition()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self) -> Callable[[], Leaderboard]:
        self.thread.start()
        return self.next

    def __exit__(self, *_: object) -> None:
        self.monitor.close()
        self.thread.join(20)
        assert not self.thread.is_alive()

    def next(self) -> Leaderboard:
        with self.filled:
            assert self.filled.wait_for(lambda: self.boards, 20), "no board came"
            return self.boards.popleft()

    def run(self) -> None:
        for each in self.monitor:
            with self.filled:
                self.boards.append(each)
                self.filled.notify()
