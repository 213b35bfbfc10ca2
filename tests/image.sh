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
cp -R "$checkout/examples/gitops/base/manifests" .
rtcctl version
export RTCCTL_CI_MANIFEST=manifests RTCCTL_CI_ARGS=--simulator RTC_CALLBACK_KEY=fake-key-not-a-real-secret-000000000
for step in plan apply drift; do
    "root/opt/rtcctl/ci/$step.sh" >log 2>&1 || { cat log; exit 1; }
done
rtcctl fmt --check manifests 2>/dev/null
echo "The image's commands work."
