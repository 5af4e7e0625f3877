"""Metrics have the names that people give them, and never cost the score."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.coordinator import Coordinator, lease, same
from support.names import NAMES

from murmuration import InvalidError, Timing, Worker
from murmuration._connection.frames import MESSAGE_BYTES
from murmuration.v1 import murmuration_pb2 as wire


def report(coordinator: Coordinator, quick: Timing, *metrics: Any) -> list[dict[str, float]]:
    coordinator.answers += [lease(), *[same(9)] * len(metrics)]
    with Worker(coordinator.url, timing=quick) as worker:
        for each in metrics:
            assert worker.report(10, 0.5, metrics=each).recorded
    reports = [coordinator.next("report").request.report for _ in metrics]
    assert [each.score for each in reports] == [0.5] * len(metrics)
    return [{metric.name: metric.value for metric in each.metrics} for each in reports]


def test_any_printable_name_travels(
    coordinator: Coordinator, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    given = {name: float(place) for place, name in enumerate(NAMES)}
    assert report(coordinator, quick, given) == [given]
    assert caplog.records == []


def test_names_that_are_not_text_become_text(coordinator: Coordinator, quick: Timing) -> None:
    assert report(coordinator, quick, {0: 0.3, ("a", 1): 0.4, None: 1}) == [
        {"0": 0.3, "('a', 1)": 0.4, "None": 1.0}
    ]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"": 1}, "1 such as '' cannot be reported and are left out: the name of a metric is 1 to"),
        ({"a\nb": 1}, r"1 such as 'a\\u\{a\}b' cannot .* printable text"),
        ({"a\x1b[2J": 1, "\udcff": 2}, "2 such as .* printable text"),
        ({"x" * 257: 1}, "1 such as 'x{64}' cannot .* 256 bytes"),
        ({"é" * 129: 1}, "1 such as 'é{64}' cannot"),
        ({0: 1, "0": 2}, "1 such as '0' cannot .* two metrics have one name"),
        ({"\u00e9": 1, "e\u0301": 2}, "1 such as .* two metrics have one name"),
        ({"loss": "high"}, "1 such as 'loss' cannot .* single number"),
        ({"loss": None, "other": [1, 2]}, "2 such as 'loss' cannot .* single number"),
        (["loss", 1], "such as .*'loss', 1.* cannot .* mapping of names to numbers"),
    ],
)
def test_what_cannot_be_taken_is_left_out_with_one_warning(
    wrong: Any,
    says: str,
    coordinator: Coordinator,
    quick: Timing,
    caplog: pytest.LogCaptureFixture,
) -> None:
    both = {**wrong, "fine": 2.0} if isinstance(wrong, dict) else wrong
    sent = report(coordinator, quick, both, both, {"fine": 3.0})
    # Of two with one name the first.
    kept = {"0": 1.0} if 0 in wrong else {"\u00e9": 1.0} if "e\u0301" in wrong else {}
    with_fine = {**kept, "fine": 2.0} if isinstance(wrong, dict) else {}
    assert sent == [with_fine, with_fine, {"fine": 3.0}]
    (record,) = caplog.records
    assert re.search(says, record.getMessage()), record.getMessage()


def test_a_thousand_metrics_fit_and_one_more_is_left_out(
    coordinator: Coordinator, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    fit = {f"class {number}": float(number) for number in range(1024)}
    assert report(coordinator, quick, fit, {**fit, "one more": 1}) == [fit, fit]
    assert len(caplog.records) == 1
    assert "1 such as 'one more'" in caplog.text


def test_metrics_that_a_message_does_not_hold_are_left_out(
    coordinator: Coordinator, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    (sent,) = report(coordinator, quick, {f"{number:0256}": 1 for number in range(1024)})
    # In the order in which they were given.
    assert list(sent) == [f"{number:0256}" for number in range(len(sent))]
    assert 100 < len(sent) < 256
    assert len(caplog.records) == 1
    whole = wire.Report(metrics=[wire.Metric(name=name, value=1) for name in sent])
    assert whole.ByteSize() < MESSAGE_BYTES


def test_numpys_arrays_with_one_element_are_scores_and_metrics(
    coordinator: Coordinator, quick: Timing, caplog: pytest.LogCaptureFixture
) -> None:
    np = pytest.importorskip("numpy")
    one = [np.array([0.5]), np.array(0.5), np.float32(0.5), np.array([[0.5]]), np.array([True])]
    coordinator.answers += [lease(), *[same(9)] * len(one)]
    with Worker(coordinator.url, timing=quick) as worker:
        for each in one:
            worker.report(10, each, metrics={"m": each})
        for several in (np.array([0.1, 0.2]), np.array([]), np.array(["0.5"]), [0.5]):
            with pytest.raises(InvalidError, match=r"^The score is .*; give a single number\.$"):
                worker.report(10, several)
        with pytest.raises(InvalidError, match=r"The hyperparameter 'rate' is .*give a single"):
            worker.report(10, 0.5, hyperparameters={"rate": np.array([0.1, 0.2])})
    sent = [coordinator.next("report").request.report for _ in one]
    assert [each.score for each in sent] == [0.5, 0.5, 0.5, 0.5, 1.0]
    assert [each.metrics[0].value for each in sent] == [0.5, 0.5, 0.5, 0.5, 1.0]
    assert coordinator.count("report") == len(one)
    assert caplog.records == []


def test_torchs_tensors_with_one_element_are_scores_and_metrics(
    coordinator: Coordinator, quick: Timing
) -> None:
    torch = pytest.importorskip("torch")
    one = [torch.tensor(0.5, requires_grad=True), torch.tensor([[0.5]])]
    coordinator.answers += [lease(), *[same(9)] * len(one)]
    with Worker(coordinator.url, timing=quick) as worker:
        for each in one:
            worker.report(10, each, metrics={"m": each})
        with pytest.raises(InvalidError, match=r"The score is tensor.*; give a single number"):
            worker.report(10, torch.tensor([0.1, 0.2]))
    sent = [coordinator.next("report").request.report for _ in one]
    assert [(each.score, each.metrics[0].value) for each in sent] == [(0.5, 0.5)] * len(one)
