#!/usr/bin/env bash
# Looks at jobs in a headless Chromium, lets a real Prometheus scrape one, and judges rules and metrics with promtool.
# Debian's chromium and prometheus are installed where they are missing; Python packages go to .build/dashboard.
set -euo pipefail
binary=$(realpath "${1:?usage: check.sh SCRIPTORIUM}")
here=$(cd "$(dirname "$0")" && pwd)
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v promtool >/dev/null || missing+=(prometheus)
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
environment=.build/dashboard
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --requirement "$here/requirements.txt"
exec "$environment/bin/python" "$here/dashboard.py" "$binary" "$environment/pictures"
