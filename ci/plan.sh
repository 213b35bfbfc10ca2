#!/usr/bin/env bash
# Plans into a file and writes reports beside it. Ends with 0 whether changes are pending or not.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

rm -f "$RTCCTL_CI_PLAN"
code=0
rtcctl plan "${manifest[@]}" ${arguments[@]+"${arguments[@]}"} --detailed-exitcode --out "$RTCCTL_CI_PLAN" \
    --report "json=$RTCCTL_CI_REPORTS/plan.json" \
    --report "markdown=$RTCCTL_CI_REPORTS/plan.md" \
    --report "codequality=$RTCCTL_CI_REPORTS/codequality.json" \
    --report "sarif=$RTCCTL_CI_REPORTS/rtcctl.sarif" || code=$?
case $code in
    0) output changes false ;;
    2) output changes true ;;
    *) exit "$code" ;;
esac
