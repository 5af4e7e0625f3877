#!/usr/bin/env bash
# Trains a population on handwritten digits and shows it live, on a machine that may have nothing but
# Swift and Python.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh build
# Python's packages come while the compiler works.
scripts/setup.sh run &
environment=$!
# Whoever wants a first look waits for this. An optimised build takes three times as long, and one for
# debugging half as long again. Writing each module first, so that what imports it can be begun before
# it is compiled, means to read it twice, and two processors have enough to do without.
swift build -c release --product murmur --scratch-path .build/run --disable-index-store \
    -Xswiftc -Onone -Xswiftc -gnone -Xcc -g0 -Xswiftc -no-emit-module-separately-wmo
wait "$environment"
exec .build/run/release/murmur run --workers 4 --space Examples/digits.yaml \
    -- .venv/bin/python Examples/digits.py
