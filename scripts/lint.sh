#!/bin/sh
# Checks the format and the types of all that people wrote.
set -eu
cd "$(dirname "$0")/.."

find Package.swift Sources Tests Fuzzing Benchmarks -name '*.swift' ! -path '*/Generated/*' -print0 |
    xargs -0 swift format lint --strict --parallel
echo "swift-format: no findings"
.venv/bin/ruff check --quiet --config python/pyproject.toml python Examples Benchmarks scripts
.venv/bin/ruff format --quiet --check --config python/pyproject.toml python Examples Benchmarks scripts
echo "ruff: no findings"
.venv/bin/mypy --config-file python/pyproject.toml python/murmuration python/tests Examples Benchmarks \
    scripts
