#!/bin/sh
# Runs the tests under sanitizers, and fails when one reports anything.
#
#   scripts/sanitize.sh address   memory errors: the Swift tests, simulated failures, and the tests in
#                                 Tests/Program, which run the command
#   scripts/sanitize.sh thread    data races: the Swift tests
#   scripts/sanitize.sh           one after the other
#
# Each has a build of its own, in .build/address and .build/thread, where its reports and what the
# tests said lie too. The usual build stays as it is.
set -eu
cd "$(dirname "$0")/.."

# What is left out of both: it simulates, as the command does here too, many times faster.
left_out='\.SimulationTests'
# Out of thread alone: ThreadSanitizer keeps constants in a file, for which this test leaves no room.
left_out_of_thread='A copy for which there is no room'
# Each takes a second or two.
seeds=60

# Tests are many times slower under a sanitizer. When all wait for a processor at once, they wait
# longer than they may.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4
# A process that crashes would be looked at by a part of Swift's library that reads any memory,
# which the sanitizers report instead of what happened.
export SWIFT_BACKTRACE=enable=no

failed=false
closing=

# What is reported goes to files, for a test may look at what a process says, or kill it.
prepare() {
    kind=$1
    scratch=$PWD/.build/$kind
    reports=$scratch/reports
    echo "$kind sanitizer: building …"
    mkdir -p "$scratch"
    # On Linux the linker warns of each of hundreds of functions that the sanitizer has.
    quietly swift build --build-tests --sanitize="$kind" --scratch-path "$scratch"
    rm -rf "$reports"
    mkdir "$reports"
    options=log_path=$reports/report:exitcode=66
    case "$kind" in
    # Swift keeps the case of an enumeration, such as Foundation's Data, in spare bits of the pointers
    # that it holds. The search for leaks takes those for no pointers and all they hold for leaked.
    address) export ASAN_OPTIONS="$options:detect_leaks=0" ;;
    # Nothing is suppressed. libzmq and SQLite are not instrumented, but their locks and pipes are seen.
    thread) export TSAN_OPTIONS="$options" ;;
    esac
    if [ "$kind" = thread ] && [ "$(uname)" = Linux ]; then
        clang -O1 -shared -fPIC -o "$scratch/mutex.so" scripts/sanitize/mutex.c -ldl
        preloaded=$scratch/mutex.so
    else
        preloaded=
    fi
    find_planted
}

# Shows what a command says only when it fails.
quietly() {
    "$@" >"$scratch/build.log" 2>&1 || {
        grep -v "Cannot export local symbol" "$scratch/build.log" >&2
        exit 1
    }
}

# A sanitizer that overlooks an error which is there proves nothing.
find_planted() {
    quietly swiftc -sanitize="$kind" -o "$scratch/planted" "scripts/sanitize/$kind.swift"
    status=0
    env ${preloaded:+"LD_PRELOAD=$preloaded"} "$scratch/planted" >/dev/null || status=$?
    if [ $status -ne 66 ] || ! grep -q SUMMARY "$reports"/report.*; then
        echo "The error in scripts/sanitize/$kind.swift was not found." >&2
        exit 1
    fi
    rm "$reports"/report.*
}

# run NAME COMMAND …: says how it ended, and all that it said when it failed.
run() {
    name=$1
    shift
    echo "$kind sanitizer: $name …"
    if "$@" >"$scratch/$name.log" 2>&1; then
        closing="$closing$kind sanitizer, $name: $(tail -n 1 "$scratch/$name.log")
"
    else
        failed=true
        grep -aE '^✘|^FAILED|^ERROR|rror:' "$scratch/$name.log" | cut -c 1-500 || true
        tail -n 20 "$scratch/$name.log" | cut -c 1-500
        closing="$closing$kind sanitizer, $name failed; all that it said is in $scratch/$name.log
"
    fi
}

test_swift() {
    env ${preloaded:+"LD_PRELOAD=$preloaded"} \
        swift test --skip-build --disable-xctest --sanitize="$kind" --scratch-path "$scratch" "$@"
}

conclude() {
    for report in "$reports"/report.*; do
        [ -e "$report" ] || continue
        failed=true
        head -n 60 "$report"
        closing="$closing$kind sanitizer: $(grep -m 1 SUMMARY "$report" || echo a report), in $report
"
    done
}

address() {
    prepare address
    run swift test_swift --skip "$left_out"
    run simulation "$scratch/debug/murmur" simulate --seeds $seeds
    # Some look at the memory that a process takes: what was freed is kept for a while in order to
    # see that it is not used any more, and is bounded here to less than those let it grow.
    run program env MURMUR_BIN="$scratch/debug/murmur" \
        ASAN_OPTIONS="$ASAN_OPTIONS:quarantine_size_mb=1:thread_local_quarantine_size_kb=16" \
        .venv/bin/python -m pytest -q Tests/Program
    conclude
    unset ASAN_OPTIONS
}

thread() {
    prepare thread
    run swift test_swift --skip "$left_out" --skip "$left_out_of_thread"
    conclude
    unset TSAN_OPTIONS
}

case "${1:-all}" in
address) address ;;
thread) thread ;;
all)
    thread
    address
    ;;
*)
    echo "sanitize.sh takes address, thread or nothing, not \"$1\"." >&2
    exit 2
    ;;
esac

printf '\n%s' "$closing"
if $failed; then exit 1; fi
echo "Nothing was reported."
