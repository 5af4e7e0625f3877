"""Measures what Murmuration costs on this machine: a table for people, and JSON.

docs/benchmarks.md says what is measured, and how to read it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path

from bench import verdicts
from bench.against.errors import BenchmarkError
from bench.arguments import Parser
from bench.machine import Others, ProcessorTime, these_versions, this_machine
from bench.plan import Plan
from bench.sections import SECTIONS
from bench.servers import BUILD, FLOOR, LOAD, MURMUR, BenchError

_QUICK_SECONDS = 0.5
#: How long to look at what else runs, and how much of the processors that may take.
_LOOKING_SECONDS = 1.0
_MOST_OF_OTHERS = 0.05
#: For the journals of any section but `start`, whose events lie there for good.
_ROOM_MEBIBYTES = 1024


def _end(number: int, _: object) -> None:
    # As an exception, so that everything that was started is stopped.
    raise SystemExit(128 + number)


def _tell(line: str) -> None:
    print(line, flush=True)


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 1.")
    return int(text)


def _duration(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.1 <= value <= 600:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds from 0.1 to 600.")
    return value


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    plan = Plan()
    parser = Parser(prog="python -m bench", description=__doc__)
    parser.add_argument("--pairs", type=_whole, help=f"of runs, in turns; {plan.pairs} by default")
    parser.add_argument(
        "--seconds", type=_duration, help=f"of each run, after warming up; {plan.seconds:g}"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="SECTION", default=[], help=f"of {', '.join(SECTIONS)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="one short pair of the smallest, to see that it works"
    )
    parser.add_argument(
        "--estimate", action="store_true", help="only say how long it takes, and measure nothing"
    )
    parser.add_argument(
        "--json", type=Path, default=BUILD / "results.json", help="where the results go"
    )
    given = parser.parse_args(arguments)
    unknown = [name for name in given.only if name not in SECTIONS]
    if unknown:
        parser.error(f"There is no section {unknown[0]}; there are {', '.join(SECTIONS)}.")
    # The builds' own directory is made when something is built.
    folder = given.json.resolve().parent
    if folder != BUILD.resolve() and not folder.is_dir():
        parser.error(f"{given.json} lies in no directory; make it, or name another file.")
    return given


def _check_machine() -> None:
    if sys.platform != "linux":
        raise BenchError("What others use is read as Linux has it: measure on Linux.")
    for program in (FLOOR, LOAD, MURMUR):
        if not os.access(program, os.X_OK):
            raise BenchError(f"{program} is not there: `make bench` builds it.")
    free = shutil.disk_usage(BUILD).free // 2**20
    if free < _ROOM_MEBIBYTES:
        raise BenchError(
            f"{BUILD} has room for {free} MiB, and journals take up to {_ROOM_MEBIBYTES} MiB: make "
            "room."
        )
    # Thousands of connections, in the processes that are started as well.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _measure(given: argparse.Namespace) -> None:
    plan = Plan(
        pairs=given.pairs or (1 if given.quick else Plan().pairs),
        seconds=given.seconds or (_QUICK_SECONDS if given.quick else Plan().seconds),
        quick=given.quick,
    )
    sections = {
        name: each for name, each in SECTIONS.items() if not given.only or name in given.only
    }
    estimate = sum(each.estimate(plan) for each in sections.values())
    _tell(f"This takes about {max(1, math.ceil(estimate / 60))} min, {plan.pairs} pairs of each.")
    if given.estimate:
        return
    _check_machine()
    machine, versions = this_machine(), these_versions()
    _tell(
        f"{machine.processor}, {machine.cores} cores, {machine.memory_mebibytes} MiB, "
        f"{machine.kernel}, {machine.filesystem}"
    )
    _tell(versions.text())
    before = ProcessorTime.read()
    time.sleep(_LOOKING_SECONDS)
    begin = ProcessorTime.read()
    programs = begin.used_since(before)
    if programs > _MOST_OF_OTHERS:
        _tell(
            f"Other programs take {programs:.0%} of the processors: end them, or what is measured "
            "is theirs as well."
        )
    found: dict[str, object] = {}
    start = time.monotonic()
    for name, section in sections.items():
        _tell(f"\n{section.TITLE} ({name}, about {section.estimate(plan):.0f} s)")
        result = section.measure(plan, lambda line: _tell(f"  {line}"))
        found[name] = result
        others = Others(programs, ProcessorTime.read().stolen_since(begin))
        _tell(f"\n{section.table(result)}")
        # After each, so that what is there by then is kept.
        _write(given.json, plan, machine, versions, {"others": others, **found})
    _tell(f"\nThe numbers of the design\n\n{verdicts.table(verdicts.judged(found))}")
    _tell(f"\n{others.text()}")
    _tell(f"\n{(time.monotonic() - start) / 60:.1f} min; the results are in {given.json}")


def _write(
    file: Path, plan: Plan, machine: object, versions: object, found: dict[str, object]
) -> None:
    parts = {"plan": plan, "machine": machine, "versions": versions, **found}
    content: dict[str, object] = {
        name: asdict(part)
        for name, part in parts.items()
        if is_dataclass(part) and not isinstance(part, type)
    }
    content["design"] = [asdict(number) for number in verdicts.judged(found)]
    file.write_text(json.dumps(content, indent=2) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parsed(arguments)
    try:
        _measure(given)
    except (BenchError, BenchmarkError, subprocess.CalledProcessError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Error: {error.strerror}: {error.filename or BUILD}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())
