"""Who is invited, against the real coordinator: what a key lets its holder do, and what not."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta

import pytest
import zmq
from populations import SPACE, create, journal, train
from program import Murmur
from support.fixtures import QUICK

from bench.ports import free_ports
from murmuration import (
    Address,
    Administrator,
    CoordinatorError,
    Monitor,
    MurmurationError,
    PBTClient,
    RefusedError,
    UnauthorizedError,
    Worker,
)
from murmuration._connection.connection import Connection
from murmuration._connection.curve import Invitation, Keys
from murmuration._connection.sockets import new_key, secure
from murmuration.v1 import murmuration_pb2 as wire

# Names of which one begins like another, and that no sentence has by chance.
MINE, LONGER, OTHER = "mine-1", "mine-1-too", "kept-from-them"
INVITING = ("--port", "0", "--invitations")
SECRET = "a-secret-of-the-server-0001"
NOT_LET_IN = "does not let this invitation in"
# Far above what being told of a revocation takes, and far below a lease.
PATIENCE_SECONDS = 60.0
BOARDS = 5


@pytest.fixture
def inviting(idle: Murmur) -> Murmur:
    """A coordinator that lets in who is invited, and has three populations."""
    idle.start(*INVITING)
    make_populations(idle)
    return idle


def make_populations(murmur: Murmur) -> None:
    for name in (MINE, LONGER, OTHER):
        create(murmur, name, "--population-size", "2", "--max-steps", "1000")


def invite(murmur: Murmur, role: str, population: str = MINE, *options: str) -> str:
    """What the command line prints, which is an address and nothing else."""
    url = murmur.murmur("invite", "--role", role, "--population", population, *options).strip()
    assert invitation(url).text in url
    return url


def invitation(url: str) -> Invitation:
    found = Address.parse(url).invitation
    assert found is not None
    return found


def revoke(murmur: Murmur, url: str) -> None:
    murmur.murmur("keys", "revoke", invitation(url).client_public.hex()[:16])


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    with closing(Connection(Address.parse(url), QUICK)) as connection:
        yield connection


def token_of(worker: Worker) -> int:
    return worker._holder.assigned().token


# ------------------------------------------------------------------------------------- coming in


def test_a_worker_that_is_invited_trains(idle: Murmur) -> None:
    idle.start(*INVITING)
    create(idle, MINE, "--population-size", "3", "--max-steps", "4")
    url = invite(idle, "worker")
    assert Address.parse(url).population == MINE
    assert train(url) >= 3 * 4
    with Administrator(idle.url) as administrator:
        assert administrator.leaderboard(MINE).finished
    idle.stop()
    idle.check()


def test_a_client_of_the_seeds_interface_takes_an_invitation(inviting: Murmur) -> None:
    with PBTClient(invite(inviting, "worker"), timing=QUICK) as client:
        client.save("/1", 0.5)
        assert client.member in (0, 1)


def test_a_monitor_that_is_invited_reads_and_follows(inviting: Murmur) -> None:
    url = invite(inviting, "monitor")
    with (
        Monitor(url, timeout=PATIENCE_SECONDS) as boards,
        Worker(invite(inviting, "worker"), keeps=True, timing=QUICK) as worker,
    ):
        for count in range(1, 4):
            worker.report(worker.target_step, count, checkpoint=f"/{count}")
            for board in boards:
                if board.summary.reports == count:
                    break
            assert board.population == MINE
        with Administrator(url) as reader:
            assert reader.leaderboard().summary.reports == 3
            assert len(list(reader.history())) >= 3
            assert reader.schedule(MINE, worker.member)[0].member == worker.member


def test_an_admin_that_is_invited_makes_steers_and_invites(inviting: Murmur) -> None:
    with Administrator(inviting.url) as local:
        url = local.invite("admin", label="Ada", expires=timedelta(days=1))
    with Administrator(url) as administrator:
        administrator.create_population("new", SPACE, population_size=1)
        assert administrator.pause("new").status == "paused"
        administrator.resume("new")
        worker = administrator.invite("worker", "new")
        with Worker(worker, timing=QUICK) as trainer:
            assert trainer.population == "new"
            listed = administrator.keys()
    keys = {each.public_key: each for each in listed}
    admin = keys[invitation(url).client_public]
    assert (admin.role, admin.label, admin.expires is None) == ("admin", "Ada", False)
    trains = keys[invitation(worker).client_public]
    assert (trains.role, trains.populations, trains.leases) == ("worker", ("new",), 1)


def test_keys_are_listed_without_a_secret(inviting: Murmur) -> None:
    url = invite(inviting, "worker", MINE, "--label", "a-laptop")
    listed = inviting.murmur("keys", "list")
    assert invitation(url).client_public.hex()[:8] in listed
    assert "a-laptop" in listed
    assert not re.search(r"[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}", listed)
    secret = invitation(url).text.removeprefix("invited:").partition(".")[0]
    files = [each for each in inviting.data.rglob("*") if each.is_file()]
    assert files
    for each in files:
        content = each.read_bytes()
        assert invitation(url).client_secret not in content, each
        assert secret.encode() not in content, each
    assert secret not in inviting.log


# --------------------------------------------------------------------------- what it does not do


STEERING: dict[str, Callable[[Administrator], object]] = {
    "pause": lambda each: each.pause(MINE),
    "end": lambda each: each.end(MINE),
    "set": lambda each: each.set(MINE, max_steps=1),
    "add": lambda each: each.add_members(MINE, 1),
    "remove": lambda each: each.remove_member(MINE, 0),
    "create": lambda each: each.create_population("new", SPACE),
    "invite": lambda each: each.invite("admin"),
    "keys": lambda each: each.keys(),
    "revoke": lambda each: each.revoke_key(bytes(range(32))),
}


@pytest.mark.parametrize("role", ["worker", "monitor"])
def test_who_is_no_admin_does_not_steer(role: str, inviting: Murmur) -> None:
    with Administrator(inviting.url) as local:
        before = local.populations()
        with Administrator(invite(inviting, role), timing=QUICK) as guest:
            for name, act in STEERING.items():
                with pytest.raises(UnauthorizedError) as raised:
                    act(guest)
                assert str(raised.value).endswith("."), name
        assert local.populations() == before
        assert len(local.keys()) == 1


def test_a_monitor_does_not_train(inviting: Murmur) -> None:
    url = invite(inviting, "monitor")
    with pytest.raises(UnauthorizedError):
        Worker(url, timing=QUICK)
    with (
        Worker(invite(inviting, "worker"), keeps=True, timing=QUICK) as worker,
        connected(url) as monitor,
    ):
        token = token_of(worker)
        for request in foreign(token):
            with pytest.raises(UnauthorizedError):
                monitor.call(request, PATIENCE_SECONDS)
        assert worker.report(worker.target_step, 1.0, checkpoint="/1").recorded
        assert token_of(worker) == token
    assert journal(inviting, "SELECT count(*) FROM event WHERE kind = 'reported'") == [(1,)]


def foreign(token: int) -> list[wire.Request]:
    """What nobody but its holder may ask with a lease."""
    return [
        wire.Request(
            report=wire.Report(lease=token, sequence=1, step=1, score=9e9, checkpoint="/stolen")
        ),
        wire.Request(decline=wire.Decline(key=new_key(), lease=token, reason="stolen")),
        wire.Request(leave=wire.Leave(key=new_key(), lease=token)),
        wire.Request(join=wire.Join(key=new_key(), population=MINE, lease=token)),
    ]


ASKING: dict[str, Callable[[str, str], object]] = {
    "leaderboard": lambda url, name: asked(url, lambda each: each.leaderboard(name)),
    "history": lambda url, name: asked(url, lambda each: list(each.history(name))),
    "schedule": lambda url, name: asked(url, lambda each: each.schedule(name, 0)),
    "pause": lambda url, name: asked(url, lambda each: each.pause(name)),
    "create": lambda url, name: asked(url, lambda each: each.create_population(name, SPACE)),
    "join": lambda url, name: Worker(url, name, timing=QUICK),
    "keep": lambda url, name: Worker(url, name, keeps=True, timing=QUICK),
    "space": lambda url, name: Worker(url, name, "name,min,max,scale\nx,0,1,linear\n"),
    "watch": lambda url, name: watched(url, name),
}


def watched(url: str, name: str) -> object:
    with Monitor(url, name, timeout=3.0, timing=QUICK) as boards:
        return next(boards)


def asked(url: str, act: Callable[[Administrator], object]) -> object:
    with Administrator(url, timing=QUICK) as guest:
        return act(guest)


@pytest.mark.parametrize("role", ["worker", "monitor"])
def test_another_population_is_as_if_it_were_not_there(role: str, inviting: Murmur) -> None:
    url = invite(inviting, role)
    absent = "x" * len(OTHER)
    for name, act in ASKING.items():
        said = []
        for population in (OTHER, absent):
            with pytest.raises(MurmurationError) as raised:
                act(url, population)
            said.append((type(raised.value), str(raised.value).replace(population, "…")))
        assert said[0] == said[1], name
        assert OTHER not in said[1][1], name
    with Administrator(url, timing=QUICK) as guest:
        assert [each.name for each in guest.populations()] == [MINE]
        # None named is the only one that is there for this key.
        assert guest.leaderboard(None).population == MINE


def test_an_invitation_without_a_name_leads_to_the_only_population_of_it(
    inviting: Murmur,
) -> None:
    url = invite(inviting, "worker").removesuffix(f"/{MINE}")
    with Worker(url, timing=QUICK) as worker, Monitor(url, timeout=PATIENCE_SECONDS) as boards:
        assert worker.population == boards.population == MINE
        assert next(boards).population == MINE


# --------------------------------------------------------------------- letting in no more


def test_a_worker_whose_key_was_revoked_ends_at_its_next_report(inviting: Murmur) -> None:
    url = invite(inviting, "worker")
    with Worker(url, timing=QUICK) as worker:
        member = worker.member
        worker.report(worker.target_step, 1.0, checkpoint="/1")
        revoke(inviting, url)
        with pytest.raises((UnauthorizedError, RefusedError)):
            worker.report(worker.target_step, 1.0, checkpoint="/2")
        # Its member is free at once.
        both = [Worker(invite(inviting, "worker"), timing=QUICK) for _ in range(2)]
        assert member in [each.member for each in both]
        for each in both:
            each.leave()
    with pytest.raises(RefusedError, match=NOT_LET_IN):
        Worker(url, timing=QUICK)
    with Administrator(inviting.url) as local:
        keys = local.keys()
    assert [each.revoked is not None for each in keys].count(True) == 1


def test_a_worker_whose_key_was_revoked_waits_for_no_member_any_more(inviting: Murmur) -> None:
    url = invite(inviting, "worker")
    errors: list[Exception] = []

    def wait_for_member() -> None:
        try:
            Worker(url, timing=QUICK)
        except MurmurationError as error:
            errors.append(error)

    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(Worker(invite(inviting, "worker"), timing=QUICK))
        waiting = threading.Thread(target=wait_for_member)
        waiting.start()
        waiting.join(1.0)
        assert waiting.is_alive()
        revoke(inviting, url)
        waiting.join(PATIENCE_SECONDS)
        assert not waiting.is_alive()
    assert [type(each) for each in errors] in ([UnauthorizedError], [RefusedError])


def test_a_monitor_whose_key_was_revoked_ends(inviting: Murmur) -> None:
    url = invite(inviting, "monitor")
    with Monitor(url, timeout=PATIENCE_SECONDS) as boards:
        next(boards)
        revoke(inviting, url)
        with pytest.raises((UnauthorizedError, RefusedError)):
            for _ in boards:
                pass
    with pytest.raises(RefusedError, match=NOT_LET_IN):
        Monitor(url, timing=QUICK)


def test_a_revocation_outlives_the_coordinator(idle: Murmur) -> None:
    ports = ("--port", str(free_ports(3)), "--invitations")
    idle.start(*ports)
    create(idle, MINE, "--population-size", "1")
    gone, stays = invite(idle, "worker"), invite(idle, "worker")
    revoke(idle, gone)
    idle.kill()
    idle.start(*ports)
    with pytest.raises(RefusedError, match=NOT_LET_IN):
        Worker(gone, timing=QUICK)
    with Worker(stays, timing=QUICK) as worker:
        assert worker.population == MINE


def test_an_invitation_that_has_expired_is_refused(inviting: Murmur) -> None:
    url = invite(inviting, "worker", MINE, "--expires", "2s")
    with pytest.raises(RefusedError, match=NOT_LET_IN):
        come_in_again_and_again(url)


def come_in_again_and_again(url: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        # It may expire between the handshake and the greeting.
        with suppress(UnauthorizedError), connected(url) as connection:
            connection.unasked(0.2)


def test_an_invitation_that_expires_meanwhile_ends_who_is_in(inviting: Murmur) -> None:
    with Administrator(inviting.url) as local:
        # Long enough to come in on a slow machine.
        urls = [local.invite(role, MINE, expires=30) for role in ("worker", "monitor")]
    with (
        Worker(urls[0], timing=QUICK) as worker,
        Monitor(urls[1], timeout=PATIENCE_SECONDS) as boards,
    ):
        with pytest.raises((UnauthorizedError, RefusedError)):
            for _ in boards:
                pass
        with pytest.raises((UnauthorizedError, RefusedError)):
            worker.report(worker.target_step, 1.0)


# ---------------------------------------------------------------------- passing for another one


@pytest.mark.parametrize(
    ("role", "population"), [("worker", MINE), ("worker", OTHER), ("monitor", MINE)]
)
def test_a_stolen_lease_is_worth_nothing(role: str, population: str, inviting: Murmur) -> None:
    with (
        Worker(invite(inviting, "worker"), keeps=True, timing=QUICK) as holder,
        connected(invite(inviting, role, population)) as thief,
    ):
        token, member = token_of(holder), holder.member
        for request in foreign(token):
            with pytest.raises(CoordinatorError):
                thief.call(request, PATIENCE_SECONDS)
        if role == "worker":
            beat = wire.Request(heartbeat=wire.Heartbeat(leases=[token]))
            assert list(thief.call(beat, PATIENCE_SECONDS).alive.gone) == [token]
            join = wire.Join(key=new_key(), population=population, former=token, keeps=True)
            told = thief.call(wire.Request(join=join), PATIENCE_SECONDS).directive
            assert told.lease.token != token
            assert (told.lease.population, told.lease.member) != (MINE, member)
        assert holder.report(holder.target_step, 1.0, checkpoint="/1").recorded
        assert (token_of(holder), holder.member) == (token, member)
    reported = journal(inviting, "SELECT count(*) FROM event WHERE kind = 'reported'")
    assert reported == [(1,)]


def test_the_key_of_anothers_request_brings_no_answer_of_theirs(inviting: Murmur) -> None:
    key = new_key()

    def joined(connection: Connection) -> wire.Lease:
        join = wire.Join(key=key, population=MINE)
        return connection.call(wire.Request(join=join), PATIENCE_SECONDS).directive.lease

    with (
        connected(invite(inviting, "worker")) as one,
        connected(invite(inviting, "worker")) as other,
    ):
        first, second = joined(one), joined(other)
        assert 0 not in (first.token, second.token)
        assert first.token != second.token
        assert first.member != second.member
        # For themselves it does.
        assert (joined(one).token, joined(other).token) == (first.token, second.token)


@contextmanager
def peer(url: str, routing_id: bytes) -> Iterator[zmq.Socket[bytes]]:
    """A client that says by itself who it is to the coordinator's socket."""
    address = Address.parse(url)
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        secure(dealer, address.keys)
        dealer.setsockopt(zmq.ROUTING_ID, routing_id)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.setsockopt(zmq.SNDTIMEO, 5000)
        dealer.connect(address.endpoint())
        yield dealer


