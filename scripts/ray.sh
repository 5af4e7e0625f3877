#!/bin/sh
# Runs the tests on a Ray cluster of this machine, in an environment of its own: Ray takes 400 MB, and
# Ray Tune as much again. Arguments are pytest's.
set -eu
cd "$(dirname "$0")/.."

environment=.build/ray
wanted=$(cat python/pyproject.toml scripts/ray.sh | cksum)
if [ "$(cat "$environment/.installed" 2>/dev/null)" != "$wanted" ]; then
    echo "Making the virtual environment in $environment …"
    mkdir -p .build
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
        --editable 'python[ray]' 'ray[tune]' 'pytest>=8,<10' 'pytest-timeout>=2.3,<3'
    echo "$wanted" >"$environment/.installed"
fi
MURMUR_BIN=${MURMUR_BIN:-$PWD/.build/debug/murmur}
export MURMUR_BIN
# The first test waits for the cluster, which a busy machine takes minutes to start.
exec "$environment/bin/pytest" -v -s -p no:cacheprovider --timeout=900 --session-timeout=1800 \
    "$@" Tests/Ray
