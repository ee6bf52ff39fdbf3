#!/bin/sh
# Installs other people's clients, which tests run against a live site, where Node.js is there. Never fails:
# tests that need them say so.
set -u
cd "$(dirname "$0")/../tests/clients" 2>/dev/null || exit 0
[ -f package.json ] || exit 0
if ! command -v npm >/dev/null; then
    echo "Node.js is missing: the tests that run other people's clients will not run."
    exit 0
fi
key=$(cat package.json package-lock.json 2>/dev/null | cksum | tr ' ' '-')
[ -d node_modules ] && [ "$(cat node_modules/.vitrine-installed 2>/dev/null)" = "$key" ] && exit 0
echo "Installing the clients that tests run."
if npm ci --silent --no-audit --no-fund </dev/null; then
    echo "$key" > node_modules/.vitrine-installed
else
    echo "npm could not install them."
fi
exit 0
