#!/bin/sh
# Fetches the sources of packages that hold other people's test pictures (requirements/suites.txt) and unpacks
# them into .venv/suites. Never fails: tests that need them say so.
set -u
cd "$(dirname "$0")/.."
list=requirements/suites.txt
into=.venv/suites
key=$(cksum < "$list" | tr ' ' '-')
[ "$(cat "$into/.unpacked" 2>/dev/null)" = "$key" ] && exit 0
echo "Fetching other people's test pictures."
fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT
names=$(sed -n 's/^\([a-z-]*\)==.*/\1/p' "$list" | paste -sd,)
if .venv/bin/python -m pip download --quiet --no-deps --no-binary "$names" --require-hashes --requirement "$list" \
        --dest "$fetched" </dev/null >/dev/null 2>&1; then
    rm -rf "$into" && mkdir -p "$into"
    for archive in "$fetched"/*.tar.gz; do
        tar -xzf "$archive" -C "$into" --no-same-owner
    done
    echo "$key" > "$into/.unpacked"
else
    echo "They could not be fetched: the tests that show them will not run."
fi
exit 0