def heard(dealer: zmq.Socket[bytes], seconds: float) -> list[wire.Reply]:
    replies = []
    until = time.monotonic() + seconds
    while dealer.poll(max(0, int(1000 * (until - time.monotonic())))):
        replies.append(wire.Reply.FromString(dealer.recv()))
    return replies


def test_the_routing_id_of_another_client_brings_nothing_of_theirs(inviting: Murmur) -> None:
    everything = wire.Subscribe(topics=[""])
    listing = wire.Request(id=77, list_populations=wire.ListPopulations())
    mine, other = invite(inviting, "monitor", MINE), invite(inviting, "monitor", OTHER)

    def theirs(replies: list[wire.Reply]) -> list[wire.Reply]:
        return [each for each in replies if MINE in str(each)]

    with peer(mine, b"same") as first:
        first.send(wire.Request(id=1, subscribe=everything).SerializeToString())
        heard(first, 2.0)
        with peer(other, b"same") as second:
            second.send(listing.SerializeToString())
            assert theirs(heard(second, 3.0)) == []
            # The other way round neither.
            assert [each for each in heard(first, 0.5) if OTHER in str(each)] == []
            first.send(listing.SerializeToString())
            names = [each.name for r in heard(first, 2.0) for each in r.populations.populations]
            assert names in ([], [MINE])
    # Nor is what they subscribed to left to who comes after them.
    with peer(other, b"same") as heir:
        assert theirs(heard(heir, 3.0)) == []
        heir.send(listing.SerializeToString())
        assert theirs(heard(heir, 3.0)) == []


