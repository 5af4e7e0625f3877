"""A worker's own function explores on from copies."""

from __future__ import annotations

from typing import Any

import pytest
from program import Murmur

from murmuration import Administrator, InvalidError, Worker
from murmuration.events import Reported

SPACE = "name,min,max,scale\nrate,0.0001,1,log\ndepth,1,9,linear\n"
SIZE = ("--population-size", "4", "--min-population-size", "2", "--fraction", "0.5")


@pytest.fixture
def created(murmur: Murmur) -> Murmur:
    space = murmur.data.parent / "space.csv"
    space.write_text(SPACE)
    murmur.murmur("create", "own", "--space", str(space), *SIZE, "--max-steps", "8", "--seed", "3")
    return murmur


def train_for_ever(worker: Worker) -> None:
    """The higher a member's number, the better it is."""
    while True:
        step = worker.target_step
        worker.report(step, worker.member, checkpoint=f"/{worker.member}/{step}")


def join_and_train(url: str, explore: Any) -> None:
    with Worker(url, "own", explore=explore) as worker:
        train_for_ever(worker)


def reports(url: str) -> list[tuple[int | None, Reported]]:
    with Administrator(url) as administrator:
        return [
            (event.member, event.kind)
            for event in administrator.history("own")
            if isinstance(event.kind, Reported)
        ]


def test_what_it_makes_of_a_copy_is_in_effect_and_explained(created: Murmur) -> None:
    asked: list[dict[str, object]] = []

    def explore(hyperparameters: dict[str, object]) -> dict[str, object]:
        asked.append(hyperparameters)
        return {"rate": 0.5 + len(asked) / 1000}

    with Worker(created.url, "own", explore=explore) as worker:
        while worker.training:
            step = worker.target_step
            before = len(asked)
            # The higher a member's number, the better it is.
            directive = worker.report(step, worker.member, checkpoint=f"/{worker.member}/{step}")
            if directive.action == "exploit":
                assert len(asked) == before + 1
                assert directive.hyperparameters == {**asked[-1], "rate": 0.5 + len(asked) / 1000}
                assert worker.hyperparameters == directive.hyperparameters
    last: dict[int | None, Reported] = {}
    copies = 0
    for member, report in reports(created.url):
        before_it = last.get(member)
        if before_it is not None and before_it.exploit is not None:
            copies += 1
            assert 0.5 < float(str(report.hyperparameters["rate"])) < 0.6
            assert report.hyperparameters["depth"] == before_it.exploit.hyperparameters["depth"]
            assert report.hyperparameters["rate"] != before_it.exploit.hyperparameters["rate"]
        last[member] = report
    assert copies >= 2
    told = [created.murmur("explain", "own", str(member)) for member in last]
    assert any("The worker had set rate 0.50" in each for each in told)


def test_it_is_asked_again_after_it_failed_and_by_whoever_takes_a_copy_over(
    created: Murmur,
) -> None:
    fails = True
    asked = 0

    def explore(hyperparameters: dict[str, object]) -> dict[str, object]:
        nonlocal asked
        asked += 1
        if fails:
            raise ZeroDivisionError("the user's own")
        return {**hyperparameters, "depth": 9}

    worker = Worker(created.url, "own", explore=explore)
    with pytest.raises(ZeroDivisionError, match="the user's own"):
        train_for_ever(worker)
    recorded = reports(created.url)
    copier = worker.member
    exploit = next(each.exploit for member, each in reversed(recorded) if member == copier)
    assert exploit is not None
    with pytest.raises(ZeroDivisionError):
        worker.report(worker.target_step, 0, checkpoint="/own")
    assert len(reports(created.url)) == len(recorded)
    fails = False
    before = asked
    worker.leave()
    with Worker(created.url, "own", explore=explore) as other:
        while other.member != copier:
            step = other.target_step
            other.report(step, other.member, checkpoint=f"/{other.member}/{step}/b")
        assert asked > before
        assert other.hyperparameters["depth"] == 9
        assert other.checkpoint == exploit.checkpoint
        other.report(other.target_step, 0.5, checkpoint="/its/own")
    assert reports(created.url)[-1][1].hyperparameters["depth"] == 9


def test_what_it_returns_must_be_hyperparameters(created: Murmur) -> None:
    for returned, sentence in [
        (None, "explore returned NoneType: let it return hyperparameters by name"),
        ({"weight": 1}, "no hyperparameter 'weight'"),
        ({"rate": "fast"}, "rate"),
    ]:
        with pytest.raises(InvalidError, match=sentence):
            join_and_train(created.url, lambda _, it=returned: it)
