#!/usr/bin/env bash
# Runs a job on machines that ssh reaches: this one coordinates, they work, and nothing of it is left on them.
# shellcheck disable=SC2317 # What a trap calls is reached.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: fleet.sh HOSTS MANIFEST -o OUT --listen ADDRESS:PORT [OPTIONS] [-- OPTIONS OF scriptorium coordinate]

HOSTS is a file with a machine a line, as ssh takes it (user@host), and how many workers it gets (default 1).

  --listen ADDRESS:PORT  where this machine is reached by the others
  --tarball FILE         what `make tarball` packed (default: out/scriptorium.tar.zst); it is unpacked there
  --model MODEL, --labels FILE, --precision P, --arithmetic CLASS
                         as scriptorium takes them; a model must have the same path on all machines
  --threads N            of each worker
  --audio-root FOLDER, --path-map FROM=TO
                         what workers may open, and where it lies; may be repeated
  --folder FOLDER        where on those machines (default: /tmp); a folder of this job's own is made in it

SCRIPTORIUM names the program here (default: scriptorium), SSH the command that reaches a machine (default: ssh).
Ctrl-C drains and cleans up; the same command goes on.
TEXT
}

fail() {
    echo "fleet.sh: $*" >&2
    exit 64
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
hosts_file="" manifest="" output="" listen="" tarball=$root/out/scriptorium.tar.zst folder=/tmp
model_options=() work_options=() coordinate_options=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --) shift && coordinate_options=("$@") && break ;;
        -*) [ $# -ge 2 ] || fail "$1 needs a value" ;;
    esac
    case $1 in
        -o | --output) output=$2 ;;
        --listen) listen=$2 ;;
        --tarball) tarball=$2 ;;
        --folder) folder=$2 ;;
        --model | --labels | --precision | --arithmetic) model_options+=("$1" "$2") ;;
        --threads | --audio-root | --path-map) work_options+=("$1" "$2") ;;
        -*) fail "there is no option $1; see fleet.sh --help" ;;
        *)
            if [ -z "$hosts_file" ]; then hosts_file=$1; elif [ -z "$manifest" ]; then manifest=$1; else
                fail "what is $1? There are HOSTS, $hosts_file, and MANIFEST, $manifest"
            fi
            shift
            continue
            ;;
    esac
    shift 2
done
if [ -z "$manifest" ] || [ -z "$output" ] || [ -z "$listen" ]; then
    fail "give HOSTS, MANIFEST, -o OUT and --listen ADDRESS:PORT; see fleet.sh --help"
fi
for file in "$hosts_file" "$manifest" "$tarball"; do
    [ -e "$file" ] || fail "there is no $file"
done
program=$(command -v "${SCRIPTORIUM:-scriptorium}") || fail "name the program in SCRIPTORIUM"
read -ra ssh <<<"${SSH:-ssh}"
fleet=$(realpath "$output").fleet

hosts=() counts=()
while read -r host count _; do
    [[ -n $host && $host != \#* ]] || continue
    hosts+=("$host")
    counts+=("${count:-1}")
done <"$hosts_file"
[ ${#hosts[@]} -gt 0 ] || fail "$hosts_file names no machine"

umask 077
mkdir -p "$fleet"
for role in coordinator worker; do
    [ -e "$fleet/$role/secret.key" ] || "$program" keys new --keys "$fleet/$role" >/dev/null
done
public() { "$program" keys show --keys "$fleet/$1" | sed -n 's/^key *//p'; }
[ -e "$fleet/coordinator/allowed/worker.key" ] ||
    "$program" keys allow worker "$(public worker)" --keys "$fleet/coordinator" >/dev/null
key=$(public coordinator)
# The same job has the same folder, whichever run it is.
job=scriptorium-${key:0:12}

# What runs on each machine: its workers, each started again by its exit status.
supervisor() {
    cat <<'TEXT'
cd "$(dirname "$0")" || exit 70
count=$1
shift
index=0
while [ "$index" -lt "$count" ]; do
    (
        child=""
        trap 'touch stop; [ -z "$child" ] || kill -TERM "$child"' TERM
        until [ -e stop ]; do
            scriptorium/bin/scriptorium work --slot "$(hostname)/$index" "$@" >>"worker-$index.log" 2>&1 &
            child=$!
            wait "$child"
            status=$?
            if [ -e stop ]; then wait "$child"; fi
            case $status in 0 | 64 | 65) break ;; esac
            sleep 1
        done
    ) &
    echo $! >>pids
    index=$((index + 1))
done
wait
touch ended
TEXT
}

on() { "${ssh[@]}" "$1" "$2" </dev/null; }

begin() {
    local place=$folder/$job-$3 arguments
    on "$1" "umask 077 && rm -rf '$place' && mkdir -p '$place/keys'"
    if on "$1" "command -v zstd" >/dev/null; then
        "${ssh[@]}" "$1" "zstd -dqc | tar -x -C '$place'" <"$tarball"
    else
        zstd -dqc "$tarball" | "${ssh[@]}" -C "$1" "tar -x -C '$place'"
    fi
    "${ssh[@]}" "$1" "umask 077 && cat >'$place/keys/secret.key'" <"$fleet/worker/secret.key"
    supervisor | "${ssh[@]}" "$1" "cat >'$place/supervise'"
    printf -v arguments ' %q' "$2" --connect "tcp://$listen" --coordinator-key "$key" --keys "$place/keys" \
        "${model_options[@]}" "${work_options[@]}"
    on "$1" "setsid nohup sh '$place/supervise'$arguments >'$place/log' 2>&1 & echo begun"
}

# Ends the workers of a machine, keeps what they said, and removes all of it there.
end() {
    local place=$folder/$job-$2
    on "$1" "cd '$place' 2>/dev/null || exit 0
        touch stop
        [ -e ended ] || kill -TERM \$(cat pids) 2>/dev/null
        tries=0
        while [ ! -e ended ] && [ \$tries -lt 40 ]; do sleep 1; tries=\$((tries + 1)); done
        tail -n 20 worker-*.log
        rm -rf '$place'" >"$fleet/$1.log" 2>&1 || echo "fleet.sh: $1 was not reached; remove $place there" >&2
}

tear_down() {
    trap '' INT TERM
    local index waiting=()
    # What is still being copied would come after the end.
    wait "${beginning[@]}" || true
    for index in "${!hosts[@]}"; do
        end "${hosts[index]}" "$index" &
        waiting+=($!)
    done
    wait "${waiting[@]}" || true
}
beginning=()
trap tear_down EXIT
# Workers wait for their coordinator, so it begins meanwhile.
for index in "${!hosts[@]}"; do
    (
        trap '' INT TERM
        begin "${hosts[index]}" "${counts[index]}" "$index" >/dev/null
        echo "fleet.sh: ${counts[index]} workers at ${hosts[index]}" >&2
    ) &
    beginning+=($!)
done
coordinator=""
trap '[ -z "$coordinator" ] || kill -TERM "$coordinator"' INT TERM
"$program" coordinate "$manifest" -o "$output" --listen "tcp://$listen" --keys "$fleet/coordinator" \
    "${model_options[@]}" "${coordinate_options[@]}" &
coordinator=$!
while true; do
    status=0
    wait "$coordinator" || status=$?
    kill -0 "$coordinator" 2>/dev/null || break
done
exit "$status"
