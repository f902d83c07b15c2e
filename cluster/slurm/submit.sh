#!/usr/bin/env bash
# Submits a coordinator and an array of workers to Slurm, and says how to watch them.
set -euo pipefail
SCRIPTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'TEXT'
usage: submit.sh MANIFEST -o OUT [--workers N] [OPTIONS] [-- OPTIONS OF scriptorium coordinate]

  --workers N            how many workers (default 4); workers.sh adds more later
  --cpus N               processors of each worker (default 4)
  --mem SIZE             memory of each worker, as Slurm takes it: 8G
  --time LIMIT           of each job; what has not finished then is requeued
  --partition NAME, --account NAME, --qos NAME
  --sbatch OPTION        any other option of sbatch, for all jobs; may be repeated
  --sbatch-coordinator OPTION, --sbatch-worker OPTION    the same for one kind
  --model MODEL, --labels FILE, --precision P, --arithmetic CLASS
                         as scriptorium takes them; by default the bundled model
  --audio-root FOLDER, --path-map FROM=TO
                         what workers may open, and where it lies; may be repeated
  --interface NAME       the network on which the coordinator listens (ib0); Slurm's by default
  --one-job              coordinator and workers in one allocation of N tasks

MANIFEST, OUT, the model, the program (SCRIPTORIUM, else scriptorium on PATH) and this folder must
have the same paths on all nodes. The same command goes on with a job that was interrupted.
TEXT
}

fail() {
    echo "submit.sh: $*" >&2
    exit 64
}

manifest="" output="" workers=4 cpus=4 one_job=""
worker_options=() both_options=() coordinator_options=()
MODEL_OPTIONS=() COORDINATE_OPTIONS=() WORK_OPTIONS=() INTERFACE=""
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --one-job) one_job=yes && shift && continue ;;
        --) shift && COORDINATE_OPTIONS=("$@") && break ;;
        -*) [ $# -ge 2 ] || fail "$1 needs a value" ;;
    esac
    case $1 in
        -o | --output) output=$2 ;;
        --workers) workers=$2 ;;
        --cpus) cpus=$2 ;;
        --mem) worker_options+=("--mem=$2") ;;
        --time | --partition | --account | --qos) both_options+=("$1=$2") ;;
        --sbatch) both_options+=("$2") ;;
        --sbatch-coordinator) coordinator_options+=("$2") ;;
        --sbatch-worker) worker_options+=("$2") ;;
        --model | --labels)
            # A path must hold wherever the job runs; hf:OWNER/NAME is none.
            [ ! -e "$2" ] || set -- "$1" "$(realpath "$2")" "${@:3}"
            MODEL_OPTIONS+=("$1" "$2")
            ;;
        --precision | --arithmetic) MODEL_OPTIONS+=("$1" "$2") ;;
        --audio-root | --path-map) WORK_OPTIONS+=("$1" "$2") ;;
        --interface) INTERFACE=$2 ;;
        -*) fail "there is no option $1; see submit.sh --help" ;;
        *)
            [ -z "$manifest" ] || fail "one manifest, please; there are $manifest and $1"
            manifest=$1
            shift
            continue
            ;;
    esac
    shift 2
done
if [ -z "$manifest" ] || [ -z "$output" ]; then
    fail "give a MANIFEST and -o OUT; see submit.sh --help"
fi
[ -e "$manifest" ] || fail "there is no $manifest"
[[ $workers =~ ^[1-9][0-9]*$ ]] || fail "--workers is a number from 1, not $workers"
[[ $cpus =~ ^[1-9][0-9]*$ ]] || fail "--cpus is a number from 1, not $cpus"
[ -d "$(dirname "$output")" ] || fail "there is no folder $(dirname "$output")"
command -v sbatch >/dev/null || fail "sbatch was not found: this is no machine of a Slurm cluster"
PROGRAM=$(command -v "${SCRIPTORIUM:-scriptorium}") ||
    fail "${SCRIPTORIUM:-scriptorium} was not found; name the program in SCRIPTORIUM"
PROGRAM=$(realpath "$PROGRAM")
# shellcheck disable=SC2034 # They go to the settings.
MANIFEST=$(realpath "$manifest") OUTPUT=$(realpath "$output")
FLEET=$OUTPUT.fleet

if [ -e "$FLEET/coordinator.job" ]; then
    job=$(cat "$FLEET/coordinator.job")
    if [ -n "$(squeue --noheader --jobs="$job" --format=%t 2>/dev/null)" ]; then
        fail "job $job works on $OUTPUT already; workers.sh $output N adds workers to it"
    fi
fi

umask 077
mkdir -p "$FLEET"
for role in coordinator worker operator; do
    [ -e "$FLEET/$role/secret.key" ] || "$PROGRAM" keys new --keys "$FLEET/$role" >/dev/null
done
for role in worker operator; do
    if [ ! -e "$FLEET/coordinator/allowed/$role.key" ]; then
        key=$("$PROGRAM" keys show --keys "$FLEET/$role" | sed -n 's/^key *//p')
        "$PROGRAM" keys allow "$role" "$key" --role "$role" --keys "$FLEET/coordinator" >/dev/null
    fi
done
WORKER_SBATCH=("--cpus-per-task=$cpus" "${both_options[@]}" "${worker_options[@]}")
declare -p SCRIPTS PROGRAM MANIFEST OUTPUT MODEL_OPTIONS COORDINATE_OPTIONS WORK_OPTIONS INTERFACE \
    WORKER_SBATCH >"$FLEET/settings"
rm -f "$FLEET/finished" "$FLEET/address" "$FLEET/workers.jobs"
touch "$FLEET/workers.jobs"

if [ -n "$one_job" ]; then
    job=$(sbatch --parsable --ntasks="$workers" --output="$FLEET/coordinator.log" \
        "${WORKER_SBATCH[@]}" "${coordinator_options[@]}" "$SCRIPTS/one-job.sbatch" "$FLEET")
    job=${job%%;*}
    echo "$job" >"$FLEET/coordinator.job"
    echo "Submitted job $job: a coordinator and $workers workers."
else
    job=$(sbatch --parsable --output="$FLEET/coordinator.log" \
        "${both_options[@]}" "${coordinator_options[@]}" "$SCRIPTS/coordinator.sbatch" "$FLEET")
    job=${job%%;*}
    echo "$job" >"$FLEET/coordinator.job"
    echo "Submitted job $job: the coordinator."
    "$SCRIPTS/workers.sh" "$output" "$workers"
fi
cat <<TEXT

watch it         $SCRIPTS/steer.sh $output status --watch
the jobs         squeue --jobs=$(paste -sd , "$FLEET/coordinator.job" "$FLEET/workers.jobs")
what they say    tail -f $FLEET/coordinator.log
stop for now     $SCRIPTS/steer.sh $output cancel    (the same submit.sh goes on)
TEXT
[ -n "$one_job" ] || echo "more workers     $SCRIPTS/workers.sh $output N
fewer            scancel ARRAY_ELEMENT               (it hands its rows back first)"
