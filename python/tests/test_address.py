"""Addresses and the keys of a shared secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from murmuration import Address, AddressError, Worker
from murmuration.address import Keys, address_from

KEYS = Path(__file__).resolve().parents[2] / "Tests" / "Vectors" / "keys.json"


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
