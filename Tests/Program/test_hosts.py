"""Where the real coordinator listens, and the address by which it is found."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest
from disks import refused
from populations import create
from program import Murmur
from support.fixtures import QUICK

from murmuration import Address, Worker
from murmuration._connection.address import is_loopback

SECRET = "a-secret-of-22-characters"


def skip_unless_known(host: str) -> None:
    try:
        with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
            probe.bind((host, 0))
    except OSError:
        pytest.skip(f"this machine has no {host}")


def train(murmur: Murmur) -> Address:
    """Trains by the address in its file; returns that address."""
    create(murmur, "p", "--population-size", "1", "--max-steps", "1")
    with Worker(f"{murmur.url}/p", timing=QUICK) as worker:
        worker.report(1, 0.5, checkpoint="/checkpoint")
    assert "p" in murmur.murmur("leaderboard", "p")
    return Address.parse(murmur.url)


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("localhost", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
    ],
)
def test_a_host_of_the_loopback_needs_no_secret(host: str, found: str, idle: Murmur) -> None:
    skip_unless_known(found)
    idle.start("--host", host, "--port", "0")
    assert train(idle).host == found


def test_an_interface_stands_for_its_address(idle: Murmur) -> None:
    if "lo" not in [name for _, name in socket.if_nameindex()]:
        pytest.skip("the loopback has another name here")
    idle.start("--host", "lo", "--port", "0")
    assert train(idle).host == "127.0.0.1"


def test_the_name_of_this_machine_is_resolved(idle: Murmur) -> None:
    name = socket.gethostname()
    skip_unless_known(name)
    idle.start_with_secret(SECRET, "--host", name, "--port", "0")
    assert is_loopback(train(idle).host) == is_loopback(socket.gethostbyname(name))


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_everywhere_it_is_found_beyond_the_loopback(host: str, idle: Murmur) -> None:
    skip_unless_known(host)
    idle.start_with_secret(SECRET, "--host", host, "--port", "0")
    found = train(idle).host
    assert found not in ("0.0.0.0", "::")
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            # Nothing is sent: it only asks which address a packet would leave from.
            probe.connect(("192.0.2.77", 9))
        except OSError:
            pytest.skip("this machine has no network beyond the loopback")
    assert not is_loopback(found)
    assert Address.parse(idle.log.split("Serving at ", 1)[1].split(";")[0]).host == found


def test_what_is_advertised_is_written_and_works(idle: Murmur) -> None:
    idle.start_with_secret(SECRET, "--host", "0.0.0.0", "--advertise", "localhost", "--port", "0")
    assert train(idle).host == "localhost"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--host", "nowhere.invalid"),
            "The coordinator cannot listen at 'nowhere.invalid' (no host or network interface has "
            "this name here); name an address of this machine.",
        ),
        (
            ("--host", "192.0.2.77"),
            "The coordinator cannot listen at '192.0.2.77' (it is not an address of this machine); "
            "name an address of this machine.",
        ),
        (
            ("--advertise", "nowhere.invalid"),
            "Others cannot find the coordinator at 'nowhere.invalid' (no host has this name here); "
            "name a host that leads to this machine with --advertise.",
        ),
        (
            ("--advertise", "localhost:7777"),
            "Others cannot find the coordinator at 'localhost:7777' (it is not a name or a number "
            "alone, without a port); name a host that leads to this machine with --advertise.",
        ),
        (
            ("--advertise", "0.0.0.0"),
            "Others cannot find the coordinator at '0.0.0.0' (it stands for all addresses, and "
            "leads to none); name a host that leads to this machine with --advertise.",
        ),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_a_wrong_host_gets_a_sentence(
    options: tuple[str, ...], sentence: str, idle: Murmur, tmp_path: Path
) -> None:
    data = tmp_path / "new"
    serve = ("serve", "--port", "0", "--data", str(data), "--insecure", *options)
    assert refused(idle, *serve) == f"Error: {sentence}"
