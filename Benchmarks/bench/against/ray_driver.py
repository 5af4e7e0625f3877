"""Runs Ray Tune's PopulationBasedTraining once, and writes what it took to `round.json`.

A program for Ray's own environment: ray_driver DIRECTORY MEMBERS ACTORS WARM_UP REPORTS
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.tune.schedulers import PopulationBasedTraining

from bench.against.clocks import cpu_seconds, descendants, reaped_seconds
from bench.against.population import (
    FRACTION,
    PERTURBATION_FACTORS,
    RESAMPLE_PROBABILITY,
    SPACE,
    Range,
    address_of,
    score_of,
)

_AGENTS = ("ray::DashboardAgent", "ray::RuntimeEnvAgent")
_WORKERS = ("ray::", "default_worker.py")


class Trial(tune.Trainable):  # type: ignore[misc]
    """Trains nothing, and saves an address."""

    def setup(self, config: dict[str, Any]) -> None:
        self.config = config

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.config = new_config
        return True

    def step(self) -> dict[str, float]:
        return {"score": score_of(self.config, self.iteration + 1)}

    def save_checkpoint(self, directory: str) -> None:
        Path(directory, "address").write_text(address_of(os.getpid(), self.iteration))

    def load_checkpoint(self, directory: str) -> None:
        Path(directory, "address").read_text()


class Times(tune.Callback):  # type: ignore[misc]
    """Reads the clocks after the reports of the warm-up and after those that count."""

    def __init__(self, scheduler: PopulationBasedTraining, warm_up: int, reports: int) -> None:
        self._scheduler = scheduler
        self._warm_up = warm_up
        self._reports = reports
        self._count = 0
        self._before: tuple[float, float, float, int] | None = None
        self.round: dict[str, float] | None = None

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **_: Any
    ) -> None:
        self._count += 1
        if self._before is None:
            if self._count == self._warm_up:
                self._before = self._clocks()
                self._count = 0
        elif self._count == self._reports:
            after = self._clocks()
            seconds, coordination, total, exploits = (
                late - early for late, early in zip(after, self._before, strict=True)
            )
            self.round = {
                "reports": self._reports,
                "exploits": exploits,
                "seconds": seconds,
                "coordination_seconds": coordination,
                "total_seconds": total,
            }

    def _clocks(self) -> tuple[float, float, float, int]:
        own = os.getpid()
        coordination, workers, reaped = cpu_seconds(own), 0.0, reaped_seconds(own)
        for pid in descendants(own):
            try:
                used = cpu_seconds(pid)
                command = Path(f"/proc/{pid}/cmdline").read_text()
            except (OSError, ProcessLookupError):
                # It ended just now, and whoever started it has its time.
                continue
            reaped += reaped_seconds(pid)
            if not command.startswith(_AGENTS) and any(name in command for name in _WORKERS):
                workers += used
            else:
                coordination += used
        exploits = self._scheduler._num_perturbations
        return time.monotonic(), coordination, coordination + workers + reaped, exploits


def domain(each: Range) -> Any:
    """A hyperparameter in Tune's words."""
    if each.integer:
        return tune.randint(int(each.low), int(each.high) + 1)
    return tune.loguniform(each.low, each.high) if each.log else tune.uniform(each.low, each.high)


def main() -> None:
    directory = Path(sys.argv[1])
    members, actors, warm_up, reports = (int(argument) for argument in sys.argv[2:])
    space = {name: domain(each) for name, each in SPACE.items()}
    scheduler = PopulationBasedTraining(
        time_attr="training_iteration",
        perturbation_interval=1,
        quantile_fraction=FRACTION,
        resample_probability=RESAMPLE_PROBABILITY,
        perturbation_factors=PERTURBATION_FACTORS[::-1],
        hyperparam_mutations=space,
    )
    times = Times(scheduler, members * warm_up, members * reports)
    ray.init(
        num_cpus=actors,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        _node_ip_address="127.0.0.1",
        _temp_dir=str(directory),
    )
    try:
        results = tune.Tuner(
            tune.with_resources(Trial, {"cpu": 1}),
            param_space=space,
            tune_config=tune.TuneConfig(
                metric="score",
                mode="max",
                scheduler=scheduler,
                num_samples=members,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(
                name="against",
                storage_path=str(directory / "results"),
                callbacks=[times],
                verbose=0,
                stop=lambda trial, result: times.round is not None,
            ),
        ).fit()
        if results.num_errors or times.round is None:
            raise SystemExit(f"{results.num_errors} of {members} trials failed.")
    finally:
        ray.shutdown()
    temporary = directory / "round.json.new"
    temporary.write_text(json.dumps(times.round))
    temporary.rename(directory / "round.json")


if __name__ == "__main__":
    main()
