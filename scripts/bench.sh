#!/bin/sh
# Measures what Murmuration costs on this machine (docs/benchmarks.md), or counts what does not
# depend on the machine.
#
#   scripts/bench.sh [OPTION…]        measures; --help has the options, such as --only and --quick
#   scripts/bench.sh check [OPTION…]  counts, and compares with Benchmarks/thresholds.json
set -eu
cd "$(dirname "$0")/.."

module=bench
if [ "${1:-}" = check ]; then
    module=bench.check
    shift
fi

[ "$(uname)" = Linux ] || {
    echo "Measure on Linux: what other processes use is read as it has it." >&2
    exit 1
}

export PYTHONPATH=Benchmarks:python
case " $* " in
*" --help "* | *" -h "* | *" --estimate "*) exec .venv/bin/python -m "$module" "$@" ;;
esac
# What is wrong with the options is said before minutes of building.
[ "$module" = bench.check ] || .venv/bin/python -m bench --estimate "$@" >/dev/null

build() {
    MURMURATION_BENCH=1 swift build --configuration release --scratch-path .build-bench "$@"
}

echo "Building what is measured …"
mkdir -p .build-bench
# As long as this or anything that it starts runs: two would measure each other.
exec 9>.build-bench/lock
flock -n 9 || {
    echo "Another benchmark runs here: wait until it has ended." >&2
    exit 1
}
# Its flags are several words.
# shellcheck disable=SC2046
"${CC:-cc}" -O2 -Wall -Wextra -o .build-bench/floor Benchmarks/Floor/*.c \
    $(pkg-config --cflags --libs libzmq sqlite3)
for product in murmur bench-load; do
    build --product "$product" >.build-bench/build.log 2>&1 || {
        cat .build-bench/build.log >&2
        exit 1
    }
done
exec .venv/bin/python -m "$module" "$@"
