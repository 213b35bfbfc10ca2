#!/usr/bin/env bash
# Ends with 2 when something was changed outside rtcctl, so that the job fails and whoever watches it is told.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

exec rtcctl drift "${manifest[@]}" ${arguments[@]+"${arguments[@]}"} \
    --report "json=$RTCCTL_CI_REPORTS/drift.json" \
    --report "markdown=$RTCCTL_CI_REPORTS/drift.md"
