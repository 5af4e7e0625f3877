#!/bin/sh
# Checks the format and the types of all that people wrote, that the generated code is the one of
# proto/, and that one version stands everywhere.
set -eu
cd "$(dirname "$0")/.."

find Package.swift Sources Tests Fuzzing Benchmarks -name '*.swift' ! -path '*/Generated/*' -print0 |
    xargs -0 swift format lint --strict --parallel
echo "swift-format: no findings"
set -- python Tests/Program Tests/Ray Tests/Wheels packaging Examples Benchmarks scripts
.venv/bin/ruff check --quiet --config python/pyproject.toml "$@"
.venv/bin/ruff format --quiet --check --config python/pyproject.toml "$@"
echo "ruff: no findings"
find Sources/Web/Page -name '*.js' -print0 |
    xargs -0 .venv/bin/clang-format --dry-run --Werror
echo "clang-format: no findings"
.venv/bin/mypy --config-file python/pyproject.toml python/murmuration python/tests Examples Benchmarks \
    scripts
# Each folder of tests has a conftest.py, and mypy takes one module of a name at a time.
.venv/bin/mypy --config-file python/pyproject.toml Tests/Program
.venv/bin/mypy --config-file python/pyproject.toml Tests/Ray
.venv/bin/mypy --config-file python/pyproject.toml Tests/Wheels
.venv/bin/python scripts/version.py --check
scripts/proto.sh --check
