"""Paths that are no text are refused before they cost an interval; texts for people never raise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.coordinator import Coordinator, lease, same
from support.waiting import START_SECONDS

from murmuration import (
    AddressError,
    Administrator,
    CheckpointError,
    InvalidError,
    Monitor,
    PBTClient,
    PBTServer,
    Timing,
    Worker,
    restored,
    writing,
)
from murmuration._space_text import source_of

WRONG = b"/tmp/caf\xe9"
SAYS = r"is '/tmp/caf\\udce9.*', which is not UTF-8, and paths travel as text: choose a path"


@pytest.mark.parametrize("wrong", [WRONG, os.fsdecode(WRONG), Path(os.fsdecode(WRONG))])
def test_a_directory_that_is_no_text_is_refused_at_the_beginning(
    wrong: bytes | str | Path, coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidError, match=f"The directory for checkpoints {SAYS}"):
        Worker(coordinator.url, checkpoints=wrong)
    with pytest.raises(InvalidError, match=f"The search space {SAYS}"):
        Worker(coordinator.url, space=wrong)
    with pytest.raises(InvalidError, match=f"The search space {SAYS}"):
        PBTClient(coordinator.url, config_path=wrong)
    with pytest.raises(InvalidError, match=f"The search space {SAYS}"):
        source_of(wrong)
    with pytest.raises(InvalidError, match=f"The directory that data names {SAYS}"):
        PBTServer(0, data=wrong)
    for variable in ("MURMUR_CHECKPOINTS", "MURMUR_DATA"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, os.fsdecode(wrong))
            with pytest.raises(InvalidError, match=f"The directory in {variable} {SAYS}"):
                Worker(coordinator.url)
    assert coordinator.received == []


def test_a_checkpoint_that_is_no_text_is_refused_before_it_is_written_or_reported(
    coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    coordinator.answers += [lease(), same(20)]
    with Worker(coordinator.url, checkpoints=tmp_path, timing=quick) as worker:
        with (
            pytest.raises(InvalidError, match=f"The checkpoint {SAYS}"),
            writing(os.fsdecode(WRONG)),
        ):
            raise AssertionError("nothing is written")
        for wrong in (WRONG, os.fsdecode(WRONG), Path(os.fsdecode(WRONG))):
            with pytest.raises(InvalidError, match=f"The checkpoint {SAYS}"):
                worker.report(10, 0.5, checkpoint=wrong)
        with pytest.raises(InvalidError, match="holds no zero byte"):
            worker.report(10, 0.5, checkpoint="/tmp/a\0b")
        with pytest.raises(InvalidError, match="The suffix of a checkpoint"):
            worker.checkpoint_path(os.fsdecode(b"\xe9"))
        # It can be reported under another path then.
        assert worker.report(10, 0.5, checkpoint=os.fsencode(tmp_path / "é")).recorded
    assert coordinator.next("report").request.report.checkpoint == str(tmp_path / "é")


def test_bytes_that_are_text_are_paths(
    coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    space = tmp_path / "space é.csv"
    space.write_text("rate,0.1,1,log\n")
    directory = os.fsencode(tmp_path / "é")
    coordinator.answers += [lease()]
    with Worker(
        coordinator.url, space=os.fsencode(space), checkpoints=directory, timing=quick
    ) as worker:
        assert worker.checkpoint_directory == tmp_path / "é"
        path = worker.checkpoint_path()
        with writing(os.fsencode(path)) as temporary:
            temporary.write_text("saved")
        assert Path(path).read_text() == "saved"
    assert coordinator.next("join").request.join.space == "rate,0.1,1,log\n"


def test_under_the_locale_c_it_is_the_same(coordinator: Coordinator) -> None:
    body = "import os, sys; from murmuration import Worker; Worker(sys.argv[1], checkpoints={})"
    environment = {**os.environ, "LC_ALL": "C"}
    ascii_only = {**environment, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    for variables in (environment, ascii_only):
        for given in ("os.fsencode(sys.argv[2])", "sys.argv[2]"):
            done = subprocess.run(
                [sys.executable, "-c", body.format(given), coordinator.url, WRONG],
                env=variables,
                capture_output=True,
                text=True,
                timeout=START_SECONDS,
            )
            last = done.stderr.splitlines()[-1]
            assert last.startswith("murmuration.errors.InvalidError: The directory for"), last
            assert "LC_ALL=C.UTF-8" in last
    assert coordinator.received == []


def test_names_and_reasons_never_raise(coordinator: Coordinator, quick: Timing) -> None:
    coordinator.answers += [lease(), lease(), lease()]
    bad = os.fsdecode(b"caf\xe9")
    with Worker(coordinator.url, name=bad, timing=quick) as worker:
        worker.decline(bad)
        worker.decline(OSError(bad))  # type: ignore[arg-type]
    assert coordinator.next("join").request.join.worker == "caf\\udce9"
    declines = [coordinator.next("decline").request.decline for _ in range(2)]
    assert [each.reason for each in declines] == ["caf\\udce9", "caf\\udce9"]


def test_a_checkpoint_whose_library_names_no_text_is_declined(
    coordinator: Coordinator, quick: Timing
) -> None:
    def load(_: str) -> None:
        raise CheckpointError(os.fsdecode(b"caf\xe9 is damaged"))

    coordinator.answers += [lease(checkpoint="/there"), lease()]
    with Worker(coordinator.url, timing=quick) as worker:
        assert restored(worker, load, lambda: None) is None
    reason = coordinator.next("decline").request.decline.reason
    assert reason == "/there cannot be loaded: caf\\udce9 is damaged"


@pytest.mark.parametrize("blank", ["", "  ", b"", Path("  ")])
def test_a_blank_path_is_none_rather_than_the_current_directory(
    blank: bytes | str | Path, coordinator: Coordinator
) -> None:
    for what, make in (
        ("directory for checkpoints", lambda: Worker(coordinator.url, checkpoints=blank)),
        ("search space", lambda: Worker(coordinator.url, space=blank)),
        ("directory that data names", lambda: PBTServer(0, data=blank)),
        ("checkpoint", lambda: writing(blank).__enter__()),
    ):
        with pytest.raises(InvalidError, match=rf"The {what} is '\s*'; give a path\."):
            make()
    assert coordinator.received == []


@pytest.mark.parametrize("wrong", [None, 3, b".pt", ["x"], "a/b", "\0", "\ud800"])
def test_what_is_no_end_of_a_name_is_refused(
    wrong: Any, coordinator: Coordinator, quick: Timing, tmp_path: Path
) -> None:
    coordinator.answers.append(lease())
    with (
        Worker(coordinator.url, checkpoints=tmp_path, timing=quick) as worker,
        pytest.raises(InvalidError, match=r"The suffix of a checkpoint is .*; give the end of a"),
    ):
        worker.checkpoint_path(wrong)


@pytest.mark.parametrize("wrong", [3, b"p", ["p"], "\ud800"])
def test_what_is_no_text_is_refused_before_it_is_asked(
    wrong: Any, coordinator: Coordinator, quick: Timing
) -> None:
    url = coordinator.url
    for given in (Worker, Monitor, Administrator):
        with pytest.raises(AddressError, match=r"The address "):
            given(wrong)
        with pytest.raises(AddressError, match=r"The population is .*; a name has 1 to 64 letters"):
            given(url, wrong)
    with pytest.raises(AddressError, match=r"The server_url is "):
        PBTClient(wrong)
    assert coordinator.received == []
    with Administrator(url, timing=quick) as administrator:
        for call in (
            lambda: administrator.pause(wrong),
            lambda: administrator.create_population(wrong, "name,min,max,scale\nrate,1,2,linear\n"),
            lambda: administrator.invite("worker", [wrong]),
            lambda: administrator.invite("worker", "p", host=wrong),
        ):
            with pytest.raises(InvalidError, match=r"The (population|host) is .*; give a text\."):
                call()
    assert all(each.kind == "hello" for each in coordinator.received)


@pytest.mark.parametrize("wrong", [3, ["secret"]])
def test_a_key_that_is_no_text_is_refused_and_not_shown(wrong: Any) -> None:
    with pytest.raises(InvalidError, match=r"^The auth_key is neither a text nor bytes: give it"):
        PBTClient("127.0.0.1", 1, wrong)
