"""Medians, ratios, tables and verdicts of the benchmarks."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from bench import __main__ as command
from bench import counts, verdicts
from bench.load import Outcome
from bench.machine import ProcessorTime
from bench.pages import beside, live, opening
from bench.pages.tab import Responsiveness
from bench.plan import Plan
from bench.sections import SECTIONS, broadcast, decisions, many, reports, sizes, web
from bench.tables import Spread, aligned

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux is measured on")


def outcome(rate: float, cpu: float) -> Outcome:
    return Outcome(
        reports=int(rate),
        seconds=1,
        reports_per_second=rate,
        p50=1,
        p99=2,
        p999=3,
        server_microseconds=cpu,
        load_microseconds=1,
        exploits=int(rate / 10),
        retries=0,
        acknowledged=int(rate),
        bytes_per_report=70,
        bytes_per_directive=20,
        join_seconds=0,
    )


def row(connections: int = 512, *, encrypted: bool = False, rate: float = 950) -> reports.Row:
    floors = [outcome(1000, 10), outcome(2000, 10), outcome(3000, 10)]
    ours = [outcome(rate, 25), outcome(2 * rate, 25), outcome(rate, 25)]
    return reports.Row.of(connections, 1, encrypted, floors, ours)


def crowd(most: float, lost: int = 0, workers: int = many.WORKERS) -> many.Result:
    return many.Result(
        workers=workers,
        processes=4,
        join_seconds=9,
        rate=9_900,
        cpu=0.5,
        p50=1,
        p99=2,
        now_mebibytes=most,
        most_mebibytes=most,
        acknowledged=100_000,
        lost=lost,
        retries=0,
    )


def test_a_spread_shows_its_median_and_its_ends() -> None:
    assert Spread.of([1500.0, 1000.0, 2000.0]).text(",.0f") == "1 500 (1 000 to 2 000)"
    assert Spread.of([1.5]).text() == "1.50"


def test_ratios_are_those_of_pairs_and_not_of_medians() -> None:
    assert Spread.of_ratios([10, 30, 90], [10, 60, 100]) == Spread(0.9, 0.5, 1.0)
    with pytest.raises(ValueError, match="shorter"):
        Spread.of_ratios([1, 2], [1])


def test_columns_are_below_each_other() -> None:
    assert aligned(("a", "long"), [("wide", "1"), ("b", "")]) == "a     long\nwide  1\nb"


def test_a_row_compares_each_pair() -> None:
    found = row()

    assert found.rate_ratio == Spread.of([0.95, 0.95, 950 / 3000])
    assert found.cpu_ratio == Spread(2.5, 2.5, 2.5)
    assert found.pairs == 3
    assert found.exploits == pytest.approx(0.1)
    text = reports.table(reports.Result([found, row(64, encrypted=True)]))
    assert "0.95 (0.32 to 0.95)" in text
    assert "64, CURVE" in text


def test_what_the_design_says_is_reached_or_not_or_was_not_measured() -> None:
    found = {
        "reports": reports.Result([row(8, rate=1), row(), row(encrypted=True, rate=500)]),
        "many": crowd(most=1500, lost=1),
        "decisions": decisions.Result(
            [
                decisions.Row(1_000, 1.0, 1.0, 2.0, 700),
                decisions.Row(100_000, 1.6, 1.0, 9.0, 700),
            ],
            [],
        ),
        "sizes": sizes.Result(
            counts.Sizes(report=80, go_on=33, board=12_000),
            counts.Calls(own=31, all=40, pages=2.5, batches=200),
        ),
    }
    verdict = {each.what: (each.measured, each.is_reached) for each in verdicts.judged(found)}

    assert verdict["rate of 512 synchronous workers, by the floor's"] == ("0.95", True)
    assert verdict["processor time for a report of 512 workers, by the floor's"] == ("2.50", False)
    assert verdict["processor time for a report of 8 workers, by the floor's"] == ("2.50", True)
    assert verdict["one worker's p50 less the disk's sync, by the floor's p50"] == ("", None)
    assert verdict["pages written for it"] == ("2.5", True)
    assert verdict["their rate with CURVE, by the floor's with CURVE"] == ("0.50", False)
    assert verdict["a decision among 100 000 members, by that among 1 000"] == ("1.60", True)
    assert verdict["10 000 workers: most memory"] == ("1500 MiB", False)
    assert verdict["10 000 workers: lost reports"] == ("1", False)
    assert verdict["a report with an address of 40 bytes"] == ("80 bytes", True)
    assert verdict["the reply that says to go on"] == ("33 bytes", False)
    assert verdict["1 000 subscribers slow reports by"] == ("", None)
    text = verdicts.table(verdicts.judged(found))
    assert "not reached" in text
    assert "not measured" in text


def test_fewer_workers_than_the_design_says_reach_nothing() -> None:
    judged = verdicts.judged({"many": crowd(most=10, workers=1_000)})
    assert all(each.is_reached is None for each in judged)


def shown(readers: int = web.READERS, *, browser: bool = True) -> web.Result:
    view = opening.View("now", Spread.of([0.5, 1.75, 2.0]), 51)
    late = Responsiveness(p50=1, p99=48, most=90, long_tasks=0.1, drawn_per_second=9)
    one = Spread.of([1.0])
    rows = [
        beside.Row(what, one, Spread.of([slower]), one, 0, 0)
        for what, slower in ((beside.ALONE, 0.0), (beside.READ, 0.123))
    ]
    return web.Result(
        opening=opening.Opening(
            1_000, 200_000, one if browser else None, one, 100, [view] if browser else []
        ),
        live=live.Live(100_000, {"now": late}) if browser else None,
        beside=rows,
        readers=readers,
        left_out=None if browser else "chromium is not here.",
    )


def test_what_a_page_reaches_is_judged_where_a_browser_is() -> None:
    found = {each.what: each for each in verdicts.judged({"web": shown()})}
    opens = found["a page opens with 1 000 members and 200 000 events"]
    assert (opens.measured, opens.is_reached) == ("1.75 s", False)
    assert found["memory of its tab"].measured == "51 MB"
    assert found["a page that shows 100 000 members live is late by (p99)"].is_reached
    slower = found["50 open pages slow reports by"]
    assert (slower.measured, slower.is_reached) == ("12.3 %", False)
    assert "late by" in web.table(shown())

    without = {each.what: each for each in verdicts.judged({"web": shown(browser=False)})}
    assert without["memory of its tab"].is_reached is None
    assert without["50 open pages slow reports by"].is_reached is False
    assert "Nothing was opened in a browser. chromium is not here." in web.table(
        shown(browser=False)
    )
    few = verdicts.judged({"web": shown(readers=8)})
    assert all(each.is_reached is None for each in few)


def test_what_monitors_got_is_that_of_each() -> None:
    one = {
        "count": 500,
        "boardsPerSecond": 10.0,
        "bytesPerSecond": 100_000.0,
        "largestBoard": 12_000,
        "missed": 1,
        "lagP50": 50.0,
        "lagP99": 90.0,
        "traces": 20,
    }
    other = {**one, "count": 1_500, "boardsPerSecond": 6.0, "lagP99": 105.0}
    assert broadcast.Watched.of([one, other]) == broadcast.Watched(
        7, 100_000, 12_000, missed=2, p50=50, p99=105, traces=40
    )


def test_it_says_how_long_it_takes_and_that_is_at_most_30_minutes() -> None:
    seconds = sum(section.estimate(Plan()) for section in SECTIONS.values())
    sizes = [*SECTIONS["start"].sizes(Plan()), (web.MEMBERS, web.EVENTS)]
    writing = sum(SECTIONS["start"].seconds_to_write(*size) for size in sizes)
    assert seconds - writing < 30 * 60


def test_what_others_had_of_the_processors_is_told_apart() -> None:
    earlier = ProcessorTime.read("cpu  100 0 50 800 10 0 5 35 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
    later = ProcessorTime.read("cpu  150 2 60 1000 20 1 7 60 9 0\n")
    assert earlier.all == 1000
    # Of 300 ticks 210 were spare, and 25 the host's.
    assert later.used_since(earlier) == pytest.approx(65 / 300)
    assert later.stolen_since(earlier) == pytest.approx(25 / 300)
    assert earlier.used_since(earlier) == 1


@linux
def test_the_processors_time_goes_on() -> None:
    earlier = ProcessorTime.read()
    # A tick is a hundredth of a second.
    time.sleep(0.1)
    later = ProcessorTime.read()
    assert later.all > earlier.all
    assert 0 <= later.stolen_since(earlier) <= 1
    assert 0 <= later.used_since(earlier) <= 1


def test_results_are_written_as_json(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    found: dict[str, object] = {"reports": reports.Result([row()])}
    command._write(file, Plan(), Plan(), Plan(), found)

    content = json.loads(file.read_text())
    assert content["reports"] == asdict(found["reports"])  # type: ignore[call-overload]
    assert content["plan"]["pairs"] == 5
    assert content["design"][0]["is_reached"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--pairs", "0"], "'0' is not a whole number of at least 1."),
        (["--seconds", "nan"], "'nan' is not a number of seconds from 0.1 to 600."),
        (["--only", "nothing"], "There is no section nothing; there are reports, "),
        (["--json", "/no/such/directory/x.json"], "lies in no directory"),
    ],
)
def test_wrong_input_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert sentence in capsys.readouterr().err


@linux
def test_what_is_not_built_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "FLOOR", tmp_path / "floor")
    assert command.main(["--only", "sizes", "--json", str(tmp_path / "x.json")]) == 1
    assert "is not there: `make bench` builds it." in capsys.readouterr().err


@linux
def test_a_disk_without_room_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for program in ("FLOOR", "LOAD", "MURMUR"):
        monkeypatch.setattr(command, program, Path(sys.executable))
    monkeypatch.setattr(command, "BUILD", tmp_path)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=3 * 2**20))
    assert command.main(["--only", "sizes", "--json", str(tmp_path / "x.json")]) == 1
    assert "has room for 3 MiB, and journals take up to 1024 MiB" in capsys.readouterr().err


def test_an_estimate_measures_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nothing has been built yet.
    monkeypatch.setattr(command, "BUILD", tmp_path / "missing")
    assert command.main(["--quick", "--only", "reports", "--estimate"]) == 0
    assert capsys.readouterr().out == "This takes about 1 min, 1 pairs of each.\n"
