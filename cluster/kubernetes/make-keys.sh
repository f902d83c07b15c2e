#!/usr/bin/env bash
# Makes the keys of an overlay, once: make-keys.sh FOLDER writes FOLDER/keys, which kustomize makes secrets
# of. SCRIPTORIUM names the program (default: scriptorium).
set -euo pipefail
if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: make-keys.sh FOLDER" >&2
    exit 64
fi
program=${SCRIPTORIUM:-scriptorium}
keys=$1/keys
umask 077
mkdir -p "$keys"
for role in coordinator worker operator; do
    [ -e "$keys/$role/secret.key" ] || "$program" keys new --keys "$keys/$role" >/dev/null
done
public() { "$program" keys show --keys "$keys/$1" | sed -n 's/^key *//p'; }
for role in worker operator; do
    [ -e "$keys/coordinator/allowed/$role.key" ] ||
        "$program" keys allow "$role" "$(public "$role")" --role "$role" --keys "$keys/coordinator" >/dev/null
done
echo "SCRIPTORIUM_COORDINATOR_KEY=$(public coordinator)" >"$keys/coordinator-key.env"
# Whoever has these may work for the coordinator, or command it.
printf '*\n' >"$keys/.gitignore"
echo "The keys are in $keys. To steer the job: --keys $keys/operator --coordinator-key $(public coordinator)"
