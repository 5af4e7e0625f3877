#!/usr/bin/env bash
# Writes the manual pages of the command `murmur`, and its completions for bash, zsh and fish, as a
# system's folder `share` holds them: extras.sh PROGRAM SHARE
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 2 ] || {
    echo "extras.sh takes the program and the folder to write to." >&2
    exit 2
}
program=$1 share=$2

mkdir -p "$share/bash-completion/completions" "$share/zsh/site-functions" \
    "$share/fish/vendor_completions.d" "$share/man/man1"
"$program" --generate-completion-script bash >"$share/bash-completion/completions/murmur"
"$program" --generate-completion-script zsh >"$share/zsh/site-functions/_murmur"
"$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/murmur.fish"

# ArgumentParser's own generator, which asks the program for what its help says.
swift build -c release --product generate-manual
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
"$(swift build -c release --show-bin-path)/generate-manual" "$program" --multi-page \
    --output-directory "$pages"
# What the program starts for itself is nobody else's, and help has no page of its own.
rm "$pages/murmur.hold-worker.1" "$pages/murmur.help.1"
for page in "$pages"/*.1; do
    # As `man murmur-run` looks for them.
    name=$(basename "$page" .1)
    install -m 644 "$page" "$share/man/man1/${name//./-}.1"
done
