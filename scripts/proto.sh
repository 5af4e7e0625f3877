#!/bin/sh
# Generates the Swift code of proto/, and the Python code of the wire. Both are committed.
#
#   scripts/proto.sh                writes it into the sources, and sums of it
#   scripts/proto.sh --check        fails when the Python code is not what is generated, or proto/ or
#                                   the Swift code are not those that the sums were made of
#   scripts/proto.sh --check-swift  generates the Swift code elsewhere too, and fails when it differs;
#                                   its generator is built for that, in most of a minute
#
# The Swift plugin is built out of the swift-protobuf that the package depends on, so that the
# generator and the library always fit. Most of it is there once the package is built.
set -eu

cd "$(dirname "$0")/.."

# Generated Python asks for a protobuf library at least as new as its protoc. This is the version
# that the committed files come from; python/pyproject.toml asks for the library that fits.
python_protoc="libprotoc 3.21.12"

wire=murmuration/v1/murmuration.proto
swift_directory=Sources/Messages/Generated
tensorboard=tensorboard/tensorboard.proto
tensorboard_directory=Sources/TensorBoard/Generated
sums=proto/generated.sums

generating=true
swift=true
case "${1:-}" in
"") ;;
--check)
    generating=false
    swift=false
    ;;
--check-swift) generating=false ;;
*)
    echo "proto.sh takes --check, --check-swift or nothing, not \"$1\"." >&2
    exit 2
    ;;
esac

if ! command -v protoc >/dev/null; then
    echo "There is no protoc: install protobuf-compiler (apt) or protobuf (brew)." >&2
    exit 1
fi

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
mkdir "$temporary/swift" "$temporary/python"
protoc --proto_path=proto --python_out="$temporary/python" --pyi_out="$temporary/python" "$wire"
if $swift; then
    swift build --product protoc-gen-swift --quiet >&2
    plugin=.build/debug/protoc-gen-swift
    protoc --proto_path=proto --plugin="$plugin" --swift_out="$temporary/swift" \
        --swift_opt=Visibility=Package --swift_opt=FileNaming=DropPath "$wire"
    protoc --proto_path=proto --plugin="$plugin" --swift_out="$temporary/swift" \
        --swift_opt=FileNaming=DropPath "$tensorboard"
fi

same_protoc=true
[ "$(protoc --version)" = "$python_protoc" ] || same_protoc=false

if $generating; then
    mkdir -p "$swift_directory" "$tensorboard_directory" python/murmuration/v1
    cp "$temporary/swift/murmuration.pb.swift" "$swift_directory/"
    cp "$temporary/swift/tensorboard.pb.swift" "$tensorboard_directory/"
    cp "$temporary"/python/murmuration/v1/* python/murmuration/v1/
    sha256 "proto/$wire" "$swift_directory/murmuration.pb.swift" "proto/$tensorboard" \
        "$tensorboard_directory/tensorboard.pb.swift" >"$sums"
    if ! $same_protoc; then
        echo "The Python files now come from $(protoc --version), not $python_protoc: raise" \
            "protobuf in python/pyproject.toml and the version in scripts/proto.sh." >&2
    fi
    exit 0
fi

stale=false
sha256 --check "$sums" >"$temporary/sums" 2>&1 || {
    stale=true
    grep -v ': OK$' "$temporary/sums" >&2 || true
}
if $swift; then
    diff -u "$swift_directory/murmuration.pb.swift" "$temporary/swift/murmuration.pb.swift" >&2 ||
        stale=true
    diff -u "$tensorboard_directory/tensorboard.pb.swift" "$temporary/swift/tensorboard.pb.swift" \
        >&2 || stale=true
fi
# Another protoc writes other Python for the same wire, so that only the same one can be compared.
if $same_protoc; then
    for file in murmuration_pb2.py murmuration_pb2.pyi; do
        diff -u "python/murmuration/v1/$file" "$temporary/python/murmuration/v1/$file" >&2 ||
            stale=true
    done
else
    echo "The Python files were not compared: they come from $python_protoc." >&2
fi
if $stale; then
    echo "The generated code differs from proto/: run \`make proto\` and commit the result." >&2
    exit 1
fi
echo "generated code: the one of proto/"
