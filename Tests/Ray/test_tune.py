"""What was written for Ray Tune, unchanged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bowl
import pytest
from cluster import Cluster
from ray import tune

import murmuration.ray
from murmuration import Administrator, InvalidError, PBTServer, TrainingError, Worker
from murmuration.events import Reported
from murmuration.ray import Result, space_from_tune, trainable

SPACE = {"optimizer": {"lr": tune.loguniform(0.001, 0.1), "name": "sgd"}}


def trained(what: Any, checkpoints: Path | str, config: Any = None, **options: Any) -> Result:
    return murmuration.ray.run(
        trainable(what, metric="score", config=config),
        space=SPACE,
        workers=3,
        resources={"CPU": 0.5},
        checkpoints=checkpoints,
        **{"seed": 1, **bowl.SETTINGS, **options},
    )


@pytest.mark.parametrize(
    "what",
    [
        bowl.Bowl,
        tune.with_parameters(bowl.SavedBowl, start=1.0),
        tune.with_parameters(bowl.bowl, start=1.0),
    ],
    ids=["class", "class with files", "function"],
)
def test_it_is_trained_to_its_end(cluster: Cluster, tmp_path: Path, what: Any) -> None:
    result = trained(what, tmp_path, {"layers": [64, 64]})
    assert result.leaderboard.finished
    assert result.leaderboard.summary.exploits > 0
    # Tune makes a directory for each object, and none is left.
    assert not list(Path(os.environ["HOME"]).glob("ray_results/*"))
    states: dict[tuple[int, int], float] = {}
    for event in result.history:
        report = event.kind
        if not isinstance(report, Reported):
            continue
        # It trained with what the coordinator says, and counts its steps as that does.
        assert report.metrics["lr"] == report.hyperparameters["optimizer.lr"]
        assert report.metrics["before"] == report.step - 1
        assert report.checkpoint is not None
        states[event.member or 0, report.step] = report.score
    # The best schedule, computed here, gives the best score: nothing was lost on the way.
    assert result.best is not None
    x = 1.0
    for segment in result.schedule:
        for _ in range(segment.start, segment.end):
            x = bowl.descended(x, float(segment.hyperparameters["optimizer.lr"]))
    assert result.best.score == pytest.approx(-x)


def test_checkpoints_may_be_addresses(cluster: Cluster, tmp_path: Path) -> None:
    result = trained(bowl.SavedBowl, f"file://{tmp_path}/bowl")
    assert result.leaderboard.finished
    assert result.best is not None
    assert (result.best.checkpoint or "").startswith(f"file://{tmp_path}/bowl/")


def test_reset_config_keeps_the_object(cluster: Cluster, tmp_path: Path) -> None:
    result = trained(bowl.Bowl, tmp_path, {"layers": [64, 64]})
    made = [e.kind.metrics["made"] for e in result.history if isinstance(e.kind, Reported)]
    # One for each fresh start of each worker, and none for those that were loaded.
    assert max(made) <= bowl.SETTINGS["population_size"]


@pytest.mark.parametrize("what", [bowl.SavedBowl, tune.with_parameters(bowl.bowl, start=1.0)])
def test_a_worker_trains_it_without_actors(cluster: Cluster, tmp_path: Path, what: Any) -> None:
    with PBTServer(0) as server, Administrator(server.url) as administrator:
        administrator.create_population("p", space_from_tune(SPACE), **bowl.SETTINGS)
        with Worker(server.url, "p", checkpoints=tmp_path) as worker:
            trainable(what, metric="score")(worker)
            assert not worker.training
        assert administrator.leaderboard("p").finished


def test_spaces_of_the_library_itself() -> None:
    text = space_from_tune(
        {
            "a": tune.uniform(0, 1),
            "b": tune.quniform(0, 1, 0.25),
            "c": tune.randint(1, 9),
            "d": tune.qrandint(8, 32, 8),
            "e": tune.lograndint(1, 100),
            "f": tune.choice(["x", "y"]),
            "g": tune.qloguniform(1, 8, 1),
            "h": tune.qlograndint(8, 64, 8),
            "i": tune.randn(0, 1),
            "j": tune.qrandn(0, 1, 0.5),
        }
    )
    assert text.count('"type"') == 10
    assert text.count('"step"') == 5
    for each in (tune.sample_from(lambda spec: 1), tune.grid_search([1, 2])):
        with pytest.raises(InvalidError, match="no counterpart"):
            space_from_tune({"x": each})


def test_resources_are_the_runs(caplog: pytest.LogCaptureFixture) -> None:
    asking: list[Any] = [
        tune.with_resources(bowl.SavedBowl, {"gpu": 1}),
        tune.with_resources(lambda config: None, {"gpu": 1}),
    ]
    silent: list[Any] = [bowl.SavedBowl, bowl.bowl]
    for each in silent:
        trainable(each, metric="score")
    assert not caplog.messages
    for each in asking:
        trainable(each, metric="score")
    assert len(caplog.messages) == len(asking)
    assert "asks for are not looked at: name them in resources={…} of run." in caplog.text


def ends_early(config: dict[str, Any]) -> None:
    tune.report({"score": 1.0})


def says_done(config: dict[str, Any]) -> dict[str, Any]:
    return {"score": 1.0, "done": True}


def has_no_score(config: dict[str, Any]) -> dict[str, Any]:
    return {"loss": 1.0}


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (ends_early, "The function returned after step 1, and its member is to be trained up to"),
        (says_done, "The trainable says done"),
        (has_no_score, "The result has no metric 'score': name one of loss"),
    ],
)
def test_what_does_not_fit_is_told(
    cluster: Cluster, tmp_path: Path, what: Any, sentence: str
) -> None:
    with pytest.raises(TrainingError, match=sentence):
        trained(what, tmp_path, max_failures=0)
