"""What a probe learns of a coordinator: a line, and a code."""

from __future__ import annotations

import subprocess
from pathlib import Path

from disks import Workers, begin, fill, mounted, run, small_disk
from populations import create
from program import Murmur
from support.fixtures import QUICK
from support.waiting import wait_until

from murmuration import Worker

READY, ABSENT, CANNOT_WRITE = 0, 69, 75
PATIENCE = ("--timeout", "60s")


def health(murmur: Murmur, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return run(murmur.binary, "health", "--url", url, *options)


def test_one_that_works_is_ready(murmur: Murmur) -> None:
    done = health(murmur, murmur.url, *PATIENCE)
    assert done.returncode == READY
    assert done.stdout == "ready, epoch 1: 0 populations, 0 of 0 members in training\n"
    create(murmur, "p", "--population-size", "3")
    with Worker(f"{murmur.url}/p", timing=QUICK):
        done = health(murmur, murmur.url, *PATIENCE)
    assert done.stdout == "ready, epoch 1: 1 population, 1 of 3 members in training\n"


def test_one_that_is_away_or_is_still_to_come_is_not(murmur: Murmur, tmp_path: Path) -> None:
    url = murmur.url
    murmur.stop()
    for address in (url, f"file:{tmp_path / 'url'}"):
        for options in ((), ("--live",)):
            done = health(murmur, address, "--timeout", "0.5s", *options)
            assert done.returncode == ABSENT
            assert done.stdout == ""
            assert done.stderr.startswith("Error: The")
            assert len(done.stderr.splitlines()) == 1


def test_one_whose_directory_nobody_serves_is_away(murmur: Murmur) -> None:
    murmur.stop()
    done = run(murmur.binary, "health", "--data", str(murmur.data))
    assert (done.returncode, done.stdout) == (ABSENT, "")
    assert done.stderr == (
        f"Error: The coordinator of {murmur.data} is not running; start it with murmur serve "
        f"--data {murmur.data}.\n"
    )


def test_a_wrong_secret_is_no_matter_of_waiting(murmur: Murmur) -> None:
    murmur.start_with_secret("a-secret-of-22-characters")
    done = health(murmur, murmur.url.replace("a-secret", "b-secret"), *PATIENCE)
    assert done.returncode == 1
    assert "does not accept the secret" in done.stderr


def test_on_a_full_disk_it_lives_and_is_not_ready(idle: Murmur) -> None:
    with mounted(idle.data, *small_disk()):
        begin(idle)
        url = idle.url
        workers = Workers(idle)
        workers.wait_for(10)
        filler = fill(idle.data)
        wait_until(lambda: "is full; free some space" in idle.log, "the disk is full")
        done = health(idle, url, "--timeout", "3s")
        assert done.returncode == CANNOT_WRITE
        assert "cannot write its journal now" in done.stderr
        assert health(idle, url, "--timeout", "3s", "--live").returncode == READY
        filler.unlink()
        wait_until(lambda: health(idle, url).returncode == READY, "it is ready again")
        workers.finish()
        idle.stop()
