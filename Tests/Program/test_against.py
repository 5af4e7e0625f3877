"""The comparison with other coordinators counts every report and measures something."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from program import murmur_binary

from bench.against import Plan, measure, ray_tune, table
from bench.against.errors import BenchmarkError
from bench.against.population import SPACE, address_of
from bench.against.router import Coordinator

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the processor time of others is read as Linux has it"
)

MEMBERS = 8
REPORTS = 10


def small_plan() -> Plan:
    binary = murmur_binary()
    assert binary is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    return Plan(members=MEMBERS, processes=2, reports=REPORTS, warm_up=2, rounds=1, murmur=binary)


@pytest.mark.parametrize("contender", ["murmuration", "manager", "router"])
def test_every_report_is_counted_and_measured(contender: str) -> None:
    # Each round also compares what the coordinator has with what its workers made.
    (result,) = measure(small_plan(), [contender])

    assert result.contender == contender
    assert result.reports == MEMBERS * REPORTS
    assert result.reason is None
    assert result.exploits is not None
    assert 0 < result.exploits.median < result.reports
    assert result.reports_per_second is not None
    assert 1 < result.reports_per_second.median < 1_000_000
    assert result.coordination_cpu_seconds is not None
    assert result.total_cpu_seconds is not None
    assert 0 < result.coordination_cpu_seconds.median < result.total_cpu_seconds.median < 1000
    assert json.loads(json.dumps(asdict(result)))["contender"] == contender
    assert result.title in table([result])


def test_the_router_answers_what_is_on_disk_and_goes_on_from_there(tmp_path: Path) -> None:
    database = str(tmp_path / "router.sqlite")
    reports = [
        {"member": member, "step": 1, "score": member, "hyperparameters": {}, "checkpoint": "a"}
        for member in range(4)
    ]
    first = Coordinator(database)
    answers = first.decide([(b"peer", json.dumps(report).encode()) for report in reports])
    again = Coordinator(database)

    assert [json.loads(answer.content) for answer in answers] == [{"action": "continue"}] * 4
    assert again.population.saved == first.population.saved
    assert len(again.population.saved) == 4
    assert again.is_durable
    for each in (first, again):
        each.close()


def test_a_plan_that_cannot_be_followed_is_refused() -> None:
    with pytest.raises(BenchmarkError, match="multiple"):
        measure(Plan(members=10, processes=4))
    with pytest.raises(BenchmarkError, match="at least 1"):
        measure(Plan(reports=0))
    with pytest.raises(BenchmarkError, match="no contender"):
        measure(only=["nobody"])


def test_without_ray_the_table_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise BenchmarkError("Ray could not be installed: no space left.")

    monkeypatch.setattr(ray_tune, "install", fail)
    (result,) = measure(only=[ray_tune.NAME])

    assert result.rounds == 0
    assert result.reports_per_second is None
    assert "was not measured: Ray could not be installed: no space left." in table([result])


def test_a_checkpoints_address_has_40_bytes_and_each_range_holds_what_it_draws() -> None:
    assert len(address_of(15, 10_019)) == 40
    for each in SPACE.values():
        assert each.within(each.low / 2) == each.low
        assert each.within(each.high * 2) == each.high
