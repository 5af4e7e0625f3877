"""`murmur kubernetes`: its objects are what recent versions know, and its containers train."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from program import murmur_binary
from support.waiting import START_SECONDS, STOP_SECONDS, wait_until

from bench.ports import free_ports

VERSIONS = list(dict.fromkeys(kubernetes_validate.utils.all_versions()))[-4:]
TOY = "rate,0.01,1,log\nmomentum,0,1,linear\n"
TRAIN = """
from murmuration import Worker, preemptible

with preemptible(), Worker() as worker:
    print("worker", flush=True)
    while worker.training:
        worker.report(worker.target_step, worker.member, checkpoint=worker.checkpoint_path(".txt"))
"""


def kubernetes(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    return subprocess.run(
        [str(binary), "kubernetes", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )


def objects(text: str) -> dict[tuple[str, str], Any]:
    found = list(yaml.safe_load_all(text))
    return {(each["kind"], each["metadata"]["name"]): each for each in found}


def printed(
    directory: Path,
    *arguments: str,
    command: tuple[str, ...] = (sys.executable, "-c", TRAIN),
    space: str = "--space=space.csv",
) -> str:
    (directory / "space.csv").write_text(TOY)
    usual = ("--image=registry/image:1", "--workers=2", space, *arguments)
    done = kubernetes(directory, *usual, "--", *command)
    assert done.returncode == 0, done.stderr
    return done.stdout


def expanded(words: list[str], variables: dict[str, str]) -> list[str]:
    """A container's command as Kubernetes starts it."""

    def value(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else variables.get(found[1], found[0])

    return [re.sub(r"\$\$|\$\(([^)]*)\)", value, word) for word in words]


EVERYTHING = (
    *("--gpus-per-worker=1", "--cpus-per-worker=7500m", "--memory-per-worker=16Gi"),
    *("--checkpoints-claim=shared", "--grace=90s", "--storage=5Gi", "--name=digits"),
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "options", [("--checkpoints=s3://bucket/run",), EVERYTHING], ids=["least", "everything"]
)
def test_recent_versions_know_every_field(
    version: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    found = objects(printed(tmp_path, *options))
    assert sorted(kind for kind, _ in found) == [
        *("ConfigMap", "Job", "Job", "Secret", "Service", "StatefulSet")
    ]
    for each in found.values():
        kubernetes_validate.validate(each, version, strict=True)


def test_what_was_asked_for_is_in_the_objects(tmp_path: Path) -> None:
    text = printed(tmp_path, *EVERYTHING, "--population-size=4", "--perturbation-factors=0.9,1.1")
    found = objects(text)
    secret = found["Secret", "digits-secret"]["stringData"]["secret"]
    assert text.count(secret) == 1
    assert found["ConfigMap", "digits-space"]["data"] == {"space.csv": TOY}
    job = found["Job", "digits-workers"]["spec"]
    assert (job["parallelism"], job["completions"]) == (2, 2)
    pod = job["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == 90
    (worker,) = pod["containers"]
    assert worker["command"] == [sys.executable, "-c", TRAIN]
    limits = {"memory": "16Gi", "nvidia.com/gpu": 1}
    assert worker["resources"] == {"requests": {"cpu": "7500m", **limits}, "limits": limits}
    assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "shared"}
    (create,) = found["Job", "digits-population"]["spec"]["template"]["spec"]["containers"]
    assert sorted(create["args"][-2:]) == [
        *("--perturbation-factors=0.9,1.1", "--population-size=4")
    ]


@pytest.mark.parametrize(
    "text",
    [
        TOY.replace("\n", "\r\n"),
        f"# \x07 \x7f\n{TOY}",
        f"# \tÄ 東 '\"\\\n{TOY}",
        TOY.rstrip(),
    ],
    ids=["windows", "control", "letters", "no-end"],
)
def test_a_space_arrives_as_it_is(text: str, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_bytes(text.encode())
    found = objects(printed(tmp_path, "--checkpoints-claim=c", "--name=p", space="--space=own.csv"))
    arrived = found["ConfigMap", "p-space"]["data"]["space.csv"]
    assert arrived.removesuffix("\n") == text.removesuffix("\n")


SCHEDULE = (
    '{"hyperparameters": ["rate"], "segments": [{"end": 3, "hyperparameters": {"rate": 0.1}}]}'
)
POLICY = '["1", "0", 3, 3, {"rate": 0.1}, {"rate": 0.2}]'


@pytest.mark.parametrize(
    ("name", "text", "there"),
    [
        ("schedule.json", SCHEDULE, "space.json"),
        ("pbt_policy_0.txt", POLICY, "space"),
        ("pbt_policy_0", POLICY, "space"),
    ],
)
def test_a_replay_can_be_read_there(name: str, text: str, there: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    options = ("--checkpoints-claim=c", "--name=again")
    found = objects(printed(tmp_path, *options, space=f"--replay={name}"))
    assert list(found["ConfigMap", "again-space"]["data"]) == [there]
    (create,) = found["Job", "again-population"]["spec"]["template"]["spec"]["containers"]
    assert create["args"][-2:] == ["--space", f"/space/{there}"]
    # What the container reads makes a population too.
    (tmp_path / there).write_text(found["ConfigMap", "again-space"]["data"][there])
    printed(tmp_path, *options, space=f"--space={there}")


def test_a_command_is_started_as_it_is(tmp_path: Path) -> None:
    command = ("sh", "-c", "echo $$ $(hostname) $$(x) ${HOME} $INDEX $(INDEX)", "$")
    address = "s3://bucket/$(INDEX)"
    text = printed(tmp_path, f"--checkpoints={address}", command=command)
    spec = objects(text)["Job", "space-workers"]["spec"]["template"]["spec"]
    (worker,) = spec["containers"]
    variables = {"INDEX": "0", "MURMUR_SECRET": "secret"}
    assert expanded(worker["command"], variables) == list(command)
    values = {each["name"]: each.get("value", "") for each in worker["env"]}
    assert expanded([values["MURMUR_CHECKPOINTS"]], variables) == [address]
    assert expanded([values["MURMUR_PLACE"]], variables) == ["space-workers/0"]


class Pods:
    """The containers as processes, with their names, ports and directories in place of a node's."""

    def __init__(self, text: str, directory: Path) -> None:
        binary = murmur_binary()
        assert binary is not None
        port = free_ports(2)
        for name, here in (
            ("space-coordinator:", "127.0.0.1:"),
            ("0.0.0.0", "127.0.0.1"),
            ("7777", str(port)),
            ("7778", str(port + 1)),
            ("/data/run", str(directory / "data")),
            ("/space/space.csv", str(directory / "space.csv")),
        ):
            text = text.replace(name, here)
        self.objects = objects(text)
        (directory / "murmur").symlink_to(binary)
        self.path = f"{directory}:{os.environ['PATH']}"
        self.secret = self.objects["Secret", "space-secret"]["stringData"]["secret"]

    def containers(self, kind: str, name: str, which: str = "containers") -> Any:
        return self.objects[kind, name]["spec"]["template"]["spec"][which][0]

    def start(self, container: Any, command: list[str]) -> subprocess.Popen[str]:
        """Starts a command of a container, its own or a probe's."""
        environment = {"PATH": self.path}
        for variable in container["env"]:
            value = variable.get("value", self.secret if "SECRET" in variable["name"] else "0")
            environment[variable["name"]] = expanded([value], environment)[0]
        return subprocess.Popen(
            expanded(command, environment),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, container: Any, command: list[str]) -> tuple[int, str]:
        process = self.start(container, command)
        said, _ = process.communicate(timeout=STOP_SECONDS)
        return process.returncode, said


def test_the_containers_train_a_population(tmp_path: Path) -> None:
    options = ("--checkpoints=s3://bucket/run", "--population-size=3", "--max-steps=2")
    pods = Pods(printed(tmp_path, *options), tmp_path)
    serve = pods.containers("StatefulSet", "space-coordinator")
    create = pods.containers("Job", "space-population")
    worker = pods.containers("Job", "space-workers")
    wait = pods.containers("Job", "space-workers", "initContainers")
    readiness = serve["readinessProbe"]["exec"]["command"]
    assert pods.run(serve, readiness)[0] != 0
    coordinator = pods.start(serve, serve["command"])
    try:
        wait_until(lambda: pods.run(serve, readiness)[0] == 0, "the coordinator is ready")
        waiting = pods.start(wait, wait["command"])
        # Where it is there already, nothing is made.
        for said in ("The population space has 3 members", ""):
            code, output = pods.run(create, create["command"] + create["args"])
            assert (code, said in output) == (0, True), output
        waiting.communicate(timeout=STOP_SECONDS)
        assert waiting.returncode == 0
        workers = [pods.start(worker, worker["command"]) for _ in range(2)]
        for each in workers:
            said, _ = each.communicate(timeout=STOP_SECONDS)
            assert (each.returncode, "worker" in said) == (0, True), said
        code, board = pods.run(serve, ["murmur", "leaderboard"])
        assert (code, "3 finished" in board) == (0, True), board
    finally:
        coordinator.terminate()
        coordinator.communicate(timeout=STOP_SECONDS)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            (),
            "Error: Say where checkpoints go with one of --checkpoints s3://BUCKET/RUN and "
            "--checkpoints-claim CLAIM; a pod's own files are lost with it.",
        ),
        (
            ("--checkpoints=/shared",),
            "Error: --checkpoints /shared is a directory, which pods do not share; write an "
            "address such as s3://bucket/run, or name a claim with --checkpoints-claim.",
        ),
        (
            ("--checkpoints-claim=c", "--memory-per-worker=lots"),
            "Error: --memory-per-worker 'lots' is no quantity; write it like 8, 500m or 16Gi.",
        ),
        (
            ("--checkpoints-claim=c", "--name=Digits_1"),
            "Error: 'Digits_1' cannot name objects of Kubernetes; give a --name of at most 40 "
            "lower-case letters, digits and dashes, which begins with a letter.",
        ),
        (
            ("--checkpoints-claim=c", "--workers=9223372036854775807"),
            "Error: --workers 9223372036854775807 is too many for a Job of Kubernetes; use 100000 "
            "or fewer.",
        ),
        (
            ("--checkpoints-claim=c", "--image", ""),
            "Error: --image is empty; name the image that holds the program.",
        ),
        (
            ("--checkpoints-claim", ""),
            "Error: --checkpoints-claim is empty; name a claim of a volume.",
        ),
        (
            ("--checkpoints-claim=c", "--population-size=0"),
            "Error: Option “population_size”: ",
        ),
    ],
    ids=["nowhere", "directory", "quantity", "name", "workers", "image", "claim", "setting"],
)
def test_what_does_not_fit_gets_a_sentence(
    options: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "space.csv").write_text(TOY)
    usual = ("--image=i", "--workers=2", "--space=space.csv")
    done = kubernetes(tmp_path, *usual, *options, "--", "true")
    assert done.stderr.splitlines()[0].startswith(sentence)
    assert (done.returncode != 0, done.stdout) == (True, "")


def test_a_space_that_makes_no_population_is_refused(tmp_path: Path) -> None:
    (tmp_path / "space.csv").write_text("rate,1,0.1,log\n")
    usual = ("--image=i", "--workers=2", "--space=space.csv", "--checkpoints-claim=c")
    done = kubernetes(tmp_path, *usual, "--", "true")
    assert done.stderr.startswith("Error: ")
    assert "space.csv" in done.stderr
    assert (done.returncode, done.stdout) == (1, "")
