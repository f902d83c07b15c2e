#!/bin/sh
# One coordinator and some workers on this machine, over loopback: a cluster to try things on.
#
#   local-cluster.sh MANIFEST OUT [WORKERS]
#
# SCRIPTORIUM names the program (default: scriptorium), MODEL a model (default: the bundled one),
# PORT the port (default: 7100).
set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 MANIFEST OUT [WORKERS]" >&2
    exit 64
fi
manifest=$1
output=$2
workers=${3:-2}
program=${SCRIPTORIUM:-scriptorium}
endpoint="tcp://127.0.0.1:${PORT:-7100}"

set --
if [ -n "${MODEL:-}" ]; then
    set -- --model "$MODEL"
fi

# Workers wait for their coordinator, so the order does not matter.
started=""
index=0
while [ "$index" -lt "$workers" ]; do
    "$program" work --connect "$endpoint" --insecure-plaintext --slot "local/$index" "$@" &
    started="$started $!"
    index=$((index + 1))
done

# Whatever ends the script, the workers hand back their rows.
trap 'kill $started 2>/dev/null || true' EXIT INT TERM

status=0
"$program" coordinate "$manifest" -o "$output" --listen "$endpoint" --insecure-plaintext "$@" ||
    status=$?
# A worker that came too late to hear of the end would wait for the coordinator's return.
kill $started 2>/dev/null || true
wait
exit "$status"
