#!/bin/sh
# Builds the wheel, installs it into an environment of its own, and runs it from an empty folder.
set -eu
checkout=$(pwd)
python=$(cd "$(dirname "$PYTHON")" && pwd)/$(basename "$PYTHON")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m pip --quiet --disable-pip-version-check wheel --no-deps --wheel-dir "$work" "$checkout"
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip --quiet --disable-pip-version-check install "$work"/rtcctl-*.whl
cp "$checkout/examples/mixed-recording.yaml" "$work/"
cd "$work"
for name in manifest state plan result; do
    venv/bin/rtcctl schema "$name" | venv/bin/python -c 'import json, sys; json.load(sys.stdin)'
done
venv/bin/rtcctl schema --crd >/dev/null
venv/bin/rtcctl apply -f mixed-recording.yaml --simulator --auto-approve >/dev/null 2>&1
venv/bin/rtcctl plan -f mixed-recording.yaml --simulator --detailed-exitcode
venv/bin/python -m rtcctl version
venv/bin/python -c '
from importlib.resources import files
for name in ("index.html", "page.css", "page.js"):
    assert files("rtcctl.simulator.page").joinpath(name).read_text(encoding="utf-8"), name
'
echo "The wheel works."
