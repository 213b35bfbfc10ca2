#!/usr/bin/env bash
# Applies exactly the plan file, or nothing: ends with 5 when the manifest, the state or the account is not what it was.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

rtcctl show "$RTCCTL_CI_PLAN"
exec rtcctl apply "$RTCCTL_CI_PLAN" "${manifest[@]}" ${arguments[@]+"${arguments[@]}"} \
    --report "json=$RTCCTL_CI_REPORTS/apply.json" \
    --report "markdown=$RTCCTL_CI_REPORTS/apply.md"
