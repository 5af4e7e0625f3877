"""Measures Murmuration against what people would use in its place, and prints a table."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from bench.against.errors import BenchmarkError
from bench.against.measuring import NAMES, Plan, measure
from bench.against.result import table


def _end(number: int, _: object) -> None:
    # As an exception, so that everything that was started is stopped.
    raise SystemExit(128 + number)


def main() -> int:
    plan = Plan()
    parser = argparse.ArgumentParser(prog="bench.against", description=__doc__)
    parser.add_argument("--members", type=int, default=plan.members)
    parser.add_argument("--processes", type=int, default=plan.processes, help="of workers")
    parser.add_argument(
        "--reports", type=int, default=plan.reports, help="of each member in a round"
    )
    parser.add_argument("--ray-reports", type=int, default=plan.ray_reports, help="the same of Ray")
    parser.add_argument("--rounds", type=int, default=plan.rounds)
    parser.add_argument("--only", action="append", choices=NAMES, help="may be given repeatedly")
    parser.add_argument("--murmur", type=Path, default=plan.murmur, help="the program to measure")
    parser.add_argument("--json", type=Path, help="a file to write the results to")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    plan = Plan(
        members=given.members,
        processes=given.processes,
        reports=given.reports,
        rounds=given.rounds,
        ray_reports=given.ray_reports,
        murmur=given.murmur,
    )
    try:
        results = measure(plan, given.only or NAMES, lambda line: print(line, file=sys.stderr))
    except BenchmarkError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    print(table(results))
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
