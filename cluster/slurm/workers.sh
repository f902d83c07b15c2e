#!/usr/bin/env bash
# Adds an array of workers to a job that submit.sh began: workers.sh OUT N
set -euo pipefail
if [ $# -ne 2 ] || ! [[ $2 =~ ^[1-9][0-9]*$ ]]; then
    echo "usage: workers.sh OUT N" >&2
    exit 64
fi
FLEET=$(realpath "$1").fleet
if [ ! -e "$FLEET/coordinator.job" ]; then
    echo "workers.sh: there is no job for $1; begin one with submit.sh" >&2
    exit 64
fi
# shellcheck source=/dev/null
source "$FLEET/settings"
coordinator=$(cat "$FLEET/coordinator.job")
# Not before the coordinator has begun: workers would keep processors and wait.
job=$(sbatch --parsable --array="0-$(($2 - 1))" --dependency="after:$coordinator" \
    --output="$FLEET/worker-%A_%a.log" "${WORKER_SBATCH[@]}" "$SCRIPTS/worker.sbatch" "$FLEET")
job=${job%%;*}
echo "$job" >>"$FLEET/workers.jobs"
echo "Submitted job $job: $2 workers, ${job}_0 to ${job}_$(($2 - 1))."
