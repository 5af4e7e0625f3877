"""`murmur slurm` on a real Slurm: what its jobs go through, and what is left of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import slurm
from populations import settled
from program import Murmur, murmur_binary
from slurm import NODES, Slurm
from support.waiting import STOP_SECONDS, wait_until

SPACE = "rate,0.01,1,log\n"
MEMBERS = 3
STEPS = 3

# No step ends as long as there is a file that says so.
TRAIN = """
import sys, time
from pathlib import Path
from murmuration import Worker, preemptible, writing

hold = Path(sys.argv[1])
with preemptible(), Worker() as worker:
    while worker.training:
        print("trains", worker.member, flush=True)
        while hold.exists():
            time.sleep(0.05)
        path = worker.checkpoint_path(".txt")
        with writing(path) as temporary:
            temporary.write_text("state")
        worker.report(worker.target_step, worker.member, checkpoint=path)
"""


@pytest.fixture
def cluster() -> Iterator[Slurm]:
    if lacking := slurm.missing():
        is_required = sys.platform == "linux" and os.environ.get("CI") == "true"
        assert not is_required, f"{', '.join(lacking)} must be here (scripts/setup.sh)"
        pytest.skip(f"{', '.join(lacking)} of Slurm are not here (apt-get install slurm-wlm munge)")
    # Sockets have short paths, and munge wants everybody to reach its own.
    directory = Path(tempfile.mkdtemp(prefix="mm-", dir="/tmp"))
    directory.chmod(0o755)
    cluster = Slurm(directory)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(directory)


@dataclass
class Run:
    """A run of `murmur slurm` in a directory of its own."""

    cluster: Slurm
    directory: Path
    members: int = MEMBERS
    launcher: tuple[str, ...] = ()
    binary: Path = field(init=False)

    def __post_init__(self) -> None:
        found = murmur_binary()
        assert found is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
        self.binary = found
        self.directory.mkdir()
        (self.directory / "space.csv").write_text(SPACE)
        (self.directory / "train.py").write_text(TRAIN)
        self.hold.touch()

    @property
    def hold(self) -> Path:
        return self.directory / "hold"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def murmur(self) -> Murmur:
        return Murmur(self.binary, self.data)

    @property
    def coordinator(self) -> str:
        return self._job("coordinator")

    @property
    def workers(self) -> str:
        return self._job("workers")

    def _job(self, role: str) -> str:
        return str(json.loads((self.data / "slurm.json").read_text())["jobs"][role])

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.binary), *arguments],
            cwd=self.directory,
            env=self.cluster.environment,
            capture_output=True,
            text=True,
            timeout=STOP_SECONDS,
        )

    def submit(self, *options: str) -> str:
        settings = ("--population-size", str(self.members), "--max-steps", str(STEPS))
        command = (*self.launcher, sys.executable, "train.py", "hold")
        done = self.attempt(
            "slurm", *options, *settings, "--space=space.csv", "--data=data", "--", *command
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def released(self) -> list[object]:
        rows = settled(
            self.murmur,
            "SELECT detail FROM event WHERE kind = 'released' AND detail <> 'switched'"
            " ORDER BY sequence",
        )
        return [row[0] for row in rows]

    def output(self, task: int, restart: int = 0) -> str:
        """What a task's worker printed in one start of the task."""
        log = self.data / "logs" / f"{self.workers}_{task}.{restart}" / "worker-0.log"
        return log.read_text() if log.exists() else ""

    def wait_for(self, task: int, restart: int = 0) -> None:
        """Waits until a worker trains."""
        wait_until(lambda: "trains" in self.output(task, restart), self.log)

    def wait_for_end(self) -> None:
        """Waits until nothing is in the queue, and finds every member trained to its end."""
        wait_until(
            lambda: not self.cluster.queue(self.coordinator) + self.cluster.queue(self.workers),
            lambda: f"both jobs end: {self.log()}",
        )
        board = json.loads(self.murmur.murmur("leaderboard", "--json"))
        assert [board["summary"][key] for key in ("finished", "members")] == [self.members] * 2
        self.murmur.check()

    def log(self) -> str:
        """What the tasks and the coordinator wrote, and Slurm about them."""
        files = sorted((self.data / "logs").rglob("*.log"))
        queue = self.cluster.run("squeue")
        return queue + "".join(f"\n{file}:\n{file.read_text()}" for file in files)


@pytest.fixture
def run(cluster: Slurm, tmp_path: Path) -> Run:
    return Run(cluster, tmp_path / "run")


