"""Counts what does not depend on the machine, and compares it with Benchmarks/thresholds.json."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

from bench import counts, thresholds
from bench.arguments import Parser
from bench.client_calls import client_calls_per_report
from bench.instructions import instructions_per_report
from bench.servers import LOAD, MURMUR, BenchError
from bench.thresholds import KINDS, shown


def _sizes() -> dict[str, float]:
    found = counts.sizes(MURMUR)
    return {
        "report_bytes": found.report,
        "continue_bytes": found.go_on,
        "board_bytes": found.board,
    }


def _calls() -> dict[str, float]:
    alone = counts.calls(MURMUR, 1, counts.SYNCHRONOUS_REPORTS)
    many = counts.calls(MURMUR, counts.LEASES, counts.ROUNDS)
    return {
        "calls_per_report": alone.own,
        "all_calls_per_report": alone.all,
        "pages_per_report": alone.pages,
        "calls_per_batch": many.own,
    }


def _client() -> dict[str, float]:
    return {"client_calls_per_report": client_calls_per_report()}


def _instructions() -> dict[str, float]:
    return {"instructions_per_report": instructions_per_report()}


_PARTS: dict[str, Callable[[], dict[str, float]]] = {
    "bytes": _sizes,
    "calls": _calls,
    "client": _client,
    "instructions": _instructions,
}


def _counted(only: Sequence[str]) -> Iterator[tuple[str, float]]:
    for name, part in _PARTS.items():
        if not only or name in only:
            yield from part().items()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = Parser(prog="python -m bench.check", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=list(_PARTS), default=[], help="may be repeated"
    )
    parser.add_argument(
        "--update", action="store_true", help="write what is counted, with a margin, instead"
    )
    given = parser.parse_args(arguments)
    found: dict[str, float] = {}
    faults = []
    try:
        for program in (MURMUR, LOAD):
            if not program.exists():
                raise BenchError(f"{program} is not there: `make bench-check` builds it.")
        most = thresholds.read()
        for name, count in _counted(given.only):
            found[name] = count
            print(
                f"{shown(count):>10} of at most {shown(most[name])} {KINDS[name].what}", flush=True
            )
            fault = thresholds.fault(name, count, most[name])
            faults += [fault] if fault else []
        if given.update:
            thresholds.write(thresholds.updated(most, found))
            print(f"{thresholds.FILE.name} has what was counted, and a margin.")
            return 0
    except (BenchError, subprocess.TimeoutExpired) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    for fault in faults:
        print(f"Error: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
