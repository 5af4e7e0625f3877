"""What `PBTClient` makes of the coordinator's answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.coordinator import Coordinator, error, exploit, lease, numbers, same, stop, wait

from murmuration import (
    AddressError,
    InvalidError,
    LeaseLapsedError,
    NoPopulationError,
    NothingToExploitError,
    NothingToTrainError,
    PBTClient,
    RefusedError,
    SpaceMismatchError,
    Timing,
    UnreachableError,
    WeakKeyError,
)
from murmuration.v1 import murmuration_pb2 as wire

STRONG = "a-secret-of-22-letters"
LAPSED = error(wire.Error.CODE_LEASE_LAPSED, "The lease lapsed.")

Connect = Callable[[Coordinator], PBTClient]


@pytest.fixture
def connect(quick: Timing) -> Connect:
    return lambda server: PBTClient("127.0.0.1", server.port, timing=quick)


def reports(coordinator: Coordinator) -> list[wire.Report]:
    return [each.request.report for each in coordinator.received if each.kind == "report"]


def test_a_client_joins_the_population_as_a_member_that_it_keeps(
    quick: Timing, tmp_path: Path
) -> None:
    space = tmp_path / "space.csv"
    space.write_text("name,min,max,scale\nrate,1e-4,1,log\n")
    with Coordinator(secret=STRONG) as coordinator:
        coordinator.answers += [lease(member=4)]
        port = coordinator.port
        with PBTClient("localhost", port, STRONG.encode(), str(space), timing=quick) as client:
            assert client.member == 4
            assert client.hyperparameters() == {"rate": 0.1}
            assert client.parameters_path() is None
            assert not client.should_exploit()
        join = coordinator.next("join").request.join
        assert (join.population, join.space) == ("default", space.read_text())
        assert (join.keeps, join.former) == (True, 0)
        assert coordinator.next("leave").request.leave.lease == 7


def test_a_whole_url_is_enough(quick: Timing) -> None:
    with Coordinator(secret=STRONG) as coordinator:
        coordinator.answers += [lease(), lease(), error(wire.Error.CODE_NO_POPULATION, "None.")]
        for url in (coordinator.url, f"{coordinator.url}/digits"):
            with PBTClient(url, timing=quick) as client:
                assert client.member == 3
        # A key that the URL lacks may come from beside it.
        with pytest.raises(NoPopulationError, match="None"):
            PBTClient(coordinator.url.replace(f"{STRONG}@", ""), None, STRONG, timing=quick)
        joins = [coordinator.next("join").request.join for _ in range(2)]
        assert [join.population for join in joins] == ["default", "digits"]


def test_saves_are_counted_and_their_paths_become_absolute(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), same(2), same(3), same(4)]
    with connect(coordinator) as client:
        client.save("model.pt", 0.1)
        assert client.parameters_path() == str(Path.cwd() / "model.pt")
        client.save(Path("/models") / "2.pt", 0.2)
        client.save("s3://bucket/3.pt", 0.3)
        assert client.parameters_path() == "s3://bucket/3.pt"
        assert not client.should_exploit()
    assert [(each.sequence, each.step, each.score) for each in reports(coordinator)] == [
        (1, 1, 0.1),
        (2, 2, 0.2),
        (3, 3, 0.3),
    ]
    paths = [each.checkpoint for each in reports(coordinator)]
    assert paths == [str(Path.cwd() / "model.pt"), "/models/2.pt", "s3://bucket/3.pt"]
    # What was assigned is in effect, and need not travel.
    assert [list(each.hyperparameters) for each in reports(coordinator)] == [[], [], []]


def test_exploit_is_the_donors_and_explore_what_was_drawn_around_it(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), exploit(), same(22), same(23)]
    with connect(coordinator) as client:
        client.save("/mine", 0.1)
        assert client.should_exploit()
        # Nothing changes before it is asked for.
        assert (client.parameters_path(), client.hyperparameters()) == ("/mine", {"rate": 0.1})
        client.exploit()
        assert (client.parameters_path(), client.hyperparameters()) == ("/donor", {"rate": 0.5})
        client.explore()
        assert (client.parameters_path(), client.hyperparameters()) == ("/donor", {"rate": 0.4})
        client.save("/mine", 0.2)
        assert not client.should_exploit()
        client.save("/mine", 0.3)
    first, second, third = reports(coordinator)
    assert (first.step, first.effect) == (1, wire.EFFECT_UNSPECIFIED)
    assert (second.step, second.effect) == (21, wire.EFFECT_APPLIED)
    assert list(second.hyperparameters) == []
    assert (third.step, third.effect) == (22, wire.EFFECT_UNSPECIFIED)


def test_exploit_without_explore_keeps_the_donors_values_and_says_so(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), exploit(), same(22), same(23)]
    with connect(coordinator) as client:
        client.save("/mine", 0.1)
        client.exploit()
        client.save("/mine", 0.2)
        assert client.hyperparameters() == {"rate": 0.5}
        client.save("/mine", 0.3)
    _, second, third = reports(coordinator)
    assert (second.step, second.effect) == (21, wire.EFFECT_APPLIED)
    assert list(second.hyperparameters) == numbers(rate=0.5)
    assert list(third.hyperparameters) == []


def test_not_exploiting_is_a_decline_and_the_client_goes_on_as_it_was(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), exploit(), same(3), same(4)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        assert client.should_exploit()
        client.save("/2", 0.2)
        assert (client.parameters_path(), client.hyperparameters()) == ("/2", {"rate": 0.1})
        client.save("/3", 0.3)
    _, second, third = reports(coordinator)
    assert (second.step, second.effect) == (2, wire.EFFECT_DECLINED)
    assert (third.step, third.effect) == (3, wire.EFFECT_UNSPECIFIED)
    assert list(second.hyperparameters) == numbers(rate=0.1)
    assert list(third.hyperparameters) == []


def test_what_cannot_be_loaded_is_declined_until_nothing_is_left(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [
        lease(),
        exploit(),
        lease(step=1, checkpoint="/1"),
        lease(step=20, checkpoint="/other", inherited=True, rate=0.7),
        lease(step=0, rate=0.7),
        same(2),
    ]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        client.exploit()
        client.decline("no such file")
        # The load that failed may have begun to replace this client's own, so that is offered too.
        assert client.should_exploit()
        assert (client.parameters_path(), client.hyperparameters()) == ("/1", {"rate": 0.1})
        client.exploit()
        client.decline("no such file")
        client.exploit()
        client.explore()
        assert (client.parameters_path(), client.hyperparameters()) == ("/other", {"rate": 0.7})
        client.decline("no such file")
        assert not client.should_exploit()
        assert (client.parameters_path(), client.hyperparameters()) == (None, {"rate": 0.7})
        with pytest.raises(NothingToExploitError):
            client.decline("there is nothing left to decline")
        client.save("/anew", 0.1)
    assert coordinator.count("decline") == 3
    _, anew = reports(coordinator)
    assert (anew.step, anew.effect) == (1, wire.EFFECT_UNSPECIFIED)


def test_what_was_not_taken_over_leaves_the_client_as_it_is_when_it_is_declined(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), exploit(), lease(step=1, checkpoint="/1"), same(3)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        client.set_hyperparameter("rate", 0.3)
        client.decline("it is of another model")
        assert not client.should_exploit()
        assert (client.parameters_path(), client.hyperparameters()) == ("/1", {"rate": 0.3})
        client.save("/2", 0.1)
    _, second = reports(coordinator)
    assert (second.step, second.effect) == (2, wire.EFFECT_UNSPECIFIED)


def test_a_decline_that_is_answered_with_a_stop_leaves_nothing_to_load(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), exploit(), stop("Member 3 has finished.")]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        client.exploit()
        client.decline("no such file")
        assert not client.should_exploit()
        assert client.parameters_path() == "/1"
        with pytest.raises(NothingToTrainError, match="Member 3 has finished"):
            client.save("/2", 0.1)


def test_a_value_that_was_set_wins_over_exploit_and_explore_and_is_recorded(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), exploit(), exploit(), same(22)]
    with connect(coordinator) as client:
        client.save("/mine", 0.1)
        client.set_hyperparameter("rate", 2)
        client.exploit()
        assert client.hyperparameters() == {"rate": 2.0}
        client.explore()
        assert client.hyperparameters() == {"rate": 2.0}
        client.set_hyperparameter("rate", 3)
        client.save("/mine", 0.2)
        # It stays in effect, and a later exploit replaces it.
        assert client.hyperparameters() == {"rate": 3.0}
        client.exploit()
        assert client.hyperparameters() == {"rate": 0.5}
        client.explore()
        client.save("/mine", 0.2)
    _, second, third = reports(coordinator)
    assert (second.effect, list(second.hyperparameters)) == (
        wire.EFFECT_APPLIED,
        numbers(rate=3.0),
    )
    assert (third.effect, list(third.hyperparameters)) == (wire.EFFECT_APPLIED, [])


def test_a_value_that_was_set_stays_when_the_exploit_is_declined(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), exploit(), same(3), same(4)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        client.set_hyperparameter("rate", 0.2)
        client.save("/2", 0.2)
        client.save("/3", 0.3)
    _, second, third = reports(coordinator)
    assert (second.effect, list(second.hyperparameters)) == (
        wire.EFFECT_DECLINED,
        numbers(rate=0.2),
    )
    assert list(third.hyperparameters) == []


def test_what_cannot_be_done_is_said(coordinator: Coordinator, connect: Connect) -> None:
    coordinator.answers += [lease(), same(2), exploit()]
    with connect(coordinator) as client:
        with pytest.raises(NothingToExploitError, match="only when should_exploit"):
            client.exploit()
        client.save("/mine", 0.1)
        for method in (client.exploit, client.explore):
            with pytest.raises(NothingToExploitError, match="only when should_exploit"):
                method()
        client.save("/mine", 0.1)
        with pytest.raises(NothingToExploitError, match=r"call exploit\(\) before explore\(\)"):
            client.explore()
        with pytest.raises(InvalidError, match="no hyperparameter 'rat'; it has rate"):
            client.set_hyperparameter("rat", 1)
        with pytest.raises(InvalidError, match="The score is 'high'"):
            client.save("/mine", "high")
        # A copy: changing it changes nothing.
        client.hyperparameters()["rate"] = 7.0
        assert client.hyperparameters() == {"rate": 0.1}


# ------------------------------------------------------------------------------ leases that end


def test_after_a_lapse_there_is_the_servers_state_to_load(
    coordinator: Coordinator, connect: Connect
) -> None:
    anew = lease(token=8, step=1, checkpoint="/1", rate=0.1)
    coordinator.answers += [lease(), same(2), LAPSED, anew, same(2)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        client.save("/2", 0.2)
        assert client.should_exploit()
        client.exploit()
        assert (client.parameters_path(), client.hyperparameters()) == ("/1", {"rate": 0.1})
        client.explore()
        assert client.hyperparameters() == {"rate": 0.1}
        client.save("/2", 0.2)
    join = coordinator.next("join").request.join
    join = coordinator.next("join").request.join
    assert (join.keeps, join.former) == (True, 7)
    last = reports(coordinator)[-1]
    assert (last.lease, last.step, last.effect) == (8, 2, wire.EFFECT_UNSPECIFIED)


def test_after_a_lapse_a_client_may_go_on_from_its_own_state(
    coordinator: Coordinator, connect: Connect
) -> None:
    # Another worker's exploit of the member was never confirmed.
    anew = lease(token=8, member=9, step=40, checkpoint="/9", inherited=True, rate=0.7)
    coordinator.answers += [lease(), LAPSED, anew, same(2)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        assert client.should_exploit()
        client.save("/2", 0.2)
        assert (client.member, client.hyperparameters()) == (9, {"rate": 0.1})
    last = reports(coordinator)[-1]
    assert (last.lease, last.step, last.effect) == (8, 2, wire.EFFECT_DECLINED)
    assert list(last.hyperparameters) == numbers(rate=0.1)


def test_a_new_member_after_a_lapse_is_given_what_was_just_saved(
    coordinator: Coordinator, connect: Connect
) -> None:
    fresh = lease(token=8, member=9, rate=0.7)
    coordinator.answers += [lease(), same(2), LAPSED, wait(1), fresh, same(3), same(4)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        client.save("/2", 0.2)
        assert (client.member, client.parameters_path()) == (9, "/2")
        assert not client.should_exploit()
        assert client.hyperparameters() == {"rate": 0.1}
        client.save("/3", 0.3)
    again, third = reports(coordinator)[-2:]
    assert (again.lease, again.sequence, again.step, again.score) == (8, 1, 2, 0.2)
    assert (again.checkpoint, list(again.hyperparameters)) == ("/2", numbers(rate=0.1))
    assert (third.step, list(third.hyperparameters)) == (3, [])


def test_a_save_whose_leases_all_lapse_is_given_up(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), *[LAPSED, lease()] * 5]
    with connect(coordinator) as client, pytest.raises(LeaseLapsedError, match="lapsed 5 times"):
        client.save("/1", 0.1)
    assert len(reports(coordinator)) == 5


def test_a_save_that_counted_before_its_lease_lapsed_leaves_nothing_to_load(
    coordinator: Coordinator, connect: Connect
) -> None:
    # The answer to the report was lost, and the lease lapsed before the retry.
    anew = lease(token=8, step=1, checkpoint="/1")
    coordinator.answers += [lease(), LAPSED, anew, same(3)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        assert not client.should_exploit()
        client.save("/2", 0.2)
    assert (reports(coordinator)[-1].lease, reports(coordinator)[-1].step) == (8, 2)


def test_a_pause_ends_with_the_member_as_it_was(coordinator: Coordinator, connect: Connect) -> None:
    anew = lease(token=8, step=1, target=2, checkpoint="/1")
    coordinator.answers += [lease(), wait(1), wait(1), anew, same(3)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        assert not client.should_exploit()
        client.save("/2", 0.2)
    joins = [coordinator.next("join").request.join for _ in range(3)]
    assert [(join.keeps, join.former) for join in joins] == [(True, 0), (True, 7), (True, 7)]
    assert [(each.lease, each.step) for each in reports(coordinator)] == [(7, 1), (8, 2)]


def test_an_exploit_that_came_with_a_pause_is_there_after_it(
    coordinator: Coordinator, connect: Connect
) -> None:
    paused = exploit()
    paused.directive.wait.milliseconds = 1
    anew = lease(token=8, step=20, target=21, checkpoint="/donor", inherited=True, rate=0.4)
    coordinator.answers += [lease(), paused, anew, same(22)]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        assert client.should_exploit()
        client.exploit()
        assert client.hyperparameters() == {"rate": 0.5}
        client.explore()
        assert client.hyperparameters() == {"rate": 0.4}
        client.save("/2", 0.2)
    last = reports(coordinator)[-1]
    assert (last.lease, last.step, last.effect) == (8, 21, wire.EFFECT_APPLIED)


def test_a_stop_is_raised_at_the_next_save(coordinator: Coordinator, connect: Connect) -> None:
    coordinator.answers += [lease(), same(2), stop("It was ended.")]
    with connect(coordinator) as client:
        client.save("/1", 0.1)
        client.save("/2", 0.2)
        assert not client.should_exploit()
        assert (client.parameters_path(), client.hyperparameters()) == ("/2", {"rate": 0.1})
        with pytest.raises(NothingToTrainError, match="nothing to train: It was ended"):
            client.save("/3", 0.3)
    assert len(reports(coordinator)) == 2


def test_a_save_that_a_stop_keeps_from_counting_raises_it(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [lease(), LAPSED, stop("It was ended.")]
    with connect(coordinator) as client, pytest.raises(NothingToTrainError, match="It was ended"):
        client.save("/1", 0.1)


def test_a_population_that_has_ended_takes_no_client(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [stop("It was ended.")]
    with pytest.raises(NothingToTrainError, match="It was ended"):
        connect(coordinator)


def test_a_restart_of_the_server_is_waited_for(quick: Timing) -> None:
    with Coordinator() as first:
        first.answers += [lease(), same(2)]
        client = PBTClient("127.0.0.1", first.port, timing=quick)
        client.save("/1", 0.1)
    with Coordinator(port=first.port, epoch=2) as second:
        second.answers += [lease(sequence=1, step=1, checkpoint="/1"), exploit()]
        client.save("/2", 0.2)
        assert client.should_exploit()
        client.close()
        join = second.next("join").request.join
        assert (join.lease, join.keeps) == (7, True)
        assert [(each.sequence, each.step) for each in reports(second)] == [(2, 2)]


def test_a_save_that_timed_out_may_be_called_again_and_is_recorded_once(
    coordinator: Coordinator,
) -> None:
    coordinator.answers += [lease(), None, exploit()]
    patient = Timing(retry=60.0, retry_limit=60.0)
    with PBTClient("127.0.0.1", coordinator.port, timing=patient) as client:
        with pytest.raises(UnreachableError, match="call again to go on waiting"):
            client.save("/1", 0.1, timeout=0.05)
        assert (client.parameters_path(), client.should_exploit()) == (None, False)
        client.save("/1", 0.1)
        assert (client.parameters_path(), client.should_exploit()) == ("/1", True)
    assert [(each.sequence, each.step) for each in reports(coordinator)] == [(1, 1), (1, 1)]


def test_a_pause_that_outlasts_a_timeout_leaves_nothing_to_load(
    coordinator: Coordinator, connect: Connect
) -> None:
    anew = lease(token=8, step=1, checkpoint="/1")
    coordinator.answers += [lease(), wait(60_000), anew, same(3)]
    with connect(coordinator) as client:
        with pytest.raises(UnreachableError, match="no member to train yet"):
            client.save("/1", 0.1, timeout=0.05)
        client.save("/1", 0.1)
        assert not client.should_exploit()
        client.save("/2", 0.1)
    assert [each.step for each in reports(coordinator)] == [1, 2]


def test_a_member_that_others_trained_has_something_to_load_at_the_start(
    coordinator: Coordinator, connect: Connect
) -> None:
    given = lease(step=40, checkpoint="/40", inherited=True, rate=0.7)
    coordinator.answers += [given, same(42), given, same(2)]
    with connect(coordinator) as client:
        assert client.should_exploit()
        assert client.parameters_path() == "/40"
        client.exploit()
        client.explore()
        client.save("/mine", 0.1)
    with connect(coordinator) as client:
        client.save("/mine", 0.1)
    taken, ignored = reports(coordinator)
    assert (taken.step, taken.effect) == (41, wire.EFFECT_APPLIED)
    assert (ignored.step, ignored.effect) == (1, wire.EFFECT_DECLINED)


# -------------------------------------------------------------------------- scalars and mistakes


def test_numpys_scalars_are_scores_and_values(coordinator: Coordinator, connect: Connect) -> None:
    numpy = pytest.importorskip("numpy")
    scalars = [numpy.float32(0.25), numpy.array(0.25), numpy.array([[0.25]]), numpy.float64(0.25)]
    _check_scalars(coordinator, connect, scalars)
    coordinator.answers += [lease()]
    with (
        connect(coordinator) as client,
        pytest.raises(InvalidError, match=r"The score is array.*; give a single number"),
    ):
        client.save("/mine", numpy.array([0.1, 0.2]))


def test_torchs_scalars_are_scores_and_values(coordinator: Coordinator, connect: Connect) -> None:
    torch = pytest.importorskip("torch")
    scalars = [torch.tensor(0.25), torch.tensor([0.25])]
    _check_scalars(coordinator, connect, scalars)


def _check_scalars(coordinator: Coordinator, connect: Connect, scalars: list[Any]) -> None:
    coordinator.answers += [lease(), *[same(9)] * len(scalars)]
    with connect(coordinator) as client:
        for scalar in scalars:
            client.set_hyperparameter("rate", scalar)
            client.save("/mine", scalar)
            assert client.hyperparameters() == {"rate": 0.25}
    assert [each.score for each in reports(coordinator)] == [0.25] * len(scalars)
    assert list(reports(coordinator)[0].hyperparameters) == numbers(rate=0.25)


def test_another_space_than_the_populations_is_refused(
    coordinator: Coordinator, connect: Connect
) -> None:
    coordinator.answers += [error(wire.Error.CODE_SPACE_MISMATCH, "It differs in 'rate'.")]
    with pytest.raises(SpaceMismatchError, match="differs in 'rate'"):
        connect(coordinator)


@pytest.mark.parametrize("key", [None, "secure", b"secure", "é" * 21, "e\u0301" * 21])
def test_a_weak_key_is_for_this_machine_only(key: str | bytes | None) -> None:
    with pytest.raises(WeakKeyError, match=r"(?s)192\.0\.2\.1.*`murmur keys generate`") as raised:
        PBTClient("192.0.2.1", 7777, key)
    assert "secure" not in str(raised.value)
    with pytest.raises(WeakKeyError):
        PBTClient("murmur://secure@192.0.2.1:7777")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_weak_key_is_taken_on_this_machine(host: str, quick: Timing) -> None:
    with Coordinator(secret="secure") as coordinator:
        coordinator.answers += [lease()]
        with PBTClient(host, coordinator.port, b"secure", timing=quick) as client:
            assert client.member == 3


def test_bytes_that_are_no_text_are_a_key_as_hexadecimal_digits(quick: Timing) -> None:
    with Coordinator(secret="ff00fe01") as coordinator:
        coordinator.answers += [lease()]
        key = bytes.fromhex("ff00fe01")
        with PBTClient("localhost", coordinator.port, key, timing=quick) as client:
            assert client.member == 3


def test_another_key_than_the_servers_is_refused(quick: Timing) -> None:
    with (
        Coordinator(secret="secure") as coordinator,
        pytest.raises(RefusedError, match="another secret"),
    ):
        PBTClient("localhost", coordinator.port, "secret", timing=quick)


@pytest.mark.parametrize(
    ("arguments", "kind", "reason"),
    [
        (("localhost:7777",), AddressError, "is 'localhost:7777': give the name of a host without"),
        (("http://localhost",), AddressError, "or a whole address of the form murmur://"),
        (("localhost", "7777"), AddressError, "is '7777'; give a whole number from 1 to 65535"),
        (("localhost", 0), AddressError, "The server_port is 0;"),
        (("murmur://localhost:80", 81), AddressError, "leads to port 80 and the server_port is 81"),
        (("murmur://one@localhost", None, "two"), AddressError, "another secret than the auth_key"),
        (("localhost", 1, ""), InvalidError, "The auth_key is empty"),
        (("localhost", 1, "a\0b"), InvalidError, "holds characters that cannot be passed on"),
        (("localhost", 1, None, "absent.csv"), InvalidError, r"'absent\.csv' cannot be read"),
    ],
)
def test_mistakes_are_named_before_anything_is_connected(
    arguments: tuple[Any, ...], kind: type[Exception], reason: str
) -> None:
    with pytest.raises(kind, match=reason):
        PBTClient(*arguments)
