"""Bytes on the wire and system calls stay below Benchmarks/thresholds.json."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from program import murmur_binary

from bench import check, counts, instructions, thresholds
from bench.client_calls import client_calls_per_report
from bench.servers import BenchError


def binary() -> Path:
    found = murmur_binary()
    assert found is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    return found


def check_count(name: str, count: float) -> None:
    fault = thresholds.fault(name, count, thresholds.read()[name])
    assert fault is None, fault


def test_bytes_on_the_wire() -> None:
    sizes = counts.sizes(binary())
    check_count("report_bytes", sizes.report)
    check_count("continue_bytes", sizes.go_on)
    check_count("board_bytes", sizes.board)


def can_trace() -> bool:
    """Containers may have strace and not let it see anything."""
    program = shutil.which("strace")
    if sys.platform != "linux" or program is None:
        return False
    command = [program, "-D", "-o", os.devnull, "true"]
    return subprocess.run(command, capture_output=True, timeout=30).returncode == 0


traced = pytest.mark.skipif(
    not can_trace(),
    reason="system calls are counted by strace, which is missing (scripts/setup.sh installs it on "
    "Linux) or may not trace here",
)


@pytest.mark.alone
@traced
def test_system_calls() -> None:
    alone = counts.calls(binary(), 1, counts.SYNCHRONOUS_REPORTS)
    check_count("calls_per_report", alone.own)
    check_count("all_calls_per_report", alone.all)
    check_count("pages_per_report", alone.pages)
    # How reports come together in batches is chance: the code needs no more than the least.
    tries = (counts.calls(binary(), counts.LEASES, counts.ROUNDS).own for _ in range(4))
    most = thresholds.read()["calls_per_batch"]
    least = next((calls for calls in tries if calls <= most), None)
    assert least is not None, "in none of 4 tries calls_per_batch was at most its threshold"


@pytest.mark.alone
@traced
def test_system_calls_of_the_python_client() -> None:
    check_count("client_calls_per_report", client_calls_per_report(binary()))


def test_a_count_above_its_threshold_fails_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    most = thresholds.read()
    lower = tmp_path / "thresholds.json"
    thresholds.write({**most, "board_bytes": 100}, lower)
    lowered = thresholds.read(lower)
    monkeypatch.setattr(thresholds, "read", lambda: lowered)
    monkeypatch.setattr(check, "MURMUR", binary())
    monkeypatch.setattr(check, "LOAD", binary())

    assert check.main(["--only", "bytes"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: board_bytes is ")
    assert "at most 100 are allowed" in said
    assert "write the new count into Benchmarks/thresholds.json" in said


def test_a_threshold_is_updated_with_a_margin_unless_the_design_says_it(tmp_path: Path) -> None:
    file = tmp_path / "thresholds.json"
    before = thresholds.read()
    counted = {"instructions_per_report": 200_000.0, "report_bytes": 60.0}
    thresholds.write(thresholds.updated(before, counted), file)
    after = thresholds.read(file)

    assert after == {**before, "instructions_per_report": 230_000}
    file.write_text(json.dumps({"board_bytes": 1}))
    with pytest.raises(BenchError, match="must have"):
        thresholds.read(file)


def test_calls_are_counted_by_thread_between_two_batches() -> None:
    trace = "\n".join(
        [
            "7 fdatasync(3) = 0",
            "7 epoll_wait(4, <unfinished ...>",
            '8 recvfrom(5, ""..., 8192) = 80',
            "7 <... epoll_wait resumed>) = 1",
            '7 pwrite64(3, ""..., 24, 0) = 24',
            '7 pwrite64(3, ""..., 8192, 24) = 8192',
            "7 fdatasync(3) = 0",
            "8 sendto(5) = 20",
        ]
    )
    # The sync that ended the batch before is counted in place of its own.
    assert counts.calls_in(trace, last_batches=1) == counts.Calls(own=4, all=5, pages=1, batches=1)
    with pytest.raises(BenchError, match="more than 2"):
        counts.calls_in(trace, last_batches=2)


def test_instructions_are_those_of_both_threads() -> None:
    names = (instructions.TURN, instructions.COMMIT)
    turn, commit = (f"  500 (50.00%)  ???:{name} [/bin/x]\n" for name in names)
    total = "1,000 (100.0%)  PROGRAM TOTALS\n"
    assert instructions.in_turns(total + turn + commit) == 1000
    settle = f"  100 (10.00%)  ???:{instructions.SETTLE} [/bin/x]\n"
    assert instructions.in_turns(total + turn + commit + settle) == 900
    for seen in ("", turn, commit):
        with pytest.raises(BenchError, match="did not see"):
            instructions.in_turns("1,000 (100.0%)  PROGRAM TOTALS\n" + seen)


def test_a_program_that_counts_is_missed_with_a_sentence() -> None:
    with pytest.raises(BenchError, match="no-such-program is missing"):
        counts.need("no-such-program")
