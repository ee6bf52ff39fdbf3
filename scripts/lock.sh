#!/bin/sh
# Writes requirements/*.txt from pyproject.toml: exact versions with hashes, for every platform.
# Versions that are locked stay where they can; `scripts/lock.sh --upgrade` takes the newest.
set -eu
cd "$(dirname "$0")/.."

# A tool for this alone, kept apart from what the project runs with.
[ -x .venv/lock/bin/uv ] || {
    .venv/bin/python -m venv .venv/lock
    .venv/lock/bin/python -m pip install --quiet --quiet --disable-pip-version-check uv
}

lock() {
    output=$1
    shift
    .venv/lock/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
        --generate-hashes --custom-compile-command "make lock" --output-file "requirements/$output" "$@"
}

lock run.txt "$@"
# The other sets keep to the versions of the first.
lock postgres.txt --extra postgres --constraint requirements/run.txt "$@"
lock imagine.txt --extra imagine --constraint requirements/run.txt "$@"
lock dev.txt --group dev --constraint requirements/run.txt "$@"

# What is built from source, apart from the others.
.venv/lock/bin/uv pip compile --group reference --quiet --universal --python-version 3.11 \
    --generate-hashes --custom-compile-command "make lock" --constraint requirements/run.txt \
    --output-file requirements/reference.txt "$@"

# The engines that `make bench` measures beside ours live apart.
.venv/lock/bin/uv pip compile bench/peers/thumbor.in --quiet --universal --python-version 3.11 \
    --generate-hashes --custom-compile-command "make lock" --output-file bench/peers/thumbor.txt "$@"

# Other people's clients that the suite runs, such engines, and the linter: locked by their hashes, without addresses.
if command -v npm >/dev/null; then
    for folder in tests/clients bench/peers scripts/lint; do
        (cd "$folder" && npm install --package-lock-only --silent)
    done
    .venv/bin/python tests/clients/strip_lock.py tests/clients bench/peers scripts/lint
fi
