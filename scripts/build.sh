#!/usr/bin/env bash
# Builds the command for debugging, and with "tests" the tests too.
#
#   scripts/build.sh [tests]
#
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
    swift build --product "$product"
done
