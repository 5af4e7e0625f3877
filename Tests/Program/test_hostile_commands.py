"""The command line and a coordinator that means ill: what is printed steers nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from program import Murmur, murmur_binary
from support.coordinator import Coordinator, numbers
from support.hostile import EVIL, steers
from support.waiting import START_SECONDS

from murmuration import Timing, Worker
from murmuration.v1 import murmuration_pb2 as wire

# What a terminal is told on purpose: colours, places and modes.
OWN = re.compile(r"\x1b\[\??[0-9;]*[A-Za-z]|\r\n|\n")


def evil_values() -> list[wire.Hyperparameter]:
    return [
        *numbers(rate=0.5),
        wire.Hyperparameter(name=EVIL, value=wire.Value(text=EVIL)),
    ]


def entry() -> wire.Entry:
    return wire.Entry(
        rank=1, member=0, step=10, score=0.5, checkpoint=EVIL, hyperparameters=evil_values()
    )


def events() -> list[wire.Event]:
    exploit = wire.Event.Exploit(
        donor=0,
        donor_report=1,
        step=10,
        score=0.5,
        checkpoint=EVIL,
        donor_hyperparameters=evil_values(),
        hyperparameters=evil_values(),
        operations=["perturbed", "resampled"],
    )

    def reported(**more: object) -> wire.Event.Reported:
        return wire.Event.Reported(
            report=1,
            step=10,
            score=0.5,
            checkpoint=EVIL,
            hyperparameters=evil_values(),
            metrics=[wire.Metric(name=EVIL, value=1)],
            **more,  # type: ignore[arg-type]
        )

    kinds = [
        wire.Event(created=wire.Event.Created(hyperparameters=evil_values())),
        wire.Event(member=1, created=wire.Event.Created(hyperparameters=evil_values())),
        wire.Event(leased=wire.Event.Leased(worker=EVIL)),
        wire.Event(reported=reported()),
        wire.Event(member=1, reported=reported(rank=2, ranked=2, exploit=exploit)),
        wire.Event(declined=wire.Event.Declined(reason=EVIL, fallback=wire.FALLBACK_START)),
        wire.Event(member=1, released=wire.Event.Released(reason=EVIL)),
    ]
    for index, event in enumerate(kinds):
        event.sequence = index + 1
    return kinds


POPULATION = wire.Population(
    name=EVIL,
    members=2,
    reports=2,
    max_steps=10,
    interval=1,
    fraction=0.2,
    min_population_size=2,
    settings=[
        wire.Setting(name="selection", word=EVIL),
        wire.Setting(name=EVIL, word=EVIL),
        wire.Setting(name="max_steps", integer=10),
    ],
    obstacle=EVIL,
    space=[
        wire.Dimension(name="rate", kind=wire.Dimension.KIND_NUMBER, min=0.1, max=1),
        wire.Dimension(name=EVIL, kind=wire.Dimension.KIND_CHOICE, values=[wire.Value(text=EVIL)]),
    ],
)


def answer(request: wire.Request) -> wire.Reply:
    """All that can be asked, answered with evil in every text."""
    kind = request.WhichOneof("body")
    if kind == "list_populations":
        return wire.Reply(populations=wire.Populations(populations=[POPULATION]))
    if kind == "get_leaderboard":
        summary = wire.Summary(
            members=2,
            ranked=1,
            finished=2,
            reports=2,
            max_steps=10,
            total_steps=20,
            quantiles=[0.5] * 5,
            status=wire.STATUS_ENDED,
        )
        board = wire.Leaderboard(population=EVIL, entries=[entry()], summary=summary, best=entry())
        return wire.Reply(leaderboard=board, committed=7)
    if kind == "get_history":
        page = request.get_history
        found = [
            event
            for event in events()
            if event.sequence > page.after
            and (not page.HasField("member") or event.member == page.member)
        ]
        return wire.Reply(history=wire.History(events=found), committed=7)
    if kind == "get_schedule":
        segment = wire.Schedule.Segment(member=0, start=0, end=10, hyperparameters=evil_values())
        return wire.Reply(schedule=wire.Schedule(segments=[segment]))
    if kind == "change_population" and request.change_population.HasField("pause"):
        return wire.Reply(population=POPULATION)
    return wire.Reply(error=wire.Error(code=wire.Error.CODE_INVALID, message=EVIL))


@pytest.fixture
def liar(coordinator: Coordinator) -> Coordinator:
    coordinator.answers += [answer] * 1000
    return coordinator


def binary() -> str:
    found = murmur_binary()
    assert found is not None, "build the binary first (swift build), or name it in MURMUR_BIN"
    return str(found)


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "MURMUR_URL": url, "LC_ALL": "C.UTF-8", "TERM": "xterm", "TZ": "UTC"}


def run(url: str, *arguments: str, code: int = 0) -> tuple[str, str]:
    """What a command says into pipes."""
    done = subprocess.run(
        [binary(), *arguments], capture_output=True, timeout=START_SECONDS, env=environment(url)
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout.decode(), done.stderr.decode()


def on_terminal(url: str, *arguments: str, until: str | None = None) -> str:
    """What a command writes to a terminal, where it is interrupted when it has written `until`."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [binary(), *arguments], stdin=its, stdout=its, stderr=its, env=environment(url)
    )
    os.close(its)
    said = b""
    try:
        while part := os.read(ours, 1 << 16):
            said += part
            if until is not None and until.encode() in said:
                process.send_signal(signal.SIGINT)
                until = None
    except OSError:
        # So Linux says that nobody has the terminal open any more.
        pass
    finally:
        os.close(ours)
        process.wait(START_SECONDS)
    return said.decode()