# -------------------------------------------------------------------------------- the broadcast


@contextmanager
def reporting(murmur: Murmur) -> Iterator[None]:
    """Something new to publish about every population, again and again."""
    stopping = threading.Event()
    count = 0

    def report() -> None:
        nonlocal count
        with ExitStack() as stack:
            workers = [
                stack.enter_context(Worker(murmur.url, name, timing=QUICK))
                for name in (MINE, LONGER, OTHER)
            ]
            while not stopping.wait(0.1):
                for worker in workers:
                    count += 1
                    worker.report(worker.target_step, count, checkpoint=f"/{count}")

    reporter = threading.Thread(target=report)
    reporter.start()
    try:
        yield
    finally:
        stopping.set()
        reporter.join(PATIENCE_SECONDS)
    assert count > 0, "nothing was reported"


def test_the_channel_of_the_secret_is_closed_to_who_is_invited(idle: Murmur) -> None:
    idle.start_with_secret(SECRET, *INVITING)
    make_populations(idle)
    url = invite(idle, "monitor")
    guest = invitation(url)
    shared = Keys.derive(SECRET)
    # Whoever knows the public key of the channel too knows all that one who is invited may know.
    keys = (None, guest, Invitation(guest.client_secret, shared.server_public))
    ports = {int(re.findall(r"broadcast=(\d+)", idle.log)[-1])}
    ports |= {Address.parse(each).port for each in (idle.url, url)}
    assert len(ports) == 3, idle.log
    with reporting(idle), zmq.Context() as context:
        for _ in range(3):
            with ExitStack() as stack:
                poller = zmq.Poller()
                for port in ports:
                    for key in keys:
                        subscriber = stack.enter_context(context.socket(zmq.SUB))
                        secure(subscriber, key)
                        subscriber.setsockopt(zmq.LINGER, 0)
                        subscriber.setsockopt(zmq.RECONNECT_IVL, 50)
                        subscriber.subscribe(b"")
                        subscriber.connect(f"tcp://127.0.0.1:{port}")
                        poller.register(subscriber, zmq.POLLIN)
                assert poller.poll(3000) == []
        # It is not that nothing was published.
        with Monitor(idle.url, MINE, timeout=PATIENCE_SECONDS) as boards:
            next(boards)


