#!/bin/sh
# Looks for known holes in what is locked, and writes what the site is made of (SBOM, CycloneDX) to .venv/sbom.json.
# Fails where there is a hole. Where the network does not answer it says so and passes, but where CI=true.
set -u
cd "$(dirname "$0")/.."
tools=.venv/audit
bad=0
unasked=

# Tools for this alone, kept apart from what the project runs with.
[ -x $tools/bin/pip-audit ] && [ -x $tools/bin/cyclonedx-py ] || {
    .venv/bin/python -m venv $tools &&
        $tools/bin/python -m pip install --quiet --quiet --disable-pip-version-check pip-audit cyclonedx-bom ||
        { echo "pip-audit and cyclonedx-bom could not be installed." >&2; exit 1; }
}

for lock in postgres imagine dev; do
    found=$tools/$lock.json
    rm -f $found
    if $tools/bin/pip-audit --requirement requirements/$lock.txt --disable-pip --require-hashes \
        --progress-spinner off --format json --output $found 2>$tools/$lock.log; then
        echo "requirements/$lock.txt: no known hole."
    elif [ -s $found ]; then
        $tools/bin/python - $found requirements/$lock.txt <<'PYTHON'
import json, sys
for package in json.load(open(sys.argv[1]))["dependencies"]:
    for hole in package.get("vulns", []):
        fixed = ", ".join(hole["fix_versions"]) or "no version"
        print(f"{sys.argv[2]}: {package['name']} {package['version']}: {hole['id']}, mended in {fixed}")
PYTHON
        bad=1
    else
        unasked="$unasked requirements/$lock.txt"
    fi
done

for folder in scripts/lint tests/clients bench/peers; do
    command -v npm >/dev/null || { unasked="$unasked $folder"; continue; }
    if (cd $folder && npm audit --package-lock-only --json) >$tools/npm.json 2>/dev/null; then
        echo "$folder: no known hole."
    elif grep -q '"auditReportVersion"' $tools/npm.json; then
        (cd $folder && npm audit --package-lock-only)
        bad=1
    else
        unasked="$unasked $folder"
    fi
done

if $tools/bin/cyclonedx-py requirements requirements/postgres.txt --pyproject pyproject.toml \
    --output-reproducible --output-file .venv/sbom.json; then
    echo "What the image is made of: .venv/sbom.json"
else
    bad=1
fi

if [ -n "$unasked" ]; then
    echo "Nobody answered who knows the holes of:$unasked"
    [ "${CI:-}" = true ] && bad=1
fi
exit $bad
