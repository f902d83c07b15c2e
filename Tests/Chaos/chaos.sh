#!/usr/bin/env bash
# All beds, one after the other; a bed that cannot run here says what it lacks and is counted as skipped.
#
#   chaos.sh            everything, some 40 minutes
#   chaos.sh quick      a little of everything, some 5 minutes
#   SEED=7 chaos.sh     other draws
set -euo pipefail
cd "$(dirname "$0")"

seed=${SEED:-1}
last() { echo "$seed-$((seed + $1 - 1))"; }
if [ "${1:-}" = quick ]; then
    runs=4 cuts=10 bound=50 disks=3 networks=2
else
    runs=110 cuts=100 bound=50 disks=20 networks=24
fi

failed=() skipped=()
bed() {
    echo "== $*"
    status=0
    python3 "$@" || status=$?
    case $status in
        0) ;;
        77) skipped+=("$*") ;;
        *) failed+=("$* ($status)") ;;
    esac
}

bed processes.py "$(last "$runs")" --jobs 4
bed measure.py worker "$seed"
bed measure.py coordinator "$seed"
bed measure.py poison "$seed"
bed measure.py tail "$seed"
[ "${1:-}" = quick ] || bed measure.py million "$seed"
bed soak.py --minutes 1 --seed "$seed"
bed storage.py cuts --count "$cuts" --seed "$seed"
bed storage.py cuts --count "$cuts" --seed "$seed" --engine real
bed storage.py caught --count "$bound" --seed "$seed"
bed storage.py full "$(last "$disks")"
bed storage.py fsync "$(last "$disks")"
bed storage.py damage "$(last "$disks")"
bed hosts.py network "$(last "$networks")" --jobs 3
bed hosts.py silent "$(last 3)" --jobs 3

echo "seed $seed; skipped: ${skipped[*]:-none}; failed: ${failed[*]:-none}"
[ ${#failed[@]} -eq 0 ]
