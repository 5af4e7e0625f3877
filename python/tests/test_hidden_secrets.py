"""Secrets are in nothing that the package prints or raises."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest
from support.coordinator import Coordinator, lease

from murmuration import Administrator, Monitor, MurmurationError, PBTClient, Timing, Worker
from murmuration._connection.address import Address
from murmuration._connection.curve import Keys

SECRET = "correct-horse-battery-staple"


def test_nothing_that_holds_a_secret_prints_it(quick: Timing) -> None:
    with Coordinator(secret=SECRET) as coordinator:
        coordinator.answers += [lease()]
        with Worker(coordinator.url, timing=quick) as worker:
            address = Address.parse(coordinator.url)
            assert address.secret == SECRET
            held = [worker, address, Keys.derive(SECRET), worker._connection, worker._holder]
            shown = "".join(f"{each!r}{each}" for each in held)
        with Administrator(coordinator.url, timing=quick) as administrator:
            shown += repr(administrator)
    assert SECRET not in shown
    assert Keys.derive(SECRET).client_secret.hex() not in shown


@pytest.mark.parametrize(
    "make",
    [
        lambda url: Worker(url),
        lambda url: Administrator(url),
        lambda url: Monitor(url),
        lambda url: PBTClient(url),
    ],
    ids=["worker", "administrator", "monitor", "client"],
)
@pytest.mark.parametrize(
    "url",
    [
        f"murmur://{SECRET}@",
        f"murmur://{SECRET}@host:port",
        f"murmur://{SECRET}@host:70000",
        f"murmur://{SECRET}@host:1/a/b",
        f"murmur://{SECRET}%@host:1",
        f"murmur://{SECRET[:9]}/{SECRET}@host:1",
        f"murmur:/{SECRET}@host:1",
        f"{SECRET}@host:1",
    ],
)
def test_an_address_that_is_wrong_is_not_repeated(make: Callable[[str], object], url: str) -> None:
    with pytest.raises(MurmurationError) as found:
        make(url)
    assert SECRET not in "".join(traceback.format_exception_only(found.type, found.value))
    assert SECRET not in repr(found.value)


def test_a_coordinator_that_refuses_is_named_without_the_secret(quick: Timing) -> None:
    with Coordinator(secret="another-secret-of-it") as coordinator:
        url = coordinator.url.replace("another-secret-of-it", SECRET)
        with pytest.raises(MurmurationError) as found:
            Worker(url, timing=quick)
    assert SECRET not in "".join(traceback.format_exception(found.value))
