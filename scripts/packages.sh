#!/bin/sh
# Installs the Debian packages of packages.txt that are missing, where it may. Never fails: what cannot be
# installed is named, with what will not work.
#
#   scripts/packages.sh run     what serving needs
#   scripts/packages.sh test    what the tests need, that of serving included
set -u
cd "$(dirname "$0")/.."

case "${1:-run}" in
    run) wanted='run' ;;
    test) wanted='run\|test' ;;
    *) echo "usage: $0 run|test" >&2; exit 2 ;;
esac

# "name reason" of each package whose use is wanted.
listed() {
    sed -n "s/^\([a-z0-9][a-z0-9.+-]*\) *# *\($wanted\): */\1 /p" packages.txt
}

is_installed() {
    dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

missing() {
    listed | while read -r name reason; do
        is_installed "$name" || echo "$name"
    done
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is no Debian system, so these were not looked for (see packages.txt):" $(listed | cut -d' ' -f1)
    exit 0
fi

names=$(missing | tr '\n' ' ')
[ -n "$names" ] || exit 0

# Asked once for the same list when serving: a start must not wait for a network that is not there.
tried=".venv/.packages-$(cksum < packages.txt | cut -d' ' -f1)"
if [ "$1" = test ] || [ ! -e "$tried" ]; then
    as_root=no
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    fi
    if [ "$as_root" != no ]; then
        echo "Installing Debian packages: $names"
        # Runlevel 1: servers among them are for tests to start, not for this machine to run.
        install="env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends"
        $as_root $install $names </dev/null >/dev/null 2>&1 || {
            $as_root apt-get update -qq </dev/null >/dev/null 2>&1
            # One by one: apt-get installs none of a list when it does not know one of them.
            for name in $names; do
                $as_root $install "$name" </dev/null >/dev/null 2>&1
            done
        }
        [ -d .venv ] && : > "$tried"
    fi
fi

listed | while read -r name reason; do
    is_installed "$name" || echo "The Debian package $name is missing: $reason."
done
exit 0
