#!/bin/sh
# Feeds whatever reads bytes of others with bytes that nobody should send: the targets are in
# Fuzzing/Targets. First come the inputs of Fuzzing/Corpus and the wire's vectors, as they are, then
# libFuzzer's changes of them.
#
#   scripts/fuzz.sh                    tries each target for a few seconds, the same ways every time
#   scripts/fuzz.sh --minutes 30       tries for so long, shared by the targets, in optimized code;
#                                      the next time goes on from what was found (.build/fuzz/found)
#   scripts/fuzz.sh --again core FILE  gives a target one input, such as one that failed
set -eu
cd "$(dirname "$0")/.."

seconds=3
most=20000
longest=4096
configuration=debug
found=
again=
case "${1:-}" in
"") ;;
--minutes)
    targets=$(ls Fuzzing/Corpus | wc -l)
    seconds=$((${2:?say how many minutes} * 60 / targets))
    most=-1
    longest=32768
    configuration=release
    found=.build/fuzz/found
    ;;
--again)
    again=${2:?name a target}
    input=${3:?name a file}
    ;;
*)
    echo "fuzz.sh takes --minutes N, --again TARGET FILE or nothing, not \"$1\"." >&2
    exit 2
    ;;
esac

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

if [ "$(uname)" = Darwin ]; then
    touch "$temporary/empty.swift"
    swiftc -sanitize=fuzzer -parse-as-library -c "$temporary/empty.swift" \
        -o "$temporary/empty.o" 2>/dev/null || {
        echo "Fuzzing is left out: Xcode's Swift comes without libFuzzer, and that of swift.org with it."
        exit 0
    }
fi

# What is internal must be seen, also in optimized code. The short run saves the debugger's part.
case "$configuration" in
debug) set -- --disable-index-store -debug-info-format none ;;
release) set -- -Xswiftc -enable-testing ;;
esac
echo "Building what is fuzzed ($configuration) …"
MURMURATION_FUZZ=1 swift build --scratch-path .build/fuzz --configuration "$configuration" \
    --product fuzz --sanitize fuzzer "$@" >"$temporary/build" 2>&1 || {
    cat "$temporary/build" >&2
    exit 1
}

fuzz() {
    FUZZ_TARGET=$target ".build/fuzz/$configuration/fuzz" -rss_limit_mb=2048 -timeout=60 "$@"
}

if [ -n "$again" ]; then
    target=$again
    SWIFT_BACKTRACE=enable=yes,color=no,interactive=no fuzz "$input"
    exit
fi
# libFuzzer writes down what it fails with only when Swift leaves it the signals.
export SWIFT_BACKTRACE=enable=no

# The wire's vectors, as sessions of one message.
python3 - "$temporary/vectors" <<'END'
import json, pathlib, sys

targets = {"Request": ["core"], "Reply": ["reply", "history"], "Broadcast": ["broadcast"]}
for path in pathlib.Path("Tests/Vectors/wire").glob("*.json"):
    vector = json.loads(path.read_text())
    repeat = vector.get("repeat", {"hex": "", "count": 0})
    frame = bytes.fromhex(vector["hex"]) + bytes.fromhex(repeat["hex"]) * repeat["count"]
    for target in targets[vector["message"]]:
        directory = pathlib.Path(sys.argv[1], target)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / path.stem).write_bytes(frame)
END

# $1: the target; $2: the input that it fails with, as far as that is known.
fail() {
    grep -E 'Fatal error|^==[0-9]+== ?ERROR' "$temporary/log" >&2 || tail -20 "$temporary/log" >&2
    input=$2
    case "$input" in
    "$temporary"*)
        # It goes away with this run.
        mkdir -p .build/fuzz/failures
        cp "$input" ".build/fuzz/failures/$1-${input##*/}"
        input=.build/fuzz/failures/$1-${input##*/}
        ;;
    esac
    echo "$1 fails with $input; again: scripts/fuzz.sh --again $1 $input" >&2
    failed=true
}

failed=false
for corpus in Fuzzing/Corpus/*; do
    target=${corpus##*/}
    vectors=$temporary/vectors/$target
    kept=${found:-$temporary/found}/$target
    mkdir -p "$vectors" "$kept"
    # Their names have no spaces.
    # shellcheck disable=SC2046
    if ! fuzz -artifact_prefix="$temporary/" $(find "$corpus" "$vectors" -type f | sort) \
        >"$temporary/log" 2>&1; then
        fail "$target" "$(sed -n 's/^Running: //p' "$temporary/log" | tail -1)"
        continue
    fi
    replayed=$(grep -c '^Executed' "$temporary/log")
    if ! fuzz -seed=1 -runs="$most" -max_total_time="$seconds" -max_len="$longest" \
        -print_final_stats=1 -artifact_prefix="$temporary/" "$kept" "$corpus" "$vectors" \
        >"$temporary/log" 2>&1; then
        fail "$target" "$(sed -n 's/.*Test unit written to //p' "$temporary/log" | tail -1)"
        continue
    fi
    executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$temporary/log")
    printf '%-14s %4d inputs replayed, %8d executions\n' "$target" "$replayed" "$executed"
done
! $failed