SHOWN = [
    ("list",),
    ("leaderboard",),
    ("best",),
    ("history",),
    ("history", "--events"),
    ("explain", "0"),
    ("explain", "1"),
    ("lineage",),
    ("lineage", "--all"),
    ("lineage", "--dot"),
    ("schedule", "--best"),
    ("pause",),
]
JSON = [
    ("list", "--json"),
    ("leaderboard", "--json"),
    ("best", "--json"),
    ("history", "--json", "--events"),
    ("lineage", "--json"),
    ("schedule", "0", "--json"),
]


@pytest.mark.parametrize("arguments", [*SHOWN, *JSON], ids=" ".join)
def test_nothing_that_is_printed_steers(liar: Coordinator, arguments: tuple[str, ...]) -> None:
    output, errors = run(liar.url, *arguments)
    assert output
    assert not steers(output) - {"\n"}
    assert not steers(errors) - {"\n"}
    assert not steers(OWN.sub("", on_terminal(liar.url, *arguments)))


def test_watching_steers_only_where_the_board_stands(liar: Coordinator) -> None:
    shown = "w\\u{1b}[2J"
    said = on_terminal(liar.url, "watch", until=shown)
    assert shown in said
    assert not steers(OWN.sub("", said))
    assert "\x1b[2J" not in said


@pytest.mark.parametrize("arguments", JSON, ids=" ".join)
def test_json_reads_back_as_it_was(liar: Coordinator, arguments: tuple[str, ...]) -> None:
    output, _ = run(liar.url, *arguments)
    texts: set[str] = set()

    def gather(value: object) -> None:
        if isinstance(value, str):
            texts.add(value)
        elif isinstance(value, dict):
            for name, each in value.items():
                texts.add(name)
                gather(each)
        elif isinstance(value, list):
            for each in value:
                gather(each)

    for line in output.removesuffix("\n").split("\n"):
        gather(json.loads(line))
    assert EVIL in texts


def test_tables_have_a_line_for_each_row(liar: Coordinator) -> None:
    assert len(run(liar.url, "list")[0].splitlines()) == 2
    assert len(run(liar.url, "history")[0].splitlines()) == 1 + 2
    assert len(run(liar.url, "history", "--events")[0].splitlines()) == 1 + len(events())
    assert len(run(liar.url, "schedule", "0")[0].splitlines()) == 2


