"""How a connection lives through silence, restarts and refusals."""

from __future__ import annotations

import ctypes
import itertools
import socket
import subprocess
import sys
import textwrap
import threading
from collections import deque
from dataclasses import replace

import pytest
from support.coordinator import Answer, Coordinator, error, lease, same, wait

from murmuration import (
    RefusedError,
    Timing,
    UnauthorizedError,
    UnreachableError,
    UnsupportedError,
    Worker,
)
from murmuration._connection.frames import MESSAGE_BYTES
from murmuration.v1 import murmuration_pb2 as wire

SECRET = "correct-horse_battery1"
OTHER = "another-horse_battery2"


def test_silence_is_answered_by_the_same_request_over_a_new_socket(quick: Timing) -> None:
    # As many misses as a socket is given, and one more request over the next one.
    silence = [None] * quick.misses
    with Coordinator(answers=deque([lease(), *silence, same(20)])) as coordinator:
        with Worker(coordinator.url, timing=quick) as worker:
            assert worker.report(10, 0.5, checkpoint="/mine").action == "continue"
        attempts = [each for each in coordinator.received if each.kind == "report"]
        payloads = {each.request.SerializeToString() for each in attempts}
        peers = [each.peer for each in attempts]
    assert len(attempts) == quick.misses + 1
    assert len(payloads) == 1
    assert len(set(peers[: quick.misses])) == 1
    assert peers[-1] != peers[0]


def test_an_unavailable_coordinator_is_waited_for(coordinator: Coordinator, quick: Timing) -> None:
    full = error(wire.Error.CODE_UNAVAILABLE, "The disk is full.")
    coordinator.answers += [full, lease(), *[full] * (2 * quick.misses)]
    # A report whose answer is late is asked again, and is to be answered too.
    coordinator.answers += [same(20)] * 10
    with Worker(coordinator.url, timing=quick) as worker:
        assert worker.report(10, 0.5).action == "continue"
    reports = [each for each in coordinator.received if each.kind == "report"]
    assert len({each.request.id for each in reports}) == 1
    # It answers, so there is no reason for another socket.
    assert len({each.peer for each in coordinator.received}) == 1


