#!/usr/bin/env bash
# Runs every test, with format and lint, and says how long each step took. What comes after the build
# runs whatever fails before it.
set -uo pipefail
cd "$(dirname "$0")/.."

export MURMUR_BIN=$PWD/.build/debug/murmur
# Hundreds of Pythons are started, each of which would compile all that it imports anew.
unset PYTHONDONTWRITEBYTECODE
# These compute for seconds, in which nothing gets on that waits for an answer in the same process:
# they have one of their own.
computing='(Assignment|Corpus|HostileSpace|Inspection|KnownAnswers|Pruning|RecentChanges)Tests'
computing="\\.($computing|(RuleComparison|Simulat(ion|edStorage))Tests)"
# Most Python tests wait for other processes most of the time. Whoever is done takes the next one, and
# those that take long come first (pytest.ini).
python_processes=(-n 6 --maxschedchunk 1)

table=
failed=false

# step NAME COMMAND …
step() {
    local name=$1 start=$SECONDS result=passed
    shift
    printf '\n== %s\n' "$name"
    "$@" || { result=FAILED; failed=true; }
    table+=$(printf '%-34s %5d s  %s' "$name" $((SECONDS - start)) "$result")$'\n'
    [ "$result" = passed ]
}

# What the Python tests need is fetched meanwhile; that waits for the network most of the time.
build() {
    scripts/setup.sh &
    local environment=$!
    scripts/build.sh tests
    local result=$?
    wait "$environment" && return "$result"
}

swift_tests() {
    .venv/bin/python scripts/swift_tests.py "$@"
}

# Those that compute commit ten thousands of times, to files in memory where there is room.
files_of_those_that_compute() {
    local free
    free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)
    if [ "${free:-0}" -gt 1000000 ] && [ -w /dev/shm ]; then
        mktemp -d /dev/shm/murmuration-tests.XXXXXX
    else
        mktemp -d
    fi
}

# The others wait much of the time, which is left to those that compute.
swift_tests_not_alone() {
    local result=0
    files=$(files_of_those_that_compute)
    TMPDIR=$files nice -n 10 .venv/bin/python scripts/swift_tests.py --filter "$computing" \
        >"$files/said" 2>&1 &
    computing_tests=$!
    trap 'kill "$computing_tests"; wait; rm -rf "$files"' EXIT
    swift_tests --skip AloneTests --skip "$computing" || result=1
    wait "$computing_tests" || result=1
    cat "$files/said"
    trap - EXIT
    rm -rf "$files"
    return "$result"
}

swift_tests_alone() {
    MURMURATION_ALONE=1 swift_tests --no-parallel --filter AloneTests
}

python_tests() {
    .venv/bin/pytest -q -rsfE --durations 10 "$@"
}

end() {
    printf '\n%s' "$table"
    if $failed; then exit 1; fi
    exit 0
}

step "C libraries" scripts/setup.sh build || end
step "build, and the Python environment" build || end
step "format, lint and types" scripts/lint.sh
step "Swift tests" swift_tests_not_alone
step "Python tests" python_tests "${python_processes[@]}" -m "not soak and not alone"
# These look at the clock, or need all processors: one at a time.
step "Swift tests, one at a time" swift_tests_alone
step "Python tests, one at a time" python_tests -m "alone and not soak"
end