@pytest.mark.parametrize("arguments", [("history", "--csv"), ("schedule", "0", "--csv")])
def test_csv_is_exact_in_a_pipe_and_shown_on_a_terminal(
    liar: Coordinator, arguments: tuple[str, ...]
) -> None:
    output, _ = run(liar.url, *arguments)
    rows = list(csv.DictReader(io.StringIO(output, newline="")))
    assert len(rows) == (2 if "history" in arguments else 1)
    for row in rows:
        assert row[f"hyperparameter.{EVIL}"] == EVIL
        assert None not in row
    assert not steers(OWN.sub("", on_terminal(liar.url, *arguments)))


def test_the_best_checkpoint_is_exact_in_a_pipe_and_shown_on_a_terminal(
    liar: Coordinator,
) -> None:
    assert run(liar.url, "best", "--checkpoint") == (EVIL + "\n", "")
    assert on_terminal(liar.url, "best", "--checkpoint").count("\n") == 1
    assert not steers(OWN.sub("", on_terminal(liar.url, "best", "--checkpoint")))


def test_a_graph_is_read_as_it_is_meant(liar: Coordinator) -> None:
    output, _ = run(liar.url, "lineage", "--dot", "--all")
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", output)
    assert '"' not in bare
    assert "script" not in bare
    assert bare.startswith("digraph  {\n")
    assert bare.endswith("}\n")


def test_a_picture_is_well_formed(liar: Coordinator, tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    output, _ = run(liar.url, "plot", "--out", str(picture))
    assert not steers(output) - {"\n"}
    text = picture.read_text(encoding="utf-8")
    assert not steers(text) - {"\n"}
    found = [each.tag for each in ElementTree.fromstring(text).iter()]
    assert not any(tag.endswith("script") for tag in found)


def test_tensorboard_files_stay_in_their_directory(liar: Coordinator, tmp_path: Path) -> None:
    logdir = tmp_path / "inside" / "logdir"
    output, _ = run(liar.url, "tensorboard", "--logdir", str(logdir), "--once")
    assert not steers(output) - {"\n"}
    assert [each.name for each in tmp_path.iterdir()] == ["inside"]
    assert [each.name for each in (tmp_path / "inside").iterdir()] == ["logdir"]
    files = [each for each in logdir.rglob("*") if each.is_file()]
    assert files
    for file in files:
        assert not steers(str(file))
        content = file.read_bytes()
        assert b"\x1b[2J" not in content
        assert "\u202e".encode() not in content


def test_a_coordinators_error_is_one_line(liar: Coordinator) -> None:
    output, errors = run(liar.url, "resume", code=1)
    assert output == ""
    assert len(errors.splitlines()) == 1
    assert not steers(errors) - {"\n"}
    assert "w\\u{1b}[2J" in errors


def test_a_workers_name_and_reason_forge_no_line_of_the_log(
    murmur: Murmur, quick: Timing, tmp_path: Path
) -> None:
    space = tmp_path / "space.csv"
    space.write_text("rate,0.1,1,log\n")
    murmur.murmur("create", "digits", "--space", str(space))
    with Worker(murmur.url, name=EVIL, timing=quick) as worker:
        worker.report(worker.target_step, 0.5, EVIL)
        worker.report(worker.target_step, 0.5, EVIL, metrics={"loss": 1})
        worker.decline(EVIL)
    lines = murmur.log.removesuffix("\n").split("\n")
    assert any("declined" in line and r"w\\u{1b}[2J" in line for line in lines), lines
    assert any("reported again" in line for line in lines), lines
    for line in lines:
        assert not steers(line)
        assert re.match(r"Serving at |\d{4}-\d\d-\d\dT", line), line
    assert "w\\u{1b}[2J" in murmur.murmur("history", "digits", "--events")
    murmur.check()
