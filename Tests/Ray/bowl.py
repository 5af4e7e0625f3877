"""What the tests train: the distance to the bottom of a bowl, by steps of a learning rate.

As a program it is a driver, which trains a population of it and prints what came of it.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ray import tune

import murmuration.ray
from murmuration import Worker, restored, writing
from murmuration.events import Event, Reported

SPACE = """
hyperparameters:
  lr: {type: float, min: 0.001, max: 0.1, scale: log}
"""
STEPS = 12
SETTINGS: dict[str, Any] = {
    "population_size": 6,
    "max_steps": STEPS,
    "interval": 2,
    "min_population_size": 3,
}


def descended(x: float, lr: float) -> float:
    return x - 2 * lr * x


def load(path: str) -> float:
    return float(json.loads(Path(path).read_text()))


def descend(
    worker: Worker,
    at_each_step: Callable[[Worker], None] = lambda worker: None,
    when_answered: Callable[[int, int], None] = lambda member, step: None,
) -> None:
    """Trains what the worker is told to, until there is no more."""
    x = restored(worker, load, lambda: 1.0)
    while worker.training:
        for _ in range(worker.step, worker.target_step):
            at_each_step(worker)
            x = descended(x, float(worker.hyperparameters["lr"]))
        path = worker.checkpoint_path(".json")
        with writing(path) as temporary:
            temporary.write_text(json.dumps(x))
        member, step = worker.member, worker.target_step
        directive = worker.report(step, -x, path)
        when_answered(member, step)
        if directive.loads:
            x = restored(worker, load, lambda: 1.0)


def writing_down(path: Path) -> Callable[[int, int], None]:
    """Keeps in a file which reports were answered."""

    def write_down(member: int, step: int) -> None:
        with path.open("a") as file:
            file.write(f"{member} {step}\n")

    return write_down


def check_answered(path: Path, history: Iterable[Event]) -> int:
    """Finds each report that was answered in the history, and returns how many there are."""
    lines = path.read_text().splitlines()
    answered = Counter((int(one), int(other)) for one, other in map(str.split, lines))
    reported = Counter(
        (event.member or 0, event.kind.step)
        for event in history
        if isinstance(event.kind, Reported)
    )
    assert not answered - reported
    return answered.total()


class Bowl(tune.Trainable):  # type: ignore[misc]
    """Keeps its object from one member to the next, and has a dictionary as its checkpoint."""

    made = 0

    def setup(self, config: dict[str, Any]) -> None:
        Bowl.made += 1
        self.x = 1.0
        self.lr = config["optimizer"]["lr"]
        assert config["layers"] == [64, 64]

    def step(self) -> dict[str, Any]:
        self.x = descended(self.x, self.lr)
        # The numbers of the step before, as Tune counts them.
        return {"score": -self.x, "lr": self.lr, "before": self.iteration, "made": Bowl.made}

    def save_checkpoint(self, checkpoint_dir: str) -> dict[str, Any]:
        return {"x": self.x}

    def load_checkpoint(self, checkpoint: Any) -> None:
        self.x = checkpoint["x"]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.lr = new_config["optimizer"]["lr"]
        return True


class SavedBowl(tune.Trainable):  # type: ignore[misc]
    """Is made anew for each member, and has a file as its checkpoint."""

    def setup(self, config: dict[str, Any], start: float = 1.0) -> None:
        self.x = start
        self.lr = config["optimizer"]["lr"]

    def step(self) -> dict[str, Any]:
        self.x = descended(self.x, self.lr)
        return {"score": -self.x, "lr": self.lr, "before": self.iteration}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        Path(checkpoint_dir, "x.json").write_text(json.dumps(self.x))

    def load_checkpoint(self, checkpoint: Any) -> None:
        self.x = load(str(Path(checkpoint, "x.json")))


def bowl(config: dict[str, Any], start: float) -> None:
    """As Tune's guide writes a function that goes on from a checkpoint."""
    assert Path(tune.get_context().get_trial_dir()).is_dir()
    x, step = start, 0
    checkpoint = tune.get_checkpoint()
    if checkpoint:
        with checkpoint.as_directory() as folder:
            x, step = json.loads(Path(folder, "state.json").read_text())
    while True:
        x = descended(x, config["optimizer"]["lr"])
        result = {"score": -x, "lr": config["optimizer"]["lr"], "before": step}
        step += 1
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "state.json").write_text(json.dumps([x, step]))
            tune.report(result, checkpoint=tune.Checkpoint.from_directory(folder))


def main() -> None:
    resources = json.loads(os.environ.get("BOWL_RESOURCES", '{"CPU": 0.5}'))
    trains = os.environ.get("BOWL_TRAINS_FOREVER")

    def wait(worker: Worker) -> None:
        if trains is not None:
            Path(trains).touch()
            time.sleep(3600)
        time.sleep(0.02)

    result = murmuration.ray.run(
        lambda worker: descend(worker, wait),
        space=SPACE,
        workers=2,
        resources=resources,
        checkpoints=os.environ["BOWL_CHECKPOINTS"],
        **SETTINGS,
    )
    assert result.best is not None
    print(f"finished: {result.leaderboard.finished}, best: member {result.best.member}")


if __name__ == "__main__":
    main()
