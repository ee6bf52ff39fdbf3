#!/bin/sh
# Makes .venv and installs one of the locked sets of dependencies into it, only where something changed.
#
#   scripts/python.sh run     what serving needs (with PostgreSQL's driver where DATABASE_URL names it)
#   scripts/python.sh dev     that, and the tools for tests and checks
set -eu
cd "$(dirname "$0")/.."
set_name=${1:-run}

database=${DATABASE_URL:-}
if [ -z "$database" ] && [ -f .env ]; then
    database=$(sed -n 's/^DATABASE_URL *= *["'\'']\{0,1\}//p' .env | tail -n 1)
fi
locks="requirements/$set_name.txt"
case "$database" in
    postgres*|pgsql*|postgis*) locks="$locks requirements/postgres.txt" ;;
esac
keyed=$locks
[ "$set_name" != dev ] || keyed="$locks requirements/reference.txt"

find_python() {
    for name in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "Vitrine needs Python 3.11 or newer, and none was found." >&2
    echo "On Debian or Ubuntu: apt-get install python3 python3-venv" >&2
    exit 1
}

works() {
    .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Present while packages are being installed: a set-up that was cut off is begun anew.
unfinished=.venv/.unfinished
if [ -e "$unfinished" ] || { [ -e .venv ] && ! works; }; then
    echo "The set-up in .venv is not whole: making it anew."
    rm -rf .venv
fi

key=$({ cat $keyed; works && .venv/bin/python --version; } 2>/dev/null | cksum | tr ' ' '-')
done_mark=".venv/.installed-$set_name"
if [ -f "$done_mark" ] && [ "$(cat "$done_mark")" = "$key" ]; then
    exit 0
fi

python=$(find_python)
if [ ! -d .venv ]; then
    echo "Setting up Python packages in .venv; the first time takes a minute or two."
    mkdir .venv
    : > "$unfinished"
    # Debian's Python may come without what puts pip into a virtual environment; its own pip can do the work.
    "$python" -m venv .venv >/dev/null 2>&1 || "$python" -m venv --without-pip .venv
else
    echo "Bringing the Python packages in .venv up to date."
    : > "$unfinished"
fi

if .venv/bin/python -m pip --version >/dev/null 2>&1; then
    pip=".venv/bin/python -m pip"
elif "$python" -m pip --python .venv/bin/python --version >/dev/null 2>&1; then
    pip="$python -m pip --python .venv/bin/python"
else
    echo "pip is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2
    exit 1
fi

arguments=
for lock in $locks; do
    arguments="$arguments -r $lock"
done
$pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes $arguments
if [ "$set_name" = dev ]; then
    $pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes \
        -r requirements/reference.txt >/dev/null 2>&1 ||
        echo "pdqhash cannot be built without g++ and Python's headers: one test that compares with it is skipped."
fi

key=$({ cat $keyed; .venv/bin/python --version; } | cksum | tr ' ' '-')
echo "$key" > "$done_mark"
rm "$unfinished"
