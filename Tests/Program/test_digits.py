"""What the README's first command promises, with ten seeds: half an hour on two cores."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from program import murmur_binary
from support.repository import REPOSITORY

DIGITS = REPOSITORY / "Examples"


def history(data: Path) -> list[dict[str, Any]]:
    command = [str(murmur_binary()), "history", "--data", str(data), "--json"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in printed.splitlines()]


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(1, 11))
def test_the_digits_are_learnt_with_few_copies_and_several_beginnings(
    seed: int, tmp_path: Path
) -> None:
    subprocess.run(
        [
            *(
                str(murmur_binary()),
                "run",
                "--workers",
                "4",
                "--space",
                str(DIGITS / "digits.yaml"),
            ),
            *("--seed", str(seed), "--data", str(tmp_path), "--", sys.executable),
            str(DIGITS / "digits.py"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    reports = [event for event in history(tmp_path / "0001") if event["event"] == "reported"]
    best = max(event["score"] for event in reports)
    share = sum("exploit" in event for event in reports) / len(reports)
    beginnings = {event["member"]: event["member"] for event in reports}
    for event in reports[: len(reports) // 2]:
        if "exploit" in event:
            beginnings[event["member"]] = beginnings[event["exploit"]["donor"]]
    alive = len(set(beginnings.values()))
    print(f"seed {seed}: {best:.4f}, {share:.1%} of {len(reports)} exploit, {alive} alive at half")
    assert best >= 0.97
    assert share <= 0.25
    assert alive >= 2
