#!/usr/bin/env bash
# Gathers the licences of all that is linked into the program: licences.sh WORK TOOLCHAIN FOLDER
# (scripts/wheels.sh calls it). A missing one is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$1 toolchain=$2 folder=$3

# one NAME FILE …: the files, one after the other, as NAME.txt
one() {
    local name=$1
    shift
    cat "$@" >"$folder/$name.txt"
}

copyright() { echo "/usr/share/doc/$1/copyright"; }

one swift "$toolchain/share/swift/LICENSE.txt"
for package in .build/checkouts/*/; do
    one "$(basename "$package")" "$package"LICENSE* $(ls "$package"NOTICE* 2>/dev/null || true)
done
source=$(echo "$work"/zeromq3-*/)
one libzmq "$source/COPYING.LESSER" "$source/COPYING" "$source/debian/copyright"
one libsodium "$(copyright libsodium-dev)"
one sqlite "$(copyright libsqlite3-dev)"
one libstdc++ "$(copyright "libstdc++6")"
zig=$(python-zig env | sed -n 's/.*lib_dir.*"\(.*\)".*/\1/p')
one libunwind "$zig/libunwind/LICENSE.TXT"
one zig "$(dirname "$zig")/LICENSE"
