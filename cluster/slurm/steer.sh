#!/usr/bin/env bash
# Asks or commands the coordinator of a job that submit.sh began, from any node:
#
#   steer.sh OUT status [--watch]
#   steer.sh OUT pause | resume | cancel
#   steer.sh OUT drain SLOT
#   steer.sh OUT retry --all-quarantined
set -euo pipefail
if [ $# -lt 2 ]; then
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 64
fi
FLEET=$(realpath "$1").fleet
command=$2
shift 2
if [ ! -e "$FLEET/address" ]; then
    if [ -e "$FLEET/finished" ]; then
        echo "steer.sh: the coordinator has ended, with status $(cat "$FLEET/finished")" >&2
    else
        echo "steer.sh: the coordinator does not run now; see squeue, and $FLEET/coordinator.log" >&2
    fi
    exit 75
fi
# shellcheck source=/dev/null
source "$FLEET/settings"
key=$("$PROGRAM" keys show --keys "$FLEET/coordinator" | sed -n 's/^key *//p')
exec "$PROGRAM" "$command" "$@" --connect "$(cat "$FLEET/address")" --coordinator-key "$key" \
    --keys "$FLEET/operator"
