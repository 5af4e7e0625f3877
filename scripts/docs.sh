#!/bin/sh
# Builds the documentation as a site, in site/: the pages of docs/, the Python package's docstrings, and
# what is public in Swift. The package must be built (swift build) for the last of these.
#
#   scripts/docs.sh            everything
#   scripts/docs.sh --pages    the pages and Python only, for a machine without Swift
#   scripts/docs.sh --serve    the pages and Python, built again whenever one of them changes
#
# DOCS_BASE is the path below which the site is served, such as /murmuration; nothing for the root.
set -eu
cd "$(dirname "$0")/.."

what=${1:-all}
case "$what" in
all | --pages | --serve) ;;
*)
    echo "docs.sh takes --pages, --serve or nothing, not \"$what\"." >&2
    exit 2
    ;;
esac

# It is apart from the tests' environment, which does not need it.
environment=.venv-docs
wanted=$(cat python/pyproject.toml scripts/docs.sh | cksum)
if [ "$(cat "$environment/.installed" 2>/dev/null)" != "$wanted" ]; then
    echo "Making the virtual environment in $environment …"
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
        --editable 'python[docs]'
    echo "$wanted" >"$environment/.installed"
fi

# It is about the next version of MkDocs, which the extra does not take.
export NO_MKDOCS_2_WARNING=1
if [ "$what" = --serve ]; then
    exec "$environment/bin/mkdocs" serve --strict
fi
"$environment/bin/mkdocs" build --strict --quiet
if grep -rlE '(src|srcset)="(https?:)?//|<link[^>]* href="(https?:)?//' site --include='*.html'; then
    echo "These pages load something from elsewhere; take it out." >&2
    exit 1
fi
echo "site: the pages and Python"
[ "$what" = all ] || exit 0

modules=.build/debug/Modules
[ -d "$modules" ] || {
    echo "The Swift package is not built; build it (swift build), or leave it out: docs.sh --pages." >&2
    exit 1
}
# Xcode keeps it to itself.
docc=$(command -v docc || echo "xcrun docc")
symbols=$(mktemp -d)
trap 'rm -rf "$symbols"' EXIT
mkdir -p site/swift
target=$(swiftc -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)",*/\1/p' | head -1)
for module in Murmuration Coordinator; do
    name=$(echo "$module" | tr '[:upper:]' '[:lower:]')
    mkdir "$symbols/$module"
    swift symbolgraph-extract -module-name "$module" -target "$target" -I "$modules" \
        -I Sources/CStatfs -I Sources/CZeroMQ -I .build/checkouts/GRDB.swift/Sources/GRDBSQLite \
        -I .build/checkouts/Yams/Sources/CYaml/include -minimum-access-level public \
        -skip-synthesized-members -output-dir "$symbols/$module"
    $docc convert --warnings-as-errors --additional-symbol-graph-dir "$symbols/$module" --output-path "site/swift/$name" \
        --fallback-display-name "$module" --fallback-bundle-identifier "murmuration.$module" \
        --transform-for-static-hosting --hosting-base-path "${DOCS_BASE:-}/swift/$name"
    echo "site: $module in Swift"
done
