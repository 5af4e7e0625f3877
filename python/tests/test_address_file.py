"""An address in a file, which is read again when nobody answers."""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest
from support.coordinator import Coordinator, lease, same
from support.waiting import wait_until

from murmuration import (
    Address,
    AddressError,
    Administrator,
    PBTClient,
    Timing,
    UnreachableError,
    Worker,
)
from murmuration._connection.address import address_from


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "url"


def test_it_is_read_where_it_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("murmur://some-secret@10.0.0.7:7788/digits\n")
    monkeypatch.setenv("MURMUR_URL", f"file:{file}")
    found = address_from(None, None)
    assert (found.host, found.port, found.secret) == ("10.0.0.7", 7788, "some-secret")
    assert (found.population, found.file) == ("digits", file)
    assert address_from(f"file://{file}", "toy").population == "toy"
    # What is asked for by name stays so, whatever the file says later.
    file.write_text("murmur://10.0.0.8:7788/other")
    assert address_from(f"file:{file}", "toy").current().population == "toy"


def test_a_file_that_is_not_there_yet_is_waited_for(file: Path, quick: Timing) -> None:
    with Coordinator(answers=deque([lease(), same(20)])) as coordinator:
        writing = threading.Timer(0.3, lambda: file.write_text(f"{coordinator.url}/digits\n"))
        writing.start()
        with Worker(f"file:{file}", timing=quick) as worker:
            assert worker.report(10, 0.5).action == "continue"
        assert coordinator.next("join").request.join.population == "digits"
        writing.join()


def test_without_a_file_it_is_said(file: Path) -> None:
    with pytest.raises(Exception, match="There is no address in the file"):
        Worker(f"file:{file}", timing=Timing(connect=0.1))


def test_what_is_no_address_is_refused_with_the_files_name(file: Path) -> None:
    file.write_text("tcp://somewhere:1")
    with pytest.raises(AddressError, match=rf"{file}.*holds no address"):
        Worker(f"file:{file}")
    with pytest.raises(AddressError, match="names no file"):
        Worker("file:")
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AddressError, match="holds no address, and no text"):
        Worker(f"file:{file}")
    file.unlink()
    file.mkdir()
    with pytest.raises(AddressError, match=r"cannot be read \(Is a directory\): correct its path"):
        Worker(f"file:{file}")


def test_a_coordinator_that_comes_back_elsewhere_is_found(
    file: Path, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with Coordinator(epoch=1, answers=deque([lease()])) as first:
        file.write_text(first.url)
        worker = Worker(f"file:{file}", timing=quick)
    # It trains on while nobody is there, and what is written halfway is no harm.
    file.write_text("murmur:/")
    wait_until(
        lambda: any("holds no address" in each.message for each in caplog.records),
        "the file is looked at",
    )
    with Coordinator(epoch=2, answers=deque([lease(), same(20)])) as second:
        assert second.port != first.port
        file.write_text(second.url)
        assert second.next("join").request.join.lease == 7
        assert worker.report(10, 0.5).action == "continue"
        assert worker._connection.address.port == second.port
        worker.leave()


def test_one_that_is_silent_is_looked_for_elsewhere(file: Path, quick: Timing) -> None:
    """As when a machine stands still on which another coordinator was, or is cut off."""
    with (
        Coordinator(epoch=1, answers=deque([lease(), *[None] * 1000])) as first,
        Coordinator(epoch=2, answers=deque([lease(), same(20)])) as second,
    ):
        file.write_text(first.url)
        worker = Worker(f"file:{file}", timing=quick)
        first.hello = lambda _: None
        file.write_text(second.url)
        assert worker.report(10, 0.5).action == "continue"
        worker.leave()
        assert [each.kind for each in second.received][:2] == ["hello", "join"]


def test_administrators_and_clients_of_before_take_it_too(file: Path, quick: Timing) -> None:
    with Coordinator(answers=deque([lease()])) as coordinator:
        file.write_text(f"{coordinator.url}/digits")
        with Administrator(f"file:{file}", timing=quick) as administrator:
            assert administrator._connection.address.population == "digits"
    with Coordinator(answers=deque([lease()])) as coordinator:
        file.write_text(f"{coordinator.url}/digits")
        client = PBTClient(f"file:{file}", None, None, timing=quick)
        assert coordinator.next("join").request.join.population == "digits"
        client.close()
    with pytest.raises(AddressError, match="holds the port and the secret"):
        PBTClient(f"file:{file}", 7777)


def test_a_secret_in_it_is_not_printed(file: Path) -> None:
    file.write_text("murmur://some-secret@10.0.0.7:7788")
    assert "some-secret" not in repr(address_from(f"file:{file}", None))
    assert "some-secret" not in str(Address.of_file(f"file:{file}"))


def test_one_that_lets_nobody_in_is_somebody_else_by_now(
    file: Path, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        Coordinator(secret="another-secret-of-22-characters") as other,
        Coordinator(answers=deque([lease(), same(20)])) as coordinator,
    ):
        file.write_text(f"murmur://some-secret-of-22-characters@127.0.0.1:{other.port}")
        with pytest.raises(UnreachableError, match="has another secret"):
            Worker(f"file:{file}", timing=replace(quick, connect=3.0))

        def written() -> None:
            wait_until(lambda: "has another secret" in caplog.text, "it is refused")
            file.write_text(coordinator.url)

        caplog.clear()
        writing = threading.Thread(target=written)
        writing.start()
        with Worker(f"file:{file}", timing=replace(quick, connect=60.0)) as worker:
            assert worker.report(10, 0.5).action == "continue"
        writing.join()
