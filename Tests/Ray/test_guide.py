"""The programs of docs/guide/ray.md, as who reads it runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import Cluster
from support.repository import REPOSITORY
from support.waiting import STOP_SECONDS

PAGE = (REPOSITORY / "docs" / "guide" / "ray.md").read_text()
FILES = dict(re.findall(r'^```\w+ title="(\w+\.\w+)"\n(.*?)^```$', PAGE, re.M | re.S))
OUTPUTS = dict(re.findall(r"^```console\n\$ python3 (\w+\.py)\n(.*?)^```$", PAGE, re.M | re.S))


def shapes(text: str) -> list[str]:
    """The different lines, without their numbers."""
    random = re.compile(r"-?[0-9a-f]{16}|-?\d[\d.]*(e-\d+)?")
    return list(dict.fromkeys(random.sub("#", line) for line in text.splitlines()))


@pytest.mark.parametrize("program", ["train_ray.py", "tune_ray.py"])
def test_a_program_prints_what_the_page_shows(
    cluster: Cluster, tmp_path: Path, program: str
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, program],
        cwd=tmp_path,
        env={**os.environ, "RAY_ADDRESS": cluster.address},
        capture_output=True,
        text=True,
        timeout=STOP_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert shapes(done.stdout) == shapes(OUTPUTS[program]), done.stderr