def test_two_runs_on_the_same_nodes_train_to_their_ends(
    cluster: Slurm, run: Run, tmp_path: Path
) -> None:
    # More tasks than there is room for, and workers in steps of their tasks.
    other = Run(cluster, tmp_path / "other", launcher=("srun",))
    other.submit("--workers=2", "--name=other")
    said = run.submit("--workers=9", "--cpus-per-worker=3", "--time=1h")
    assert said.splitlines()[0] == (
        f"Submitted space: job {run.coordinator} is the coordinator, and job {run.workers} is an "
        "array of 9 workers."
    )
    run.wait_for(0)
    other.wait_for(1)
    watch = subprocess.Popen(
        [str(run.binary), "watch", "--data=data"],
        cwd=run.directory,
        stdout=subprocess.PIPE,
        text=True,
    )
    check_that_the_secret_stays_secret(cluster, run)
    for each in (run, other):
        each.hold.unlink()
    assert "finished 3/3" in watch.communicate(timeout=STOP_SECONDS)[0].splitlines()[-1]
    for each in (run, other):
        each.wait_for_end()
    again = run.attempt("slurm", "--workers=1", "--space=space.csv", "--data=data", "--", "true")
    assert again.stderr == (
        f"Error: The run in {run.data} has finished; name another --data directory for a new one.\n"
    )


def check_that_the_secret_stays_secret(cluster: Slurm, run: Run) -> None:
    secret = run.data / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    text = secret.read_text().strip()
    shown = [cluster.run("squeue", "-h", "-o", "%all"), cluster.run("scontrol", "show", "jobs")]
    for job in (run.coordinator, run.workers):
        shown.append(cluster.run("scontrol", "write", "batch_script", job, "-"))
    for file in (run.data / "slurm.json", *(run.data / "logs").rglob("*.log")):
        shown.append(file.read_text())
    tasks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_text(errors="replace")
            if f"SLURM_CONF={cluster.configuration}" in environment:
                shown += [environment, (process / "cmdline").read_text(errors="replace")]
                tasks += "train.py" in shown[-1]
        except OSError:
            continue
    assert tasks
    assert run.coordinator in shown[0]
    assert not [place for place in shown if text in place]


def test_a_preempted_task_gives_its_member_back_and_another_takes_it(run: Run) -> None:
    # One worker a node. Only the second node is wanted by others.
    run.submit("--workers=2", "--cpus-per-worker=5", "--coordinator-sbatch=--nodelist=n1")
    for task in range(2):
        run.wait_for(task)
    submit = ("sbatch", "--parsable", "--partition=high", "--nodelist=n2", "--exclusive")
    other = run.cluster.run(*submit, "--output=/dev/null", "--wrap=exec sleep 600").strip()
    wait_until(lambda: run.released() == ["left"], run.log)
    run.hold.unlink()
    given = (
        "SELECT detail FROM event WHERE kind = 'leased' AND member ="
        " (SELECT member FROM event WHERE detail = 'left') ORDER BY sequence"
    )
    wait_until(lambda: len({row[0] for row in settled(run.murmur, given)}) == 2, run.log)
    # The task waits for its node until the other worker has trained all members.
    run.wait_for_end()
    run.cluster.run("scancel", other)
    assert "DUE TO PREEMPTION" in run.log()


def test_a_task_whose_time_is_over_is_requeued_and_goes_on(run: Run) -> None:
    run.submit("--workers=1", "--time=2h")
    run.wait_for(0)
    run.cluster.run("scontrol", "update", f"JobId={run.workers}_0", "TimeLimit=1")
    run.wait_for(0, restart=1)
    run.cluster.run("scontrol", "update", f"JobId={run.workers}_0", "TimeLimit=120")
    assert run.released()[0] == "left"
    run.hold.unlink()
    run.wait_for_end()
    assert "The time of this job is nearly over; it is requeued." in run.log()


def test_a_coordinator_whose_time_is_over_is_requeued_and_workers_train_on(run: Run) -> None:
    def starts() -> int:
        log = run.data / "logs" / f"coordinator-{run.coordinator}.log"
        return log.read_text().count("Serving space at")

    def is_requeued() -> bool:
        return "Restarts=1 " in run.cluster.run("scontrol", "show", "job", run.coordinator)

    run.submit("--workers=1", "--time=2h")
    run.wait_for(0)
    assert starts() == 1
    run.cluster.run("scontrol", "update", f"JobId={run.coordinator}", "TimeLimit=1")
    wait_until(is_requeued, run.log)
    run.cluster.run("scontrol", "update", f"JobId={run.coordinator}", "TimeLimit=120")
    run.hold.unlink()
    run.wait_for_end()
    assert starts() == 2
    assert "The time of this job is nearly over; it is requeued." in run.log()
    # Nobody lost a member meanwhile, and no task began again.
    assert run.released() == ["finished"] * MEMBERS
    assert not (run.data / "logs" / f"{run.workers}_0.1").exists()


def test_workers_train_on_when_the_coordinator_loses_its_node(run: Run) -> None:
    run.submit("--workers=2", "--sbatch=--constraint=n2", "--coordinator-sbatch=--constraint=n1|n2")
    for task in range(2):
        run.wait_for(task)
    (before,) = run.cluster.queue(run.coordinator)
    assert before.endswith("n1")
    process = int((run.data / "lock").read_text())
    # Slurm loses the node, and what runs there does not know.
    run.cluster.lose("n1")
    wait_until(lambda: "Another coordinator still has" in run.log(), run.log)
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: (run.data / "lock").read_text() != f"{process}\n", run.log)
    run.hold.unlink()
    run.wait_for_end()
    assert run.released() == ["finished"] * MEMBERS
    assert not (run.data / "logs" / f"{run.workers}_0.1").exists()


