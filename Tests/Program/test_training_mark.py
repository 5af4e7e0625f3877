"""What whoever started a worker sees of its training."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from populations import create
from program import Murmur

from murmuration import Worker
from murmuration._connection.call import Call
from murmuration._connection.loop import Loop
from murmuration.v1 import murmuration_pb2 as wire


def test_it_is_there_while_a_member_is_trained(
    murmur: Murmur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setenv("MURMUR_TRAINING", str(marks))
    create(murmur, "p", "--population-size", "1", "--max-steps", "2")
    with Worker(murmur.url) as worker:
        (mark,) = marks.iterdir()
        assert mark.name.startswith(f"{os.getpid()}-")
        first = mark.stat().st_ino, mark.stat().st_mtime_ns
        worker.report(worker.target_step, 0.5, checkpoint="/c/1")
        assert (mark.stat().st_ino, mark.stat().st_mtime_ns) != first
        worker.report(2, 0.5, checkpoint="/c/2")
        assert not worker.training
        assert not list(marks.iterdir())


def test_it_is_not_there_while_an_answer_is_waited_for(
    murmur: Murmur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setenv("MURMUR_TRAINING", str(marks))
    create(murmur, "p", "--population-size", "1")
    with Worker(murmur.url) as worker:
        ask = Loop.ask
        seen: list[int] = []

        def observed(loop: Loop, request: wire.Request) -> Call:
            seen.append(len(list(marks.iterdir())))
            return ask(loop, request)

        monkeypatch.setattr(Loop, "ask", observed)
        worker.report(worker.target_step, 0.5, checkpoint="/c/1")
        assert seen == [0]
        assert len(list(marks.iterdir())) == 1
    assert not list(marks.iterdir())


def test_a_directory_that_cannot_be_written_is_told_once(
    murmur: Murmur,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MURMUR_TRAINING", str(tmp_path / "missing"))
    create(murmur, "p", "--population-size", "1")
    with caplog.at_level(logging.WARNING, "murmuration"), Worker(murmur.url) as worker:
        worker.report(worker.target_step, 0.5, checkpoint="/c/1")
    assert caplog.text.count("--report-timeout does not see") == 1
