"""Addresses and the keys of a shared secret."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from murmuration import Address, AddressError, PBTClient, Worker
from murmuration._connection.address import address_from
from murmuration._connection.curve import Invitation, Keys, new_secret, public_of

VECTORS = Path(__file__).resolve().parents[2] / "Tests" / "Vectors"
KEYS = VECTORS / "keys.json"
INVITATIONS = json.loads((VECTORS / "invitations.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("murmur://127.0.0.1:7777", Address("127.0.0.1", 7777)),
        ("murmur://s3cret@host:1/digits", Address("host", 1, "s3cret", "digits")),
        ("murmur://host:65535/", Address("host", 65535)),
        ("murmur://a@b@host:1", Address("host", 1, "a@b")),
        ("murmur://a%2Fb%40%C3%A9@host:1", Address("host", 1, "a/b@é")),
        ("MURMUR://host", Address("host", 7777)),
        ("murmur://[::1]:7777/a.b-c_d", Address("::1", 7777, None, "a.b-c_d")),
    ],
)
def test_an_address_is_taken_apart(url: str, expected: Address) -> None:
    assert Address.parse(url) == expected


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://host:1", "does not begin with murmur://; write it as"),
        ("host:1", "does not begin with murmur://"),
        ("murmur://", "no host and port"),
        ("murmur://:7777", "no host and port"),
        ("murmur://host:port", "no host and port"),
        ("murmur://::1:7777", "no host and port"),
        ("murmur://host:0", "the port 0"),
        ("murmur://host:65536", "the port 65536"),
        ("murmur://@host:1", "no secret before it"),
        ("murmur://a/b@host:1", "a / before its @"),
        ("murmur://a%2@host:1", "a % that does not begin a byte"),
        ("murmur://a%FF@host:1", "a % that does not begin a byte"),
        ("murmur://host:1/a/b", "the population 'a/b'"),
    ],
)
def test_a_bad_address_is_named_without_its_secret(url: str, said: str) -> None:
    with pytest.raises(AddressError, match=said):
        Address.parse(url)


def test_an_address_shows_no_secret() -> None:
    assert "s3cret" not in repr(Address.parse("murmur://s3cret@host:1"))
    with pytest.raises(AddressError) as raised:
        Address.parse("murmur://s3cret@host:none")
    assert "s3cret" not in str(raised.value)


def test_the_argument_wins_over_the_address_and_that_over_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MURMUR_URL", "murmur://host:1/of-url\n")
    monkeypatch.setenv("MURMUR_POPULATION", "of-environment")
    assert address_from(None, "argument").population == "argument"
    assert address_from(None, None).population == "of-url"
    assert address_from("murmur://host:1", None).population == "of-environment"


def test_no_address_says_where_to_give_one() -> None:
    with pytest.raises(AddressError, match=r"give a url of the form murmur://.*MURMUR_URL"):
        Worker()


def test_a_name_that_has_an_ipv4_address_is_reached_by_it() -> None:
    assert not Address("127.0.0.1", 1).needs_ipv6
    assert not Address("localhost", 1).needs_ipv6
    assert Address("::1", 1).needs_ipv6


def test_the_keys_of_a_secret_are_those_of_the_vectors() -> None:
    found = json.loads(KEYS.read_text())
    vectors = found if isinstance(found, list) else [found]
    assert vectors
    for vector in vectors:
        keys = Keys.derive(vector["secret"])
        assert keys.server_secret.hex() == vector["server_secret"]
        assert keys.client_secret.hex() == vector["client_secret"]
        assert keys.server_public.hex() == vector["server_public"]
        assert keys.client_public.hex() == vector["client_public"]


@pytest.mark.parametrize("vector", INVITATIONS["invitations"], ids=lambda vector: vector["host"])
def test_an_invitation_is_that_of_the_vectors(vector: dict[str, Any]) -> None:
    invitation = Invitation(
        bytes.fromhex(vector["client_secret"]), bytes.fromhex(vector["server_public"])
    )
    assert invitation.client_public.hex() == vector["client_public"]
    host, port, population = vector["host"], vector["port"], vector["population"]
    address = Address(host, port, population=population, invitation=invitation)
    assert address.url == vector["url"]
    assert Address.parse(vector["url"]) == address
    assert address.keys == invitation


@pytest.mark.parametrize("vector", INVITATIONS["damaged"], ids=lambda vector: vector["why"])
def test_a_damaged_invitation_is_said_without_its_secret(vector: dict[str, Any]) -> None:
    with pytest.raises(AddressError, match="copy the whole invitation") as raised:
        Address.parse(vector["url"])
    for part in re.findall(r"[A-Za-z0-9_-]{19,}", vector["url"]):
        assert part not in str(raised.value)


@pytest.mark.parametrize("vector", INVITATIONS["secrets"], ids=lambda vector: vector["why"])
def test_what_only_looks_like_an_invitation_is_a_secret(vector: dict[str, Any]) -> None:
    address = Address.parse(vector["url"])
    assert (address.secret, address.invitation) == (vector["secret"], None)
    assert Address.parse(address.url) == address


def an_invitation() -> Address:
    invitation = Invitation(new_secret(), public_of(new_secret()))
    return Address("192.0.2.1", 7778, population="digits", invitation=invitation)


def test_an_invitation_is_not_shown() -> None:
    address = an_invitation()
    assert address.invitation is not None
    secret = address.invitation.client_secret
    for shown in (repr(address), repr(address.invitation), str(address), address.place):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
        assert address.invitation.text not in shown


def test_an_invitation_stays_one_when_another_population_is_named() -> None:
    address = address_from(an_invitation().url, "other")
    assert address.invitation is not None
    assert address.population == "other"


@pytest.mark.parametrize("scheme", ["murmur://", ""])
def test_an_invitation_takes_no_key_besides(scheme: str) -> None:
    url = an_invitation().url.replace("murmur://", scheme)
    said = "give None for the auth_key" if scheme else "does not begin with murmur://"
    with pytest.raises(AddressError, match=said) as raised:
        PBTClient(url, None, "a-key-of-22-characters")
    assert url.split("@")[0] not in str(raised.value)


def test_no_host_is_named_that_may_be_a_secret() -> None:
    with pytest.raises(AddressError) as raised:
        PBTClient("s3cret@host:1")
    assert "s3cret" not in str(raised.value)
