#!/bin/sh
# Does outside of a container what the Dockerfile does: copies what it copies, installs as it installs, runs the image's
# command and a script. PYTHON is the interpreter.
set -eu
checkout=$(pwd)
python=$(cd "$(dirname "$PYTHON")" && pwd)/$(basename "$PYTHON")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
PATH="$work/venv/bin:$PATH"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1
sed -n 's/^COPY //p' Dockerfile | while read -r line; do
    to=$work/root${line##* }
    for from in ${line% *}; do
        case $line in
            */) mkdir -p "$to" && cp "$checkout/$from" "$to" ;;
            *) mkdir -p "$(dirname "$to")" && cp -R "$checkout/$from" "$to" ;;
        esac
    done
done
sed -n 's/^RUN //p' Dockerfile | sed "s:/src:$work/root/src:g" | sh -eu
cd "$work"
mkdir manifests
cp "$checkout/examples/mixed-recording.yaml" manifests/
rtcctl version
RTCCTL_CI_MANIFEST=manifests RTCCTL_CI_ARGS=--simulator root/opt/rtcctl/ci/plan.sh >/dev/null 2>&1
RTCCTL_CI_MANIFEST=manifests RTCCTL_CI_ARGS=--simulator root/opt/rtcctl/ci/apply.sh >/dev/null 2>&1
rtcctl fmt --check manifests 2>/dev/null
echo "The image's commands work."
