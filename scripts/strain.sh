#!/usr/bin/env bash
# Runs a command, or else `make test`, on a machine that is made worse than it is:
#
#   scripts/strain.sh busy [COMMAND …]       two loops take what they get of the processors
#   scripts/strain.sh one-core [COMMAND …]   there is one processor
#   scripts/strain.sh slow-disk [COMMAND …]  each sync of a file takes 20 ms longer
#
# For Linux. What has to hold on any machine holds there too.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-}
shift || true
[ $# -gt 0 ] || set -- make test
[ "$(uname)" = Linux ] || {
    echo "strain.sh is for Linux." >&2
    exit 1
}
case "$kind" in
busy)
    loops=()
    for _ in 1 2; do
        # Each ends with this script, however that ends.
        setpriv --pdeathsig KILL sh -c 'while :; do :; done' &
        loops+=($!)
    done
    trap 'kill "${loops[@]}"' EXIT
    "$@"
    ;;
one-core) taskset -c 0 "$@" ;;
slow-disk)
    mkdir -p .build
    "${CC:-cc}" -O2 -shared -fPIC -o .build/slow_sync.so scripts/strain/slow_sync.c -ldl
    LD_PRELOAD=$PWD/.build/slow_sync.so "$@"
    ;;
*)
    sed -n '2,/^# For/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
