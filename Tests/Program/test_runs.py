"""`murmur run` as people use it: its directory is moved, and its workers write a lot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from program import murmur_binary
from support.waiting import START_SECONDS, STOP_SECONDS, wait_until

SPACE = "rate,0.01,1,log\n"
MEMBERS = 3

# Says whether it loads or begins anew.
TRAIN = """
import json, sys, time
from pathlib import Path
from murmuration import Worker, preemptible, restored, writing

def load(path):
    state = json.loads(Path(path).read_text())
    print("loaded", path, flush=True)
    return state

def fresh():
    print("fresh", flush=True)
    return {}

with preemptible(), Worker() as worker:
    restored(worker, load, fresh)
    while worker.training:
        time.sleep(0.02)
        path = worker.checkpoint_path(".json")
        with writing(path) as temporary:
            temporary.write_text(json.dumps({"step": worker.target_step}))
        if worker.report(worker.target_step, worker.member, checkpoint=path).loads:
            restored(worker, load, fresh)
"""


@pytest.fixture
def train(tmp_path: Path) -> list[str]:
    """A command that trains, where it stays when runs are moved."""
    script = tmp_path / "train.py"
    script.write_text(TRAIN)
    return ["--", sys.executable, str(script)]


def command(*arguments: str) -> list[str]:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    return [str(binary), *arguments]


def run_command(train: Sequence[str], *options: str) -> list[str]:
    return command(
        *("run", "--space", "space.csv", "--population-size", str(MEMBERS), "--interval", "1"),
        *("--max-steps", "100000", "--workers", "2", *options, *train),
    )


@contextmanager
def running(project: Path, train: Sequence[str], *options: str) -> Iterator[None]:
    """A run that is stopped at the end of the block, and can be resumed."""
    arguments = run_command(train, *options)
    with subprocess.Popen(arguments, cwd=project, stdout=subprocess.DEVNULL) as process:
        try:
            yield
            process.terminate()
            assert process.wait(STOP_SECONDS) == 143
        finally:
            process.kill()


def asked(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        command(*arguments, "--data", str(project / "runs")),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def events(project: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in asked(project, "history", "--json").splitlines()]


def steps(project: Path) -> dict[str, int]:
    """The last step that each member reported."""
    return {
        str(each["member"]): int(str(each["step"])) for each in events(project) if "score" in each
    }


def serves(project: Path) -> bool:
    """Whether a run serves its population, which it makes after its address is there."""
    if not (project / "runs/0001/url").exists():
        return False
    populations = command("list", "--json", "--data", str(project / "runs"))
    return bool(json.loads(subprocess.check_output(populations, timeout=START_SECONDS)))


def train_for(project: Path, more: int) -> None:
    """Waits until a run serves and each member has trained so many steps more."""
    wait_until(lambda: serves(project), "it serves its population")
    before = steps(project)
    wait_until(
        lambda: (
            len(now := steps(project)) == MEMBERS
            and all(now[each] > before.get(each, 0) + more for each in now)
        ),
        "every member trains",
    )


def logs(project: Path) -> dict[str, list[str]]:
    """The lines of each worker's log, by the file's name."""
    return {
        log.name: log.read_text().splitlines()
        for log in (project / "runs/0001/logs").glob("worker-*.log")
    }


def said_since(project: Path, before: dict[str, list[str]]) -> list[str]:
    """What the workers wrote after `before`, each into its own log."""
    return [
        line for name, lines in logs(project).items() for line in lines[len(before.get(name, [])) :]
    ]


def begin(project: Path, train: Sequence[str], *options: str) -> None:
    project.mkdir()
    (project / "space.csv").write_text(SPACE)
    with running(project, train, *options):
        train_for(project, 2)


@pytest.mark.parametrize("options", [(), ("--checkpoints", "saved")], ids=["own", "chosen"])
def test_a_run_that_was_moved_goes_on_from_its_checkpoints(
    tmp_path: Path, train: list[str], options: tuple[str, ...]
) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    begin(a, train, *options)
    a.rename(b)

    # Before anything is started there.
    best = Path(asked(b, "best", "--checkpoint").strip())
    assert b in best.parents
    assert best.exists()
    before = steps(b)
    earlier = logs(b)
    with running(b, train, *options):
        train_for(b, 2)
    after = steps(b)
    assert all(after[member] > before[member] for member in before)
    said = said_since(b, earlier)
    assert said
    assert "fresh" not in said
    assert not [each for each in events(b) if "declined" in str(each.get("kind"))]
    for text in (
        asked(b, "best", "--json"),
        asked(b, "history", "--json"),
        asked(b, "schedule", "--best", "--json"),
        asked(b, "lineage", "--json"),
    ):
        assert f"{a}/" not in text
    assert not a.exists()


def test_checkpoints_that_were_moved_are_found_in_the_directory_that_is_named_now(
    tmp_path: Path, train: list[str]
) -> None:
    project = tmp_path / "a"
    begin(project, train, "--checkpoints", str(tmp_path / "one"))
    (tmp_path / "one").rename(tmp_path / "two")
    earlier = logs(project)
    with running(project, train, "--checkpoints", str(tmp_path / "two")):
        train_for(project, 2)
    said = said_since(project, earlier)
    assert said
    assert "fresh" not in said
    assert Path(asked(project, "best", "--checkpoint").strip()).parent == tmp_path / "two"


def test_a_run_whose_checkpoints_are_missing_starts_nothing_anew(
    tmp_path: Path, train: list[str]
) -> None:
    project, elsewhere = tmp_path / "a", tmp_path / "elsewhere"
    begin(project, train)
    folder = project / "runs/0001/checkpoints"
    shutil.move(folder, elsewhere)
    count = len(events(project))
    done = subprocess.run(
        run_command(train), cwd=project, capture_output=True, text=True, timeout=START_SECONDS
    )
    assert done.returncode == 1
    assert f"{MEMBERS} of {MEMBERS} checkpoints to go on from are missing in {folder}" in (
        done.stderr
    )
    assert len(events(project)) == count

    folder.symlink_to(elsewhere)
    earlier = logs(project)
    with running(project, train):
        train_for(project, 2)
    said = said_since(project, earlier)
    assert said
    assert "fresh" not in said


# ------------------------------------------------------------------------------- hung trainings

# The first process that gets member 0 sleeps for ever, and keeps the interpreter to itself.
HANGS = """
import ctypes
from pathlib import Path
from murmuration import Worker

with Worker(name="a name of its own") as worker:
    while worker.training:
        if worker.member == 0 and not Path("hung").exists():
            Path("hung").touch()
            ctypes.PyDLL(None).sleep(1_000_000)
        worker.report(worker.target_step, worker.member, checkpoint="/c")
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_training_that_hangs_is_ended_and_its_member_goes_on(
    tmp_path: Path, workers: str
) -> None:
    (tmp_path / "space.csv").write_text(SPACE)
    (tmp_path / "hangs.py").write_text(HANGS)
    arguments = command(
        *("run", "--space", "space.csv", "--population-size", "2", "--interval", "1"),
        *("--max-steps", "5", "--workers", workers, "--report-timeout", "10s"),
        *("--", sys.executable, "hangs.py"),
    )
    done = subprocess.run(
        arguments, cwd=tmp_path, capture_output=True, text=True, timeout=2 * START_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "hung").exists()
    assert "did not report for 10 s and was ended; it starts again in" in done.stderr + done.stdout
    assert "Finished: 2 members" in done.stdout
    assert steps(tmp_path) == {"0": 5, "1": 5}
