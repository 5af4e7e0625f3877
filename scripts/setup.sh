#!/bin/sh
# Installs what this machine lacks: the C libraries and a virtual environment in .venv. Does nothing,
# and needs no network, when all is there.
#
#   scripts/setup.sh        for building and testing
#   scripts/setup.sh build  for building only
#   scripts/setup.sh run    for training the digits only
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-test}
case "$purpose" in
build | run | test) ;;
*)
    echo "setup.sh takes build, run or nothing, not \"$purpose\"." >&2
    exit 2
    ;;
esac

have_libraries() {
    command -v pkg-config >/dev/null && pkg-config --exists libzmq libsodium sqlite3
}

have_venv() {
    python3 -c 'import ensurepip, venv' 2>/dev/null
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_with_apt() {
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

command -v swift >/dev/null || {
    echo "Swift is missing; install Swift 6.2 or later from swift.org and put it on PATH." >&2
    exit 1
}
command -v python3 >/dev/null || {
    echo "Python is missing; install Python 3.10 or later as python3." >&2
    exit 1
}

# Testing compares the generated code with the wire's definition.
have_protoc() {
    [ "$purpose" = run ] || command -v protoc >/dev/null
}

if ! have_libraries || ! have_venv || ! have_protoc; then
    echo "Installing libzmq, libsodium, SQLite, protoc and Python's venv …"
    if command -v apt-get >/dev/null; then
        install_with_apt libzmq3-dev libsodium-dev libsqlite3-dev pkg-config \
            python3-venv protobuf-compiler
    elif command -v brew >/dev/null; then
        brew install zeromq libsodium sqlite pkg-config protobuf
    else
        echo "Install libzmq, libsodium, SQLite (with headers), pkg-config, protoc and Python's venv," \
            "with this system's package manager, and try again." >&2
        exit 1
    fi
fi

[ "$purpose" != build ] || exit 0

# One test captures what travels; where this cannot be had, it says so and is skipped.
if [ "$purpose" = test ] && command -v apt-get >/dev/null && ! command -v tshark >/dev/null; then
    echo "Installing tshark …"
    install_with_apt --no-install-recommends tshark ||
        echo "tshark is left out, with its test; to have it: apt-get install tshark"
fi

# What counts system calls and instructions, and what shows where a test hangs; without it, tests are
# skipped, and what needs it says so.
if [ "$purpose" = test ] && [ "$(uname)" = Linux ] && command -v apt-get >/dev/null; then
    for program in strace valgrind gdb; do
        command -v "$program" >/dev/null || {
            echo "Installing $program …"
            install_with_apt --no-install-recommends "$program" ||
                echo "$program is left out, with what it shows; to have it: apt-get install $program"
        }
    done
fi

# A Slurm that tests start for themselves; where it cannot be had, they say so and are skipped. Its
# daemons are where only root looks.
have_slurm() {
    for program in munged slurmctld slurmd sbatch; do
        (PATH=$PATH:/usr/sbin command -v "$program") >/dev/null || return 1
    done
}

if [ "$purpose" = test ] && [ "$(uname)" = Linux ] && command -v apt-get >/dev/null && ! have_slurm; then
    echo "Installing Slurm and munge …"
    install_with_apt --no-install-recommends slurm-wlm munge ||
        echo "Slurm is left out, with its tests; to have it: apt-get install slurm-wlm munge"
fi

# What mounts a file system as hosts share one; where it cannot be had, its tests say so and are skipped.
have_fuse() {
    (PATH=$PATH:/usr/sbin:/sbin ldconfig -p) | grep -q 'libfuse3\?\.so'
}

if [ "$purpose" = test ] && [ "$(uname)" = Linux ] && command -v apt-get >/dev/null && ! have_fuse; then
    echo "Installing libfuse …"
    # The name of the package of libfuse 3 has a number that differs.
    install_with_apt --no-install-recommends libfuse2 2>/dev/null ||
        install_with_apt --no-install-recommends fuse3 ||
        echo "libfuse is left out, with its tests; to have it: apt-get install fuse3"
fi

# A browser without a window, for the page of murmur web.
if [ "$purpose" = test ] && command -v apt-get >/dev/null && ! command -v chromedriver >/dev/null; then
    echo "Installing chromium …"
    install_with_apt --no-install-recommends chromium chromium-driver ||
        echo "chromium is left out, with its tests; to have it: apt-get install chromium-driver"
fi

# PyTorch for processors alone, where pip finds it: on Linux, the usual one brings gigabytes for
# graphics cards. Only its own example and tests need it, and they are left out without it.
install_torch() {
    case "$(uname)" in
    Darwin) pip install "torch==$torch" ;;
    *) pip install "torch==$torch+cpu" ;;
    esac 2>/dev/null ||
        echo "PyTorch is left out, with its tests; to have them: .venv/bin/pip install torch"
}

pip() {
    .venv/bin/python -m pip "$@" --quiet --disable-pip-version-check
}

# All that tests need is enough for a run.
is_installed() {
    [ "$(cat .venv/.installed-test 2>/dev/null)" = "$wanted" ] ||
        [ "$(cat ".venv/.installed-$purpose" 2>/dev/null)" = "$wanted" ]
}

torch=2.13.0
wanted=$(cat python/pyproject.toml scripts/setup.sh | cksum)
if ! is_installed; then
    echo "Making the virtual environment in .venv …"
    [ -x .venv/bin/python ] || python3 -m venv .venv
    if [ "$purpose" = run ]; then
        pip install --editable 'python[sklearn]'
    else
        pip install --editable 'python[dev,examples]'
        install_torch
    fi
    echo "$wanted" >".venv/.installed-$purpose"
fi

# What checks metrics, out of a package whose server has no place here.
if [ "$purpose" = test ] && [ "$(uname)" = Linux ] && command -v apt-get >/dev/null &&
    ! command -v promtool >/dev/null && [ ! -x .venv/bin/promtool ]; then
    echo "Fetching promtool …"
    unpacked=$(mktemp -d)
    if (cd "$unpacked" && apt-get download -qq prometheus >/dev/null 2>&1 &&
        dpkg-deb --extract prometheus_*.deb .); then
        cp "$unpacked/usr/bin/promtool" .venv/bin
    else
        echo "promtool is left out, with its tests; it is in the package prometheus"
    fi
    rm -rf "$unpacked"
fi
