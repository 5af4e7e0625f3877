"""How an administrator invites others, and what it hears of their keys."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.coordinator import Coordinator

from murmuration import (
    Address,
    Administrator,
    InvalidError,
    Key,
    MalformedError,
    Quota,
    Timing,
)
from murmuration._connection.curve import public_of
from murmuration.v1 import murmuration_pb2 as wire

SERVER = bytes(range(32))
OLD, NEW = b"\x01" * 32, b"\x01" * 31 + b"\x02"

WORKER = wire.Key(
    public_key=OLD,
    role=wire.ROLE_WORKER,
    populations=["digits"],
    label="for you",
    created_milliseconds=1500,
    expires_milliseconds=2500,
    revoked_milliseconds=2000,
    quota=wire.Quota(outstanding=8, members=0),
    made_members=2,
    leases=1,
)


@pytest.fixture
def administrator(coordinator: Coordinator, quick: Timing) -> Administrator:
    return Administrator(coordinator.url, timing=quick)


def invited(host: str = "", server: bytes = SERVER) -> Callable[[wire.Request], wire.Reply]:
    def answer(request: wire.Request) -> wire.Reply:
        key = wire.Key(public_key=request.invite.public_key, role=request.invite.role)
        return wire.Reply(invited=wire.Invited(key=key, server_key=server, port=7779, host=host))

    return answer


def test_an_invitation_holds_the_secret_that_stays_here(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    coordinator.answers.append(invited())
    with administrator:
        address = Address.parse(administrator.invite("worker", ["digits"], host="127.0.0.1"))
    assert (address.host, address.port, address.population) == ("127.0.0.1", 7779, "digits")
    assert address.invitation is not None
    assert address.invitation.server_public == SERVER
    request = coordinator.next("invite").request
    assert request.invite.public_key == public_of(address.invitation.client_secret)
    assert address.invitation.client_secret not in request.SerializeToString()
    assert len(request.invite.key) == 16


def test_an_invitation_to_everywhere_leads_to_this_machine_by_its_name(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    coordinator.answers.append(invited())
    with administrator:
        url = administrator.invite("monitor", all_populations=True)
    assert Address.parse(url).host == socket.gethostname()


def test_an_invitation_leads_to_the_host_that_the_coordinator_says(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    coordinator.answers.append(invited("2001:db8::1"))
    with administrator:
        url = administrator.invite("monitor", all_populations=True)
    assert url.endswith("@[2001:db8::1]:7779")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"role": "worker", "populations": "p", "label": "you"},
            wire.Invite(role=wire.ROLE_WORKER, populations=["p"], label="you"),
        ),
        (
            {"role": "monitor", "populations": ["p", "q"], "expires": timedelta(days=7)},
            wire.Invite(
                role=wire.ROLE_MONITOR, populations=["p", "q"], expires_after_seconds=604_800
            ),
        ),
        (
            {"role": "admin", "expires": 1.5, "quota": Quota(members=0, joins_per_second=3)},
            wire.Invite(
                role=wire.ROLE_ADMIN,
                all_populations=True,
                expires_after_seconds=2,
                quota=wire.Quota(members=0, joins_per_second=3),
            ),
        ),
    ],
)
def test_what_an_invitation_is_for_is_asked(
    arguments: dict[str, Any],
    expected: wire.Invite,
    coordinator: Coordinator,
    administrator: Administrator,
) -> None:
    coordinator.answers.append(invited())
    with administrator:
        url = administrator.invite(**arguments)
    names = list(expected.populations)
    assert Address.parse(url).population == (names[0] if len(names) == 1 else "")
    invite = coordinator.next("invite").request.invite
    expected.quota.SetInParent()
    invite.key = invite.public_key = b""
    assert invite == expected


def test_an_invitation_without_a_population_is_for_the_administrators(
    coordinator: Coordinator, quick: Timing
) -> None:
    coordinator.answers += [invited()] * 3
    with Administrator(coordinator.url, "digits", timing=quick) as administrator:
        assert administrator.invite("worker").endswith(":7779/digits")
        assert administrator.invite("worker", all_populations=True).endswith(":7779")
        assert administrator.invite("admin").endswith(":7779")
    asked = [list(coordinator.next("invite").request.invite.populations) for _ in range(3)]
    assert asked == [["digits"], [], []]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"role": "owner"}, "The role is 'owner'; use worker, monitor, admin."),
        ({"role": "worker"}, "Say what the worker is for"),
        ({"role": "worker", "populations": []}, "Say what the worker is for"),
        (
            {"role": "monitor", "populations": "p", "all_populations": True},
            "Say what the monitor is for",
        ),
        ({"role": "admin", "populations": "p"}, "name none"),
        ({"role": "admin", "expires": 0}, "expires after 0 s"),
        ({"role": "admin", "expires": timedelta(days=-1)}, "expires after -86400 s"),
        ({"role": "admin", "expires": float("nan")}, "expires after nan s"),
        ({"role": "admin", "expires": "7d"}, "time until it expires is '7d'"),
        ({"role": "admin", "quota": Quota(members=-1)}, "quota of members is -1"),
    ],
)
def test_a_bad_invitation_is_named_before_it_travels(
    arguments: dict[str, Any], said: str, coordinator: Coordinator, administrator: Administrator
) -> None:
    with administrator, pytest.raises(InvalidError, match=said):
        administrator.invite(**arguments)
    assert coordinator.count("invite") == 0


@pytest.mark.parametrize("server", [b"", SERVER[:-1]])
def test_an_answer_that_makes_no_invitation_is_an_error(
    server: bytes, coordinator: Coordinator, administrator: Administrator
) -> None:
    coordinator.answers.append(invited(server=server))
    with administrator, pytest.raises(MalformedError, match="install a package that fits"):
        administrator.invite("admin")


def test_all_keys_are_read_by_pages(coordinator: Coordinator, administrator: Administrator) -> None:
    new = wire.Key(public_key=NEW, role=wire.ROLE_ADMIN, all_populations=True)
    coordinator.answers += [
        wire.Reply(keys=wire.Keys(keys=[WORKER], more=True)),
        wire.Reply(keys=wire.Keys(keys=[new])),
    ]
    with administrator:
        first, second = administrator.keys()
    assert [coordinator.next("list_keys").request.list_keys.after for _ in range(2)] == [b"", OLD]
    start = datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert first == Key(
        public_key=OLD,
        role="worker",
        populations=("digits",),
        all_populations=False,
        label="for you",
        created=start + timedelta(seconds=1.5),
        expires=start + timedelta(seconds=2.5),
        revoked=start + timedelta(seconds=2),
        quota=Quota(outstanding=8, members=0),
        made_populations=0,
        made_members=2,
        leases=1,
    )
    assert first.id == "01" * 32
    assert (second.role, second.all_populations) == ("admin", True)
    assert (second.expires, second.revoked) == (None, None)


@pytest.mark.parametrize("given", [OLD, NEW.hex(), NEW.hex().upper()])
def test_a_key_is_revoked_by_its_public_key_or_by_its_id(
    given: bytes | str, coordinator: Coordinator, administrator: Administrator
) -> None:
    if isinstance(given, str):
        listed = wire.Keys(keys=[WORKER, wire.Key(public_key=NEW)])
        coordinator.answers.append(wire.Reply(keys=listed))
    coordinator.answers.append(wire.Reply(key=WORKER))
    with administrator:
        revoked = administrator.revoke_key(given)
    assert revoked.revoked is not None
    revoke = coordinator.next("revoke_key").request.revoke_key
    assert revoke.public_key == (NEW if isinstance(given, str) else OLD)
    assert len(revoke.key) == 16


def test_a_key_of_the_list_is_revoked(
    coordinator: Coordinator, administrator: Administrator
) -> None:
    listed = wire.Reply(keys=wire.Keys(keys=[WORKER]))
    coordinator.answers += [listed, wire.Reply(key=WORKER)]
    with administrator:
        assert administrator.revoke_key(administrator.keys()[0]).label == "for you"
    assert coordinator.next("revoke_key").request.revoke_key.public_key == OLD


@pytest.mark.parametrize(
    ("given", "said"),
    [("0101", "2 keys begin with '0101'"), ("02", "No key begins with '02'"), ("", "No key")],
)
def test_an_id_that_means_no_one_key_is_named(
    given: str, said: str, coordinator: Coordinator, administrator: Administrator
) -> None:
    listed = wire.Keys(keys=[WORKER, wire.Key(public_key=NEW)])
    coordinator.answers.append(wire.Reply(keys=listed))
    with administrator, pytest.raises(InvalidError, match=said):
        administrator.revoke_key(given)
    assert coordinator.count("revoke_key") == 0
