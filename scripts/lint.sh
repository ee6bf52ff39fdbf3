#!/bin/sh
# Lints the site's own scripts and stylesheets by Biome, which it installs first. Without Node.js it says so and
# passes, but where CI=true.
set -eu
cd "$(dirname "$0")/.."
tool=scripts/lint

if ! command -v npm >/dev/null; then
    echo "Node.js is missing: scripts and stylesheets are not linted."
    [ "${CI:-}" = true ] && exit 1
    exit 0
fi
key=$(cat $tool/package.json $tool/package-lock.json | cksum | tr ' ' '-')
mark=$tool/node_modules/.vitrine-installed
if [ "$(cat $mark 2>/dev/null)" != "$key" ]; then
    echo "Installing the linter for scripts and stylesheets."
    (cd $tool && npm ci --silent --no-audit --no-fund </dev/null)
    echo "$key" > $mark
fi
exec $tool/node_modules/.bin/biome lint --error-on-warnings "$@"
