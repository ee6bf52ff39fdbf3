#!/bin/sh
# Installs the engines that `make bench` measures beside ours: sharp for Node.js, and thumbor in a virtual
# environment of its own. Never fails: an engine that cannot be installed is named, and not measured.
set -u
cd "$(dirname "$0")/.."
peers=bench/peers

sharp() {
    command -v npm >/dev/null || { echo "Node.js is missing: sharp will not be measured."; return; }
    key=$(cat $peers/package.json $peers/package-lock.json | cksum | tr ' ' '-')
    mark=$peers/node_modules/.vitrine-installed
    [ "$(cat $mark 2>/dev/null)" = "$key" ] && return
    echo "Installing sharp."
    if (cd $peers && npm ci --silent --no-audit --no-fund </dev/null); then
        echo "$key" > $mark
    else
        echo "npm could not install sharp: it will not be measured."
    fi
}

thumbor() {
    place=.venv/thumbor
    key=$(cksum < $peers/thumbor.txt | tr ' ' '-')
    [ "$(cat $place/.installed 2>/dev/null)" = "$key" ] && return
    echo "Installing thumbor."
    rm -rf $place
    # Without pip of its own: Debian's Python may come without what puts it there.
    if .venv/bin/python -m venv --without-pip $place &&
        .venv/bin/python -m pip --python $place/bin/python install --quiet --disable-pip-version-check \
            --no-input --require-hashes -r $peers/thumbor.txt; then
        echo "$key" > $place/.installed
    else
        echo "pip could not install thumbor: it will not be measured."
    fi
}

sharp
thumbor
exit 0
