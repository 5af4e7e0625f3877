#!/usr/bin/env bash
# Builds the command for debugging, and with "tests" the tests too.
#
#   scripts/build.sh [tests]
#
# SWIFT_BUILD_OPTIONS has more options for `swift build`. Others than the last time build everything anew.
# A plain `swift build` also compiles what the packages that are used have beside that.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
"") products=(murmur) ;;
tests) products=(murmurationPackageTests murmur) ;;
*)
    echo "build.sh takes tests or nothing, not \"$1\"." >&2
    exit 2
    ;;
esac
for product in "${products[@]}"; do
    # Several words.
    # shellcheck disable=SC2086
    swift build --product "$product" ${SWIFT_BUILD_OPTIONS:-}
done