def test_the_tasks_of_an_srun_are_workers_and_are_told_to_end(
    cluster: Slurm, tmp_path: Path
) -> None:
    run = Run(cluster, tmp_path / "run", launcher=("srun",))
    run.submit("--workers=1", "--sbatch=--ntasks=2", "--coordinator-sbatch=--ntasks=1")
    wait_until(lambda: run.output(0).count("trains") == 2, run.log)
    cluster.run("scancel", f"{run.workers}_0")
    wait_until(lambda: run.released() == ["left", "left"], run.log)
    run.attempt("slurm", "cancel", "data")
    assert cluster.queue(run.coordinator) + cluster.queue(run.workers) == []


def test_each_worker_says_on_what_it_trains(cluster: Slurm, run: Run) -> None:
    name = "os.environ['SLURM_JOB_PARTITION'] + '/' + os.environ['SLURM_ARRAY_TASK_ID']"
    named = TRAIN.replace("Worker()", f"Worker(name={name})")
    (run.directory / "train.py").write_text(f"import os\n{named}")
    # There is one GPU of each kind.
    partitions = f"--sbatch=--partition={','.join(NODES.values())}"
    run.submit("--workers=2", "--gpus-per-worker=1", partitions)
    for task in range(2):
        run.wait_for(task)
    # Another kind's array has options of its own, and waits for its GPU here.
    other = cluster.run(
        *("sbatch", "--parsable", "--array=0", "--requeue", "--gres=gpu:v100:1"),
        *(
            f"--export=ALL,MURMUR_URL=file:{run.data}/url,MURMUR_POPULATION=space",
            "--partition=v100",
        ),
        *(f"--chdir={run.directory}", f"--output={run.directory}/other.log"),
        f"--wrap=exec {run.binary} work --workers 1 --checkpoints {run.data}/checkpoints -- "
        f"{sys.executable} train.py hold",
    ).strip()
    history = run.murmur.murmur("history", "--events", "--json")
    names = set(re.findall(r'"worker": ?"(\w+)/[01]"', history))
    assert names == set(NODES.values())
    assert cluster.queue(other) == [f"{other}_0 PENDING"]
    run.hold.unlink()
    run.wait_for_end()
    cluster.run("scancel", other)


def test_cancel_ends_a_run_and_the_same_command_goes_on(run: Run) -> None:
    run.submit("--workers=2")
    first = (run.coordinator, run.workers)
    for task in range(2):
        run.wait_for(task)
    again = run.attempt(
        *("slurm", "--workers=2", "--population-size", str(MEMBERS), "--max-steps", str(STEPS)),
        *("--space=space.csv", "--data=data", "--", sys.executable, "train.py", "hold"),
    )
    assert again.stderr == (
        f"Error: The run in {run.data} is in the queue already, as jobs {first[0]} and {first[1]}; "
        f"end it first: murmur slurm cancel {run.data}.\n"
    )
    # One task alone may be ended too.
    run.cluster.run("scancel", f"{run.workers}_1")
    wait_until(lambda: run.released() == ["left"], run.log)
    assert run.attempt("slurm", "cancel", "data").stdout == (
        f"Ended jobs {first[1]} and {first[0]}.\n"
    )
    assert run.cluster.queue(first[0]) + run.cluster.queue(first[1]) == []
    assert run.released() == ["left", "left"]
    nothing = run.attempt("slurm", "cancel", "data").stdout
    assert nothing == f"No job of the run in {run.data} is in the queue.\n"
    run.submit("--workers=1")
    assert run.coordinator not in first
    run.hold.unlink()
    run.wait_for_end()


def test_a_command_that_fails_everywhere_ends_the_run(run: Run) -> None:
    (run.directory / "train.py").write_text("raise SystemExit('no such dataset')")
    run.submit("--workers=2")
    wait_until(
        lambda: not run.cluster.queue(run.coordinator) + run.cluster.queue(run.workers), run.log
    )
    assert "no such dataset" in run.log()
    assert f"Every task of job {run.workers} has ended, and the population space is not over" in (
        run.log()
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--data=data", "--partition=nowhere"),
            r"Slurm's sbatch refuses this: .*invalid partition specified: nowhere.*\.",
        ),
        (("--data=data", "--sbatch=--nodes=x"), r"Slurm's sbatch refuses this: .*\"x\".*\."),
        (
            ("--data=.",),
            r"The directory .* is not empty, and holds no run of murmur slurm; name a new one with"
            r" --data\.",
        ),
        ((), r"There is no directory of the run; name one that all nodes see with --data\."),
    ],
    ids=["partition", "option", "directory", "no-directory"],
)
def test_what_cannot_be_submitted_gets_a_sentence(
    run: Run, options: tuple[str, ...], sentence: str
) -> None:
    done = run.attempt("slurm", "--workers=2", *options, "--space=space.csv", "--", "true")
    assert re.fullmatch(f"Error: {sentence}\n", done.stderr)
    assert done.returncode == 1
    assert not run.data.exists()
    assert run.cluster.run("squeue", "-h") == ""