def test_a_long_wait_for_a_coordinator_that_is_gone_is_said(
    quick: Timing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("murmuration._connection.reminder._FIRST_SECONDS", 0.05)
    with Coordinator(answers=deque([lease()])) as coordinator:
        worker = Worker(coordinator.url, timing=quick)
    with pytest.raises(UnreachableError, match="Nothing listens"):
        worker.report(10, 0.5, timeout=0.1)
    said = [record.message for record in caplog.records if "Waiting for it" in record.message]
    assert said == [
        f"Nothing listens at 127.0.0.1:{coordinator.port}: start a coordinator there, or correct "
        "the address. Waiting for it, for 0 s so far."
    ]
    with Coordinator(port=coordinator.port, epoch=2, answers=deque([lease(), same(20)])):
        assert worker.report(10, 0.5).action == "continue"
        worker.leave()


def test_a_late_second_answer_to_a_repeated_request_is_left_out(quick: Timing) -> None:
    with Coordinator(answers=deque([lease(), None, same(20), same(30)])) as coordinator:
        with Worker(coordinator.url, timing=quick) as worker:
            worker.report(10, 0.5)
            worker.report(20, 0.5)
            assert worker.target_step == 30
        sequences = [
            each.request.report.sequence for each in coordinator.received if each.kind == "report"
        ]
    assert sequences == [1, 1, 2]


def test_after_a_restart_the_lease_is_taken_up_before_the_report_is_repeated(
    quick: Timing,
) -> None:
    with Coordinator(epoch=1, answers=deque([lease(), None])) as first:
        worker = Worker(first.url, "digits", name="w", timing=quick)
        directives = []
        reporter = threading.Thread(
            target=lambda: directives.append(worker.report(10, 0.5, checkpoint="/mine"))
        )
        # More repetitions than this one may come before the coordinator has stopped.
        first.answers += [None] * 100
        reporter.start()
        report = first.next("report").request
    with Coordinator(epoch=2, port=first.port, answers=deque([lease(), same(20)])) as second:
        reporter.join(20)
        worker.leave()
    assert [each.action for each in directives] == ["continue"]
    kinds = [each.kind for each in second.received]
    assert kinds == ["hello", "join", "heartbeat", "report", "leave"]
    join = second.received[1].request.join
    assert (join.lease, join.population, join.worker) == (7, "digits", "w")
    assert second.received[3].request == report


def test_a_restart_while_the_worker_computes_takes_up_the_lease_too(quick: Timing) -> None:
    with Coordinator(epoch=1, answers=deque([lease()])) as first:
        worker = Worker(first.url, timing=quick)
    with Coordinator(epoch=2, port=first.port, answers=deque([lease(), same(20)])) as second:
        assert second.next("join").request.join.lease == 7
        assert worker.report(10, 0.5).action == "continue"
        worker.leave()


def test_a_coordinator_that_came_back_without_the_lease_gives_another(quick: Timing) -> None:
    unknown = error(wire.Error.CODE_UNKNOWN_LEASE, "No such lease.")
    with Coordinator(epoch=1, answers=deque([lease()])) as first:
        worker = Worker(first.url, timing=quick)
    answers: deque[Answer] = deque([unknown, unknown, lease(token=8, member=1)])
    with Coordinator(epoch=2, port=first.port, answers=answers) as second:
        assert second.next("join").request.join.lease == 7
        assert worker.report(10, 0.5).action == "switch"
        assert second.next("report").request.report.lease == 7
        assert second.next("join").request.join.lease == 0
        worker.leave()


def test_a_reply_of_another_epoch_greets_anew_over_the_same_socket(
    coordinator: Coordinator, quick: Timing
) -> None:
    def restarted(request: wire.Request) -> wire.Reply:
        coordinator.epoch = 2
        return error(wire.Error.CODE_UNKNOWN_LEASE, "No such lease.")

    coordinator.answers += [lease(), restarted, lease(), same(20)]
    with Worker(coordinator.url, timing=quick) as worker:
        assert worker.report(10, 0.5).action == "continue"
    kinds = [each.kind for each in coordinator.received]
    again = ["hello", "join", "heartbeat", "report", "leave"]
    assert kinds == ["hello", "join", "report", *again]


def test_a_reply_of_an_unknown_kind_is_an_error_and_no_silence(
    coordinator: Coordinator, quick: Timing
) -> None:
    later = wire.Reply.FromString(bytes.fromhex("a206020801"))
    coordinator.answers += [lease(), later]
    with (
        Worker(coordinator.url, timing=quick) as worker,
        pytest.raises(UnsupportedError, match="install a newer one"),
    ):
        worker.report(10, 0.5)


def test_heartbeats_keep_the_lease_until_it_is_gone(quick: Timing) -> None:
    with Coordinator(heartbeat_milliseconds=5, answers=deque([lease()])) as coordinator:
        with Worker(coordinator.url, timing=quick):
            for _ in range(3):
                assert list(coordinator.next("heartbeat").request.heartbeat.leases) == [7]
        count = coordinator.count("heartbeat")
    assert count >= 3
    assert coordinator.received[-1].kind == "leave"


def test_a_heartbeat_that_is_due_in_weeks_is_waited_for(quick: Timing) -> None:
    answers: deque[Answer] = deque([lease(), same(20)])
    with Coordinator(heartbeat_milliseconds=2**32 - 1, answers=answers) as coordinator:
        with Worker(coordinator.url, timing=quick) as worker:
            assert worker.report(10, 0.5).action == "continue"
        assert coordinator.count("leave") == 1


HOLDS_THE_INTERPRETER = textwrap.dedent(
    """
    import ctypes, sys
    from murmuration import Worker

    # PyDLL keeps the interpreter during the call, as a careless extension does.
    sleep = ctypes.PyDLL(None).usleep
    with Worker(sys.argv[1]) as worker:
        while worker.training:
            for _ in range(4):
                sleep(int(sys.argv[2]))
            worker.report(worker.target_step, 0.5, checkpoint="/mine")
    """
)


@pytest.mark.alone
@pytest.mark.skipif(sys.platform == "win32", reason="usleep is POSIX")
def test_heartbeats_keep_the_lease_while_the_interpreter_is_held() -> None:
    assert hasattr(ctypes.PyDLL(None), "usleep")
    held, interval, term = 0.4, 0.1, 1.2
    coordinator = Coordinator(
        heartbeat_milliseconds=int(1000 * interval),
        lease_milliseconds=int(1000 * term),
        answers=deque([lease(), same(20), wire.Reply(directive=wire.Directive(stop=wire.Stop()))]),
    )
    # The worker has a process of its own: here, the coordinator would stand still with it.
    with coordinator:
        command = [sys.executable, "-c", HOLDS_THE_INTERPRETER, coordinator.url]
        subprocess.run([*command, str(int(held * 1_000_000))], check=True, timeout=60)
    times = [each.at for each in coordinator.received]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    # The interpreter really was held past several heartbeats, and no lease would have lapsed.
    assert max(gaps) > 2 * interval
    assert max(gaps) < term
    # One heartbeat gets out between two calls at least.
    assert coordinator.count("heartbeat") >= 6


def test_a_client_with_the_secret_gets_in(quick: Timing) -> None:
    with Coordinator(secret=SECRET, answers=deque([lease()])) as coordinator:
        with Worker(coordinator.url, timing=quick) as worker:
            assert worker.member == 3
        assert SECRET not in repr(worker.__dict__["_connection"].address)


def refusal(url: str, timing: Timing) -> str:
    with pytest.raises(RefusedError) as raised:
        Worker(url, timing=timing)
    return str(raised.value)


def test_the_largest_message_comes_through_encryption_too(quick: Timing) -> None:
    sizes: list[int] = []

    def largest(request: wire.Request) -> wire.Reply:
        entry = wire.Entry(rank=1, checkpoint="x" * 1000)
        board = wire.Leaderboard(entries=[entry], summary=wire.Summary(members=1))
        reply = wire.Reply(id=request.id, epoch=1, leaderboard=board)
        while reply.ByteSize() < MESSAGE_BYTES:
            missing = MESSAGE_BYTES - reply.ByteSize()
            reply.leaderboard.entries[0].checkpoint += "x" * max(1, missing - 8)
        sizes.append(reply.ByteSize())
        return reply

    with Coordinator(secret=SECRET) as coordinator:
        coordinator.answers += [lease(), largest]
        with Worker(coordinator.url, timing=quick) as worker:
            (entry,) = worker.leaderboard().entries
    assert sizes == [MESSAGE_BYTES]
    assert len(entry.checkpoint or "") > 65_000


def test_a_client_without_the_secret_is_told_so(quick: Timing) -> None:
    with Coordinator(secret=SECRET) as coordinator:
        said = refusal(f"murmur://127.0.0.1:{coordinator.port}", quick)
        assert "wants a secret, and none was given" in said
    assert coordinator.received == []


def test_a_client_with_another_secret_is_told_so_without_naming_it(quick: Timing) -> None:
    with Coordinator(secret=SECRET) as coordinator:
        said = refusal(f"murmur://{OTHER}@127.0.0.1:{coordinator.port}", quick)
        assert "has another secret" in said
        assert OTHER not in said
    assert coordinator.received == []


def test_a_client_whose_key_is_refused_is_told_so(quick: Timing) -> None:
    with Coordinator(secret=SECRET, refuses_all=True) as coordinator:
        assert "has another secret" in refusal(coordinator.url, quick)
    assert coordinator.received == []


def test_a_secret_for_a_coordinator_without_encryption_is_refused(quick: Timing) -> None:
    with Coordinator() as coordinator:
        said = refusal(f"murmur://{SECRET}@127.0.0.1:{coordinator.port}", quick)
        assert "serves without encryption" in said
    assert coordinator.received == []


def test_a_coordinator_that_came_back_with_another_secret_ends_the_report(
    quick: Timing,
) -> None:
    with Coordinator(secret=SECRET, answers=deque([lease()])) as first:
        worker = Worker(first.url, timing=quick)
    with Coordinator(secret=OTHER, port=first.port) as second:
        with pytest.raises(RefusedError, match="has another secret"):
            worker.report(10, 0.5)
        worker.leave()
    assert second.received == []


NOT_LET_IN = (
    "does not let this invitation in: it was revoked, has expired, or is another coordinator's; "
    "ask for a new one."
)


def test_a_client_that_is_invited_gets_in(quick: Timing) -> None:
    with Coordinator(guests=set(), answers=deque([lease()] * 2)) as coordinator:
        for _ in range(2):
            with Worker(coordinator.invite(), timing=quick) as worker:
                assert worker.member == 3


def test_an_invitation_that_was_revoked_is_refused(quick: Timing) -> None:
    with Coordinator(guests=set()) as coordinator:
        url = coordinator.invite()
        coordinator.guests = {bytes(32)}
        said = refusal(url, quick)
        assert said == f"The coordinator at 127.0.0.1:{coordinator.port} {NOT_LET_IN}"
    assert coordinator.received == []


@pytest.mark.parametrize("secret", [SECRET, None])
def test_the_invitation_of_another_coordinator_is_refused(
    secret: str | None, quick: Timing
) -> None:
    with Coordinator(guests=set()) as other:
        url = other.invite()
    with Coordinator(secret=secret, port=other.port) as coordinator:
        said = refusal(url, quick)
        assert (NOT_LET_IN if secret else "serves without encryption") in said
    assert coordinator.received == []


def test_a_secret_does_for_no_invitation(quick: Timing) -> None:
    with Coordinator(guests=set()) as coordinator:
        said = refusal(f"murmur://{SECRET}@127.0.0.1:{coordinator.port}", quick)
        assert "has another secret" in said
    assert coordinator.received == []


REVOKED = error(wire.Error.CODE_UNAUTHORIZED, "This key was revoked.")


def test_a_key_that_was_revoked_ends_a_report_at_once(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [lease(), REVOKED]
    with (
        Worker(coordinator.url, timing=quick) as worker,
        pytest.raises(UnauthorizedError, match="was revoked"),
    ):
        worker.report(10, 0.5)
    assert [each.kind for each in coordinator.received] == ["hello", "join", "report", "leave"]


def test_a_key_that_was_revoked_ends_the_wait_for_a_member(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [wait(1), REVOKED]
    with pytest.raises(UnauthorizedError, match="was revoked"):
        Worker(coordinator.url, timing=quick)
    assert coordinator.count("join") == 2


def test_a_lease_that_ended_with_its_key_is_not_followed_by_another(
    coordinator: Coordinator, quick: Timing
) -> None:
    lapsed = error(wire.Error.CODE_LEASE_LAPSED, "The lease is over.")
    coordinator.answers += [lease(), lapsed, REVOKED, REVOKED]
    with (
        Worker(coordinator.url, timing=quick) as worker,
        pytest.raises(UnauthorizedError, match="was revoked"),
    ):
        worker.report(10, 0.5)
    # The last one is for leaving, to learn whether the join before it brought a lease.
    assert coordinator.count("join") == 3


def test_a_heartbeat_that_is_refused_says_so_and_is_the_last(
    quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    answers: deque[Answer] = deque([lease(), REVOKED, REVOKED])
    with Coordinator(heartbeat_milliseconds=5, heartbeat=REVOKED, answers=answers) as coordinator:
        with Worker(coordinator.url, timing=quick) as worker:
            coordinator.next("heartbeat")
            for _ in range(2):
                with pytest.raises(UnauthorizedError, match="was revoked"):
                    worker.report(10, 0.5)
        kinds = [each.kind for each in coordinator.received]
    assert kinds[-2:] == ["report", "leave"]
    assert [each.message for each in caplog.records if "revoked" in each.message] == [
        "This key was revoked. The next report fails by that."
    ]


def test_a_key_that_is_refused_after_a_restart_gets_no_lease_again(quick: Timing) -> None:
    with Coordinator(epoch=1, answers=deque([lease()])) as first:
        worker = Worker(first.url, timing=quick)
    answers: deque[Answer] = deque([REVOKED, REVOKED])
    with Coordinator(epoch=2, port=first.port, answers=answers) as second:
        second.next("join")
        with pytest.raises(UnauthorizedError, match="was revoked"):
            worker.report(10, 0.5)
        worker.leave()
    assert second.count("join") == 1


@pytest.mark.parametrize("secret", ["", f"{SECRET}@"])
def test_something_else_that_listens_there_is_told_apart(secret: str, quick: Timing) -> None:
    with serving(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        said = refusal(f"murmur://{secret}127.0.0.1:{port}", quick)
    assert "is not a coordinator" in said


@pytest.mark.parametrize("said", [b"", b"\xff" + bytes(8) + b"\x7f"])
def test_a_coordinator_that_ends_while_it_greets_is_waited_for(said: bytes, quick: Timing) -> None:
    with serving(said) as port, pytest.raises(UnreachableError):
        Worker(f"murmur://127.0.0.1:{port}", timing=replace(quick, connect=2.0))


def test_nothing_that_listens_is_told_within_the_time() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnreachableError, match=f"Nothing listens at 127.0.0.1:{port}"):
        Worker(f"murmur://127.0.0.1:{port}", timing=Timing(connect=0.1))


def test_a_host_that_does_not_exist_is_told_within_the_time() -> None:
    with pytest.raises(UnreachableError, match=r"There is no host 'nowhere\.invalid'"):
        Worker("murmur://nowhere.invalid:7777", timing=Timing(connect=0.1))


def test_a_coordinator_that_starts_late_is_found(quick: Timing) -> None:
    with Coordinator() as gone:
        pass
    workers: list[Worker] = []
    joining = threading.Thread(target=lambda: workers.append(Worker(gone.url, timing=quick)))
    joining.start()
    with Coordinator(port=gone.port, answers=deque([lease()])):
        joining.join(20)
        assert [worker.member for worker in workers] == [3]
        workers[0].leave()


class serving:  # noqa: N801 (reads as a statement)
    """A TCP server that says the same to everyone and hangs up."""

    def __init__(self, said: bytes) -> None:
        self.said = said
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.run)

    def __enter__(self) -> int:
        self.thread.start()
        port: int = self.listener.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake the thread that accepts.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(20)

    def run(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                client.recv(1000)
                client.sendall(self.said)
