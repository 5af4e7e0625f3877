#!/usr/bin/env bash
# Builds the two wheels into dist/: `murmuration`, the client in Python, and `murmuration-server`, which
# holds the program `murmur` for whoever has no Swift.
#
# The program stands on its own but for glibc. Swift's and C++'s libraries, libzmq, libsodium and SQLite
# are linked into it. Debian's libzmq would bring ten more libraries along (Kerberos, PGM, NORM …), so it is
# built here, without them, from Debian's source with Debian's patches.
#
# For Debian and Ubuntu, on x86_64; the same on aarch64 was never tried.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$root/.build/wheels
glibc=2.28

fail() {
    echo "wheels.sh: $*" >&2
    exit 1
}

machine=$(uname -m)
case "$(uname) $machine" in
"Linux x86_64" | "Linux aarch64") ;;
*) fail "the program can be packed on Linux, x86_64 or aarch64, not on $(uname) $machine." ;;
esac
command -v apt-get >/dev/null || fail "libzmq's source comes from Debian or Ubuntu; build the wheels there."

scripts/setup.sh build

if ! command -v dpkg-source >/dev/null; then
    echo "Installing dpkg-dev …"
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq dpkg-dev >/dev/null
fi

# zig links for an older glibc than this machine's.
tools='auditwheel==6.* cmake==4.* hatchling==1.* ninja==1.* ziglang==0.17.*'
if [ "$(cat "$work/venv/.installed" 2>/dev/null)" != "$tools" ]; then
    echo "Making the virtual environment that packs …"
    python3 -m venv --clear "$work/venv"
    # shellcheck disable=SC2086
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check $tools
    echo "$tools" >"$work/venv/.installed"
fi
export PATH=$work/venv/bin:$PATH
export ZIG_GLOBAL_CACHE_DIR=$work/zig

# libzmq_source: unpacks Debian's source, and prints where.
libzmq_source() {
    local apt=$work/apt
    rm -rf "$apt" "$work"/zeromq3*
    mkdir -p "$apt/parts" "$apt/lists/partial"
    # This machine's own sources, with source packages among them; they stay as they are for others.
    cat /etc/apt/sources.list 2>/dev/null | sed -n 's/^deb /deb-src /p' >"$apt/sources.list"
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/parts/${file##*/}"
    done
    local options=(
        -o "Dir::Etc::SourceList=$apt/sources.list" -o "Dir::Etc::SourceParts=$apt/parts"
        -o "Dir::State::Lists=$apt/lists" -o APT::Sandbox::User=root
    )
    apt-get "${options[@]}" update -qq >&2
    (cd "$work" && apt-get "${options[@]}" source -qq zeromq3 >&2)
    echo "$work"/zeromq3-*/
}

libzmq=$work/libzmq
if [ ! -e "$libzmq/lib/libzmq.a" ]; then
    echo "Building libzmq …"
    source=$(libzmq_source)
    cmake -S "$source" -B "$libzmq" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_CXX_FLAGS="-ffunction-sections -fdata-sections -Wno-stringop-overflow" \
        -DCMAKE_POLICY_VERSION_MINIMUM=3.5 -DBUILD_SHARED=OFF -DBUILD_STATIC=ON -DBUILD_TESTS=OFF \
        -DWITH_PERF_TOOL=OFF -DWITH_DOCS=OFF -DENABLE_CPACK=OFF -DENABLE_CURVE=ON \
        -DWITH_LIBSODIUM=ON -DWITH_LIBBSD=OFF -DWITH_TLS=OFF -DENABLE_WS=OFF -DENABLE_DRAFTS=OFF \
        -DWITH_OPENPGM=OFF -DWITH_NORM=OFF >"$work/libzmq.log" 2>&1 &&
        cmake --build "$libzmq" >>"$work/libzmq.log" 2>&1 ||
        fail "libzmq could not be built; see $work/libzmq.log."
fi

swift build -c release --product murmur
release=$(swift build -c release --show-bin-path)
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
static=$toolchain/lib/swift_static/linux
[ -e "$static/libFoundation.a" ] ||
    fail "this Swift has no static libraries in $static; install the toolchain of swift.org."

server=$work/server
rm -rf "$server"
cp -R packaging/server "$server"
cp python/murmuration/_version.py "$server/"
mkdir -p "$server/bin" "$server/licenses"

echo "Linking the program for glibc $glibc …"
# The list quotes paths with spaces in a way of its own.
mapfile -t objects < <(sed "s/^'\(.*\)'\$/\1/" "$release/murmur.product/Objects.LinkFileList")
swift_libraries=(
    Foundation FoundationInternationalization FoundationEssentials CoreFoundation _FoundationCShims
    _FoundationCollections _FoundationICU swiftDispatch dispatch BlocksRuntime swiftSynchronization
    swift_StringProcessing swift_RegexParser swift_Concurrency swiftObservation swiftCore swiftGlibc
)
python-zig cc -target "$machine-linux-gnu.$glibc" -O2 -o "$server/bin/murmur" packaging/glibc.c \
    "$static/$machine/swiftrt.o" "${objects[@]}" -Wl,--start-group \
    "${swift_libraries[@]/#/-l}" -L"$static" "$libzmq/lib/libzmq.a" \
    "$(cc -print-file-name=libsodium.a)" "$(cc -print-file-name=libsqlite3.a)" \
    "$(c++ -print-file-name=libstdc++.a)" -Wl,--end-group -lunwind -lm -ldl -lpthread -lrt \
    -Wl,--gc-sections -s
"$server/bin/murmur" --version >/dev/null

scripts/extras.sh "$server/bin/murmur" "$server/share"
packaging/licences.sh "$work" "$toolchain" "$server/licenses"

mkdir -p dist
rm -f dist/murmuration*.whl
pack() {
    pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-cache-dir \
        --wheel-dir dist "$1"
}
pack "$root/python"
WHEEL_PLATFORM=manylinux_${glibc/./_}_$machine pack "$server"

for wheel in dist/murmuration_server-*.whl; do
    auditwheel show "$wheel" | tr '\n' ' ' | grep -q "consistent with *the following platform tag: \"manylinux_${glibc/./_}_" ||
        fail "$wheel needs more than glibc $glibc: auditwheel show $wheel"
    [ "$(stat -c %s "$wheel")" -le $((35 * 1024 * 1024)) ] || fail "$wheel is larger than 35 MiB."
done
ls -l dist/murmuration*.whl | awk '{ printf "%.1f MB  %s\n", $5 / 1e6, $9 }'
