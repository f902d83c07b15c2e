#!/usr/bin/env bash
# All scenarios, one after the other; a scenario that cannot run here says what it lacks and is counted as skipped.
#
#   chaos.sh            everything, some 40 minutes
#   chaos.sh quick      a little of everything, some 5 minutes
#   SEED=7 chaos.sh     other draws
set -euo pipefail
cd "$(dirname "$0")"

seed=${SEED:-1}
last() { echo "$seed-$((seed + $1 - 1))"; }
if [ "${1:-}" = quick ]; then
    runs=4 cuts=10 bound=50 disks=3 networks=2 boundaries='--sample 200'
else
    runs=110 cuts=100 bound=50 disks=20 networks=24 boundaries=''
fi

failed=() skipped=()
scenario() {
    echo "== $*"
    status=0
    python3 "$@" || status=$?
    case $status in
        0) ;;
        77) skipped+=("$*") ;;
        *) failed+=("$* ($status)") ;;
    esac
}

scenario processes.py "$(last "$runs")" --jobs 4
scenario boundaries.py --seed "$seed" $boundaries
scenario measure.py worker "$seed"
scenario measure.py coordinator "$seed"
scenario measure.py poison "$seed"
scenario measure.py tail "$seed"
scenario measure.py long "$seed"
[ "${1:-}" = quick ] || scenario measure.py million "$seed"
scenario soak.py --minutes 1 --seed "$seed"
scenario storage.py cuts --count "$cuts" --seed "$seed"
scenario storage.py cuts --count "$cuts" --seed "$seed" --engine real
scenario storage.py caught --count "$bound" --seed "$seed"
scenario storage.py full "$(last "$disks")"
scenario storage.py fsync "$(last "$disks")"
scenario storage.py damage "$(last "$disks")"
scenario hosts.py network "$(last "$networks")" --jobs 3
scenario hosts.py silent "$(last 3)" --jobs 3

# The program or the commit of an earlier release, if one is given.
[ -z "${FORMER:-}" ] || scenario upgrade.py "$FORMER"

echo "seed $seed; skipped: ${skipped[*]:-none}; failed: ${failed[*]:-none}"
[ ${#failed[@]} -eq 0 ]
