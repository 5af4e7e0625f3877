"""What a worker makes of the coordinator's answers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.coordinator import Coordinator, error, exploit, lease, numbers, same, stop, wait

from murmuration import (
    CoordinatorError,
    ForkedError,
    InvalidError,
    LimitError,
    MurmurationError,
    NothingToTrainError,
    Timing,
    UnreachableError,
    Worker,
    errors,
)
from murmuration._naming import default_name
from murmuration.v1 import murmuration_pb2 as wire


def test_a_worker_joins_reports_and_leaves(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [lease(max_steps=100, checkpoint="/start", step=4), same(20)]
    with Worker(coordinator.url, "digits", name="w1", timing=quick) as worker:
        assert (worker.member, worker.step, worker.target_step) == (3, 4, 10)
        assert worker.hyperparameters == {"rate": 0.1}
        assert (worker.checkpoint, worker.max_steps) == ("/start", 100)
        directive = worker.report(10, 0.5, checkpoint="/mine", metrics={"loss": 2})
        assert directive.action == "continue"
        assert not directive.loads
        assert (worker.step, worker.target_step, worker.checkpoint) == (10, 20, "/mine")
    join = coordinator.next("join").request.join
    assert (join.population, join.worker, len(join.key), join.lease) == ("digits", "w1", 16, 0)
    report = coordinator.next("report").request.report
    assert (report.lease, report.sequence, report.step, report.score) == (7, 1, 10, 0.5)
    assert report.checkpoint == "/mine"
    assert [(metric.name, metric.value) for metric in report.metrics] == [("loss", 2.0)]
    assert list(report.hyperparameters) == []
    assert report.effect == wire.EFFECT_UNSPECIFIED
    leave = coordinator.next("leave").request.leave
    assert (leave.lease, len(leave.key)) == (7, 16)


def test_the_environment_names_coordinator_population_and_worker(
    coordinator: Coordinator, quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MURMUR_URL", coordinator.url)
    monkeypatch.setenv("MURMUR_POPULATION", "digits")
    monkeypatch.setenv("MURMUR_WORKER", "2")
    coordinator.answers += [lease()]
    with Worker(timing=quick) as worker:
        assert worker.population == "digits"
    join = coordinator.next("join").request.join
    assert (join.population, join.worker) == ("digits", default_name())
    assert join.worker.endswith("/2")


def test_an_exploit_is_taken_over_and_confirmed_once(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), exploit(target=30), same(40), same(50)]
    with Worker(coordinator.url, timing=quick) as worker:
        directive = worker.report(10, 0.1, checkpoint="/mine")
        assert (directive.action, directive.donor) == ("exploit", 5)
        assert directive.loads
        assert directive.checkpoint == worker.checkpoint == "/donor"
        assert directive.hyperparameters == worker.hyperparameters == {"rate": 0.4}
        assert (worker.step, worker.target_step) == (20, 30)
        worker.report(30, 0.2, checkpoint="/mine")
        worker.report(40, 0.3, checkpoint="/mine")
    effects = [coordinator.next("report").request.report.effect for _ in range(3)]
    assert effects == [wire.EFFECT_UNSPECIFIED, wire.EFFECT_APPLIED, wire.EFFECT_UNSPECIFIED]


def test_an_exploit_is_confirmed_until_a_checkpoint_follows_it(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), exploit(target=30), same(30), same(40), same(50)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, 0.1, checkpoint="/mine")
        worker.report(25, 0.2)
        worker.report(30, 0.2, checkpoint="/mine2")
        worker.report(40, 0.3)
    effects = [coordinator.next("report").request.report.effect for _ in range(4)]
    applied, nothing = wire.EFFECT_APPLIED, wire.EFFECT_UNSPECIFIED
    assert effects == [nothing, applied, applied, nothing]


def test_a_lease_that_is_over_when_its_answer_comes_is_asked_for_anew(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [error(wire.Error.CODE_LEASE_LAPSED, "It is over."), lease()]
    with Worker(coordinator.url, timing=quick) as worker:
        assert worker.member == 3
    keys = [coordinator.next("join").request.join.key for _ in range(2)]
    assert keys[0] != keys[1]


def test_a_switch_names_another_member_under_its_own_lease(
    coordinator: Coordinator, quick: Timing
) -> None:
    other = lease(token=8, member=4, step=30, target=40, checkpoint="/4", sequence=6, rate=0.7)
    other.directive.lease.inherited = True
    coordinator.answers += [lease(), other, same(50)]
    with Worker(coordinator.url, timing=quick) as worker:
        directive = worker.report(10, 0.1, checkpoint="/mine")
        assert (directive.action, directive.member, directive.donor) == ("switch", 4, None)
        assert (directive.checkpoint, directive.hyperparameters) == ("/4", {"rate": 0.7})
        assert (worker.member, worker.step, worker.target_step) == (4, 30, 40)
        worker.report(40, 0.1)
    coordinator.next("report")
    report = coordinator.next("report").request.report
    # The member had an exploit that nobody has confirmed yet.
    assert (report.lease, report.sequence) == (8, 7)
    assert report.effect == wire.EFFECT_APPLIED


def test_an_exploit_of_a_member_that_goes_elsewhere_is_a_switch(
    coordinator: Coordinator, quick: Timing
) -> None:
    answer = exploit()
    answer.directive.lease.CopyFrom(lease(token=8, member=4).directive.lease)
    coordinator.answers += [lease(), answer, same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        assert worker.report(10, 0.1, checkpoint="/mine").action == "switch"
        assert worker.member == 4
        worker.report(10, 0.1)
    coordinator.next("report")
    assert coordinator.next("report").request.report.effect == wire.EFFECT_UNSPECIFIED


def test_stop_ends_the_loop_and_nothing_is_left_to_leave(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), same(20), stop("Every member is finished.")]
    reports = 0
    with Worker(coordinator.url, timing=quick) as worker:
        while worker.training:
            directive = worker.report(worker.target_step, 0.5, checkpoint="/mine")
            reports += 1
        assert (directive.action, directive.reason) == ("stop", "Every member is finished.")
        assert worker.stop_reason == "Every member is finished."
        with pytest.raises(NothingToTrainError, match="Every member is finished"):
            worker.report(30, 0.5)
    assert reports == 2
    assert coordinator.count("leave") == 0


def test_a_finished_population_lets_the_loop_end_before_it_begins(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [stop("Every member is finished.")]
    with Worker(coordinator.url, timing=quick) as worker:
        assert not worker.training
        with pytest.raises(NothingToTrainError, match="Every member is finished"):
            _ = worker.hyperparameters


def test_waiting_is_done_inside_with_a_fresh_key_each_time(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [wait(1), wait(1), lease(), wait(1), lease(token=9, member=1)]
    with Worker(coordinator.url, timing=quick) as worker:
        directive = worker.report(10, 0.5, checkpoint="/mine")
        assert (directive.action, worker.member) == ("switch", 1)
    keys = {coordinator.next("join").request.join.key for _ in range(4)}
    assert len(keys) == 4


@pytest.mark.parametrize("code", [wire.Error.CODE_UNKNOWN_LEASE, wire.Error.CODE_LEASE_LAPSED])
def test_a_lost_lease_is_a_switch_to_what_joining_anew_says(
    code: wire.Error.Code, coordinator: Coordinator, quick: Timing
) -> None:
    anew = lease(token=8, member=2, checkpoint="/2", step=5, target=15)
    coordinator.answers += [lease(), error(code, "No such lease."), anew]
    with Worker(coordinator.url, timing=quick) as worker:
        directive = worker.report(10, 0.5, checkpoint="/mine")
        assert (directive.action, directive.checkpoint, worker.step) == ("switch", "/2", 5)
    coordinator.next("report")
    assert coordinator.next("join").request.join.lease == 0
    assert coordinator.next("leave").request.leave.lease == 8


def test_a_stale_report_is_dropped_and_the_lease_says_where_it_stands(
    coordinator: Coordinator, quick: Timing
) -> None:
    stale = error(wire.Error.CODE_STALE_SEQUENCE, "A newer report was accepted.")
    coordinator.answers += [lease(), stale, lease(sequence=5, step=50, target=60), same(70)]
    with Worker(coordinator.url, timing=quick) as worker:
        directive = worker.report(10, 0.5, checkpoint="/mine")
        assert (directive.action, worker.step) == ("switch", 50)
        worker.report(60, 0.5)
    coordinator.next("report")
    assert coordinator.next("join").request.join.lease == 7
    assert coordinator.next("report").request.report.sequence == 6


def test_a_report_that_meets_another_one_raises_and_the_next_call_asks_where_the_lease_stands(
    coordinator: Coordinator, quick: Timing
) -> None:
    conflict = error(wire.Error.CODE_CONFLICT, "Another report was accepted under this sequence.")
    elsewhere = lease(sequence=5, step=50, target=60, checkpoint="/there")
    coordinator.answers += [lease(), conflict, elsewhere, same(70)]
    with Worker(coordinator.url, timing=quick) as worker:
        with pytest.raises(errors.ConflictError, match="Another report was accepted"):
            worker.report(10, 0.5, checkpoint="/mine")
        directive = worker.report(10, 0.5, checkpoint="/mine")
        assert (directive.action, directive.recorded) == ("switch", False)
        assert (worker.step, worker.checkpoint) == (50, "/there")
        assert worker.report(60, 0.5).recorded
    assert coordinator.next("report").request.report.sequence == 1
    assert coordinator.next("join").request.join.lease == 7
    assert coordinator.next("report").request.report.sequence == 6


def test_a_step_below_an_earlier_one_is_warned_of_once_and_reported(
    coordinator: Coordinator, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    coordinator.answers += [lease(step=10, target=20), same(20), same(20), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, 0.5)
        assert caplog.records == []
        worker.report(3, 0.5)
        worker.report(2, 0.5)
    assert [coordinator.next("report").request.report.step for _ in range(3)] == [10, 3, 2]
    assert [record.getMessage() for record in caplog.records] == [
        "The report at step 3 comes after step 10 and is made all the same: count a member's "
        "steps on from worker.step."
    ]


def test_a_step_after_the_way_back_to_an_older_checkpoint_is_as_it_should_be(
    coordinator: Coordinator, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    older = lease(step=10, target=20, checkpoint="/old", sequence=1)
    coordinator.answers += [lease(step=30), older, exploit(target=30), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.decline("It is damaged.")
        worker.report(20, 0.5, checkpoint="/mine")
        # The donor is at step 20, and what was trained on is the member's own state.
        worker.report(15, 0.5, declined=True)
    assert caplog.records == []
    assert coordinator.count("report") == 2


def test_a_decline_says_why_and_gets_another_assignment(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), exploit(), lease(step=10, checkpoint="/old"), same(30)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, 0.1, checkpoint="/mine")
        directive = worker.decline("/donor is damaged")
        assert (directive.action, directive.checkpoint, worker.step) == ("switch", "/old", 10)
        worker.report(20, 0.1)
    decline = coordinator.next("decline").request.decline
    assert (decline.lease, decline.reason, len(decline.key)) == (7, "/donor is damaged", 16)
    assert coordinator.next("report").request.report.effect == wire.EFFECT_UNSPECIFIED


def test_hyperparameters_travel_only_when_they_differ_and_the_users_win(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), same(20), same(30), same(40)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, 0.5, hyperparameters={"rate": 0.1})
        worker.report(20, 0.5, hyperparameters={"rate": 2})
        assert worker.hyperparameters == {"rate": 2.0}
        worker.report(30, 0.5)
        with pytest.raises(InvalidError, match="no hyperparameter 'momentum'; it has rate"):
            worker.report(40, 0.5, hyperparameters={"momentum": 1})
    sent = [list(coordinator.next("report").request.report.hyperparameters) for _ in range(3)]
    assert sent == [[], numbers(rate=2.0), []]


def test_what_does_not_count_may_be_set(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [lease(conditional=("momentum",)), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        assert worker.hyperparameters == {"rate": 0.1}
        with pytest.raises(InvalidError, match="no hyperparameter 'mom'; it has momentum, rate"):
            worker.report(10, 0.5, hyperparameters={"mom": 1})
        worker.report(10, 0.5, hyperparameters={"rate": 2, "momentum": 0.9})
        assert worker.hyperparameters == {"rate": 2.0, "momentum": 0.9}
    report = coordinator.next("report").request.report
    assert list(report.hyperparameters) == numbers(rate=2.0, momentum=0.9)


def test_lists_and_null_travel_as_json(coordinator: Coordinator, quick: Timing) -> None:
    joined = lease()
    sizes = wire.Hyperparameter(name="sizes", value=wire.Value(json='[3,[0.5,null],"é"]'))
    clip = wire.Hyperparameter(name="clip", value=wire.Value(json="null"))
    joined.directive.lease.hyperparameters.extend([sizes, clip])
    coordinator.answers += [joined, same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        expected = {"rate": 0.1, "sizes": [3, [0.5, None], "é"], "clip": None}
        assert worker.hyperparameters == expected
        with pytest.raises(InvalidError, match="has inf in its list; give finite numbers"):
            worker.report(10, 0.5, hyperparameters={"sizes": [float("inf")]})
        worker.report(10, 0.5, hyperparameters={"sizes": (1, (Scalar(), None)), "clip": 2})
    sent = coordinator.next("report").request.report.hyperparameters
    assert [each.value.json for each in sent] == ["", "[1,[0.25,null]]", ""]
    assert sent[2].value.integer == 2


class Scalar:
    """What torch's and numpy's scalars have in common."""

    def item(self) -> float:
        return 0.25


class Convertible:
    def __float__(self) -> float:
        return 0.25


@pytest.mark.parametrize("score", [Scalar(), Convertible(), 0.25])
def test_scalars_of_other_libraries_are_scores(
    score: Any, coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, score, checkpoint=Path("relative") / "path")
    report = coordinator.next("report").request.report
    assert report.score == 0.25
    assert report.checkpoint == str(Path.cwd() / "relative" / "path")


@pytest.mark.parametrize(
    ("given", "travels"),
    [
        ("relative/path", str(Path.cwd() / "relative" / "path")),
        (b"relative/path", str(Path.cwd() / "relative" / "path")),
        ("/absolute//path/", "/absolute//path/"),
        ("s3://bucket/path", "s3://bucket/path"),
        ("hf+https://hub/path", "hf+https://hub/path"),
    ],
)
def test_a_relative_checkpoint_is_made_absolute(
    given: str | bytes, travels: str, coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, 0.5, checkpoint=given)
        assert worker.checkpoint == travels
    assert coordinator.next("report").request.report.checkpoint == travels


@pytest.mark.parametrize("score", [0.0, float("inf")])
def test_zero_and_infinity_are_scores(
    score: float, coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        worker.report(10, score)
    report = coordinator.next("report").request.report
    assert report.HasField("score")
    assert report.score == score


def test_mistakes_are_named_before_they_travel(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [lease()]
    with Worker(coordinator.url, timing=quick) as worker:
        with pytest.raises(InvalidError, match="The score is 'high'; give a single number"):
            worker.report(10, "high")
        with pytest.raises(InvalidError, match="The score is None"):
            worker.report(10, None)
        with pytest.raises(InvalidError, match="The score is too large for a number with a fract"):
            worker.report(10, 10**400)
        with pytest.raises(InvalidError, match="The step is -1; give a whole number"):
            worker.report(-1, 0.5)
        with pytest.raises(LimitError, match="longer than 4096 bytes"):
            worker.report(10, 0.5, checkpoint="x" * 5000)
        with pytest.raises(InvalidError, match="The checkpoint is 5; give a path"):
            worker.report(10, 0.5, checkpoint=5)  # type: ignore[arg-type]
    assert coordinator.count("report") == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (wire.Error.CODE_MALFORMED, errors.MalformedError),
        (wire.Error.CODE_UNSUPPORTED, errors.UnsupportedError),
        (wire.Error.CODE_LIMIT, errors.LimitError),
        (wire.Error.CODE_UNAUTHORIZED, errors.UnauthorizedError),
        (wire.Error.CODE_NO_POPULATION, errors.NoPopulationError),
        (wire.Error.CODE_SPACE_MISMATCH, errors.SpaceMismatchError),
        (wire.Error.CODE_CONFLICT, errors.ConflictError),
        (wire.Error.CODE_INVALID, errors.InvalidError),
        (wire.Error.CODE_NO_MEMBER, errors.NoMemberError),
        (99, errors.CoordinatorError),
    ],
)
def test_an_error_raises_its_own_class_with_the_coordinators_sentence(
    code: wire.Error.Code,
    kind: type[CoordinatorError],
    coordinator: Coordinator,
    quick: Timing,
) -> None:
    coordinator.answers += [error(code, "The coordinator's own sentence.")]
    with pytest.raises(kind, match=r"^The coordinator's own sentence\.$") as raised:
        Worker(coordinator.url, timing=quick)
    assert raised.type is kind
    assert isinstance(raised.value, MurmurationError)


def test_a_version_out_of_range_is_an_error_that_names_the_range(quick: Timing) -> None:
    refusal = wire.Reply(
        error=wire.Error(code=wire.Error.CODE_UNSUPPORTED_VERSION, min_version=3, max_version=4)
    )
    with (
        Coordinator(hello=refusal) as coordinator,
        pytest.raises(errors.UnsupportedVersionError, match="versions 3 to 4"),
    ):
        Worker(coordinator.url, timing=quick)
    hello = coordinator.received[0].request.hello
    assert (hello.min_version, hello.max_version) == (1, 1)


def test_the_space_travels_as_text(coordinator: Coordinator, quick: Timing, tmp_path: Path) -> None:
    text = "name,min,max,scale\nrate,1e-4,1,log\n"
    path = tmp_path / "space.csv"
    path.write_text(text)
    coordinator.answers += [lease(), lease(), lease()]
    for space in (path, str(path), text):
        with Worker(coordinator.url, space=space, timing=quick):
            assert coordinator.next("join").request.join.space == text
    with pytest.raises(InvalidError, match=r"'absent\.csv' cannot be read"):
        Worker(coordinator.url, space="absent.csv", timing=quick)


def test_an_exception_in_the_block_leaves_and_passes(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease()]
    with pytest.raises(ZeroDivisionError), Worker(coordinator.url, timing=quick):
        raise ZeroDivisionError
    assert coordinator.next("leave").request.leave.lease == 7


def test_after_leaving_nothing_can_be_reported(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [lease()]
    worker = Worker(coordinator.url, timing=quick)
    worker.leave()
    worker.leave()
    assert not worker.training
    with pytest.raises(NothingToTrainError, match="has left"):
        worker.report(10, 0.5)
    with pytest.raises(NothingToTrainError, match="has left"):
        worker.leaderboard()
    assert coordinator.count("leave") == 1


def test_leaving_a_coordinator_that_is_gone_is_quick_and_quiet(quick: Timing) -> None:
    with Coordinator() as coordinator:
        coordinator.answers += [lease()]
        timing = Timing(leave=0.1, reconnect=quick.reconnect)
        worker = Worker(coordinator.url, timing=timing)
    worker.leave()
    assert not worker.training


def test_a_forked_child_is_told_to_make_its_own_worker(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            said = b"nothing"
            try:
                with worker:
                    worker.report(10, 0.5)
            except ForkedError as error:
                said = str(error).encode()
            finally:
                os.write(writing, said)
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            assert "make a new Worker or Monitor in the child process" in pipe.read()
        os.waitpid(child, 0)
        # The parent's worker is untouched by its child's end.
        assert worker.report(10, 0.5).action == "continue"
    assert coordinator.count("report") == 1


def test_the_leaderboard_is_read_page_by_page(coordinator: Coordinator, quick: Timing) -> None:
    def page(request: wire.Request) -> wire.Reply:
        asked = request.get_leaderboard
        entries = [
            wire.Entry(
                rank=rank,
                member=10 - rank,
                score=1 / rank,
                state=wire.Entry.STATE_TRAINING,
                hyperparameters=numbers(rate=0.1),
            )
            for rank in range(asked.offset + 1, min(asked.offset + 3, 6))
        ]
        return wire.Reply(
            committed=12,
            leaderboard=wire.Leaderboard(
                population=asked.population,
                entries=entries,
                offset=asked.offset,
                summary=wire.Summary(members=5, ranked=5, finished=1),
            ),
        )

    coordinator.answers += [lease(), page, page, page]
    with Worker(coordinator.url, timing=quick) as worker:
        board = worker.leaderboard()
    assert [entry.rank for entry in board.entries] == [1, 2, 3, 4, 5]
    first = board.entries[0]
    assert (first.member, first.state, first.donor) == (9, "training", None)
    assert (board.population, board.epoch, board.committed) == ("digits", 1, 12)
    assert not board.finished


def test_a_report_that_the_user_stopped_waiting_for_is_recorded_once(
    coordinator: Coordinator,
) -> None:
    # The first answer is withheld until the user has given up.
    coordinator.answers += [lease(), None, same(20)]
    patient = Timing(retry=60.0, retry_limit=60.0)
    with Worker(coordinator.url, timing=patient) as worker:
        with pytest.raises(UnreachableError, match="call again to go on waiting"):
            worker.report(10, 0.5, checkpoint="/mine", timeout=0.05)
        assert worker.report(10, 0.5, checkpoint="/mine").action == "continue"
        assert worker.step == 10
    sequences = [coordinator.next("report").request.report.sequence for _ in range(2)]
    assert sequences == [1, 1]


def test_another_report_after_a_timeout_settles_the_first_one(coordinator: Coordinator) -> None:
    coordinator.answers += [lease(), None, same(20), same(30)]
    patient = Timing(retry=60.0, retry_limit=60.0)
    with Worker(coordinator.url, timing=patient) as worker:
        with pytest.raises(UnreachableError):
            worker.report(10, 0.5, timeout=0.05)
        worker.report(20, 0.7)
        assert (worker.step, worker.target_step) == (20, 30)
    reports = [coordinator.next("report").request.report for _ in range(3)]
    assert [(each.sequence, each.step) for each in reports] == [(1, 10), (1, 10), (2, 20)]


def test_a_join_that_timed_out_is_repeated_under_its_own_key(coordinator: Coordinator) -> None:
    lapsed = error(wire.Error.CODE_LEASE_LAPSED, "The lease lapsed.")
    coordinator.answers += [lease(), lapsed, None, lease(token=8, member=1)]
    patient = Timing(retry=60.0, retry_limit=60.0)
    with Worker(coordinator.url, timing=patient) as worker:
        with pytest.raises(UnreachableError):
            worker.report(10, 0.5, timeout=0.2)
        assert worker.report(10, 0.5).action == "switch"
        assert worker.member == 1
    keys = [coordinator.next("join").request.join.key for _ in range(3)]
    assert keys[0] != keys[1] == keys[2]