def test_all_topics_are_all_that_the_key_may_read(idle: Murmur) -> None:
    ports = ("--port", str(free_ports(3)), "--invitations")
    idle.start(*ports)
    make_populations(idle)
    url = invite(idle, "monitor")
    # The last one is the beginning of other names too.
    for wanted in ([""], ["", MINE, f"{MINE}/"], [MINE[:-1]]):
        with reporting(idle), connected(url) as first:
            subscribe(first, wanted)
            assert populations_heard(first) == {MINE}
            subscribe(first, wanted)
            assert populations_heard(first) == {MINE}
        with connected(url) as second:
            with reporting(idle):
                # Of a connection before this one nothing is left.
                assert second.unasked(1.0) == []
                subscribe(second, wanted)
                assert populations_heard(second) == {MINE}
            idle.kill()
            idle.start(*ports)
            second.call(wire.Request(list_populations=wire.ListPopulations()), PATIENCE_SECONDS)
            second.unasked(0.0)
            with reporting(idle):
                assert second.unasked(1.5) == []
                subscribe(second, wanted)
                assert populations_heard(second) == {MINE}


@pytest.mark.parametrize("topic", [f"{OTHER}/leaderboard", f"{LONGER}/lineage", "nobody/", "/"])
def test_a_topic_of_another_population_is_refused_whether_there_is_one_or_not(
    idle: Murmur, topic: str
) -> None:
    idle.start(*INVITING)
    make_populations(idle)
    url = invite(idle, "monitor")
    with connected(url) as guest, pytest.raises(UnauthorizedError, match="nothing to do with"):
        subscribe(guest, ["", topic])


def subscribe(connection: Connection, topics: list[str]) -> None:
    request = wire.Request(subscribe=wire.Subscribe(topics=topics))
    assert connection.call(request, PATIENCE_SECONDS).subscribed.milliseconds > 0


def populations_heard(connection: Connection) -> set[str]:
    """Whose boards and lineage come, until enough boards came for one of each to have come."""
    names = set()
    boards = 0
    until = time.monotonic() + PATIENCE_SECONDS
    while boards < BOARDS:
        assert time.monotonic() < until, f"{boards} boards came"
        for reply in connection.unasked(1.0):
            assert reply.HasField("broadcast"), reply
            if reply.broadcast.HasField("leaderboard"):
                boards += 1
                names.add(reply.broadcast.leaderboard.population)
            else:
                names.add(reply.broadcast.lineage.population)
    return names
