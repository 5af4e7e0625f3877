"""Keys that a coordinator lets in: who is invited, and what for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from murmuration._connection.sockets import new_key
from murmuration._scalars import count, number
from murmuration._texts import written
from murmuration.errors import InvalidError
from murmuration.v1 import murmuration_pb2 as wire

Role = Literal["worker", "monitor", "admin"]
"""What a key is for: a worker joins, reports and reads; a monitor reads; an admin may do all."""

_START = datetime(1970, 1, 1, tzinfo=timezone.utc)

_ROLES: dict[Role, wire.Role] = {
    "worker": wire.ROLE_WORKER,
    "monitor": wire.ROLE_MONITOR,
    "admin": wire.ROLE_ADMIN,
}


@dataclass(frozen=True)
class Quota:
    """What a key may use up; `None` is as the coordinator has it."""

    outstanding: int | None = None
    """Requests that wait for their answers at one time, over all connections."""
    joins_per_second: int | None = None
    """Joins and declines in a second, after a first rush."""
    populations: int | None = None
    """Populations that it makes."""
    members: int | None = None
    """Members that it makes, in all populations."""


@dataclass(frozen=True)
class Key:
    """A key that the coordinator knows. The secret that belongs to it is with whom was invited."""

    public_key: bytes
    role: Role | Literal["unknown"]
    """`unknown` is what only a newer package knows."""
    populations: tuple[str, ...]
    all_populations: bool
    """All populations, also those to come, in place of `populations`."""
    label: str
    created: datetime
    """In UTC, as the other times."""
    expires: datetime | None
    revoked: datetime | None
    quota: Quota
    made_populations: int
    made_members: int
    leases: int
    """Live leases that it holds."""

    @property
    def id(self) -> str:
        """The public key in hex; `murmur keys revoke` takes an unambiguous beginning of it."""
        return self.public_key.hex()


def invite_from(
    public_key: bytes,
    role: Role,
    populations: Iterable[str],
    *,
    all_populations: bool,
    expires: timedelta | float | None,
    label: str,
    quota: Quota,
) -> wire.Invite:
    """The request that lets a key in; raises what is wrong with it."""
    if not isinstance(role, str) or role not in _ROLES:
        raise InvalidError(f"The role is {role!r:.60}; use {', '.join(_ROLES)}.")
    names = list(populations)
    if role == "admin" and names:
        raise InvalidError("An admin may do all in all populations: name none.")
    if role != "admin" and all_populations == bool(names):
        raise InvalidError(
            f"Say what the {role} is for: name its populations, or give all_populations=True "
            "instead."
        )
    return wire.Invite(
        key=new_key(),
        public_key=public_key,
        role=_ROLES[role],
        populations=names,
        all_populations=all_populations or role == "admin",
        expires_after_seconds=None if expires is None else _seconds(expires),
        label=written(label),
        quota=wire.Quota(
            outstanding=_count(quota.outstanding, "outstanding requests"),
            joins_per_second=_count(quota.joins_per_second, "joins in a second"),
            populations=_count(quota.populations, "populations"),
            members=_count(quota.members, "members"),
        ),
    )


def key_from_wire(key: wire.Key) -> Key:
    roles: dict[int, Role] = {number: name for name, number in _ROLES.items()}
    return Key(
        public_key=key.public_key,
        role=roles.get(key.role, "unknown"),
        populations=tuple(key.populations),
        all_populations=key.all_populations,
        label=key.label,
        created=_time(key.created_milliseconds),
        expires=_time(key.expires_milliseconds) if key.expires_milliseconds else None,
        revoked=_time(key.revoked_milliseconds) if key.revoked_milliseconds else None,
        quota=_quota_from_wire(key.quota),
        made_populations=key.made_populations,
        made_members=key.made_members,
        leases=key.leases,
    )


def chosen(beginning: str, keys: Iterable[Key]) -> Key:
    """The only key whose `id` begins so; raises when it is none or several."""
    found = [key for key in keys if beginning and key.id.startswith(beginning.lower())]
    if len(found) == 1:
        return found[0]
    what = "No key begins" if not found else f"{len(found)} keys begin"
    raise InvalidError(f"{what} with {beginning!r:.80}: give more of an id that `keys` shows.")


def _quota_from_wire(quota: wire.Quota) -> Quota:
    return Quota(
        outstanding=quota.outstanding if quota.HasField("outstanding") else None,
        joins_per_second=quota.joins_per_second if quota.HasField("joins_per_second") else None,
        populations=quota.populations if quota.HasField("populations") else None,
        members=quota.members if quota.HasField("members") else None,
    )


def _time(milliseconds: int) -> datetime:
    return _START + timedelta(milliseconds=milliseconds)


def _seconds(expires: timedelta | float) -> int:
    """Whole seconds, rounded up."""
    seconds = (
        expires.total_seconds()
        if isinstance(expires, timedelta)
        else number(expires, "time until it expires")
    )
    if not 0 < seconds < 2**63:
        raise InvalidError(
            f"The invitation expires after {seconds:g} s; give a time from now on, or None for "
            "never."
        )
    return math.ceil(seconds)


def _count(value: int | None, what: str) -> int | None:
    return None if value is None else count(value, f"quota of {what}")
