#!/usr/bin/env bash
# Builds the command `murmur` and installs it, with its manual pages and completions: install.sh PREFIX
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || {
    echo "install.sh takes the folder to install in, such as /usr/local." >&2
    exit 2
}
scripts/setup.sh build
swift build -c release --product murmur
program=$(swift build -c release --show-bin-path)/murmur
mkdir -p "$1/bin"
install -m 755 "$program" "$1/bin/murmur"
scripts/extras.sh "$program" "$1/share"
echo "Installed $1/bin/murmur, and what belongs to it in $1/share."
