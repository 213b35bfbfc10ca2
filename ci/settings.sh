# Settings of the pipeline's steps; plan.sh, apply.sh and drift.sh read them from the environment, never from arguments:
#
#   RTCCTL_CI_MANIFEST  manifest files and folders, one a line
#   RTCCTL_CI_ARGS      further arguments of the command, one a line; may be empty
#   RTCCTL_CI_PLAN      the plan file (rtcctl-plan.json)
#   RTCCTL_CI_REPORTS   a folder for reports (rtcctl-reports)

RTCCTL_CI_PLAN=${RTCCTL_CI_PLAN:-rtcctl-plan.json}
RTCCTL_CI_REPORTS=${RTCCTL_CI_REPORTS:-rtcctl-reports}

manifest=()
while IFS= read -r line; do
    [ -z "$line" ] || manifest+=(-f "$line")
done <<<"${RTCCTL_CI_MANIFEST:?RTCCTL_CI_MANIFEST names no manifest}"

arguments=()
while IFS= read -r line; do
    [ -z "$line" ] || arguments+=("$line")
done <<<"${RTCCTL_CI_ARGS:-}"

mkdir -p "$RTCCTL_CI_REPORTS"

# Tell the steps that follow, where the CI system has a file for that.
output() {
    [ -z "${GITHUB_OUTPUT:-}" ] || printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}
