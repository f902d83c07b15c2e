#!/usr/bin/env bash
# Runs a command with the working folder at /mnt, where nobody else sees it: at_one_path.sh COMMAND...
#
# Compilers write down something of the paths that they are given (Swift: hashes of modules, lengths of file names), whatever
# prefixes they are told to leave out. At one path, the same sources give the same bytes on every machine.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: at_one_path.sh COMMAND..." >&2; exit 64; }
enter=(unshare --mount)
[ "$(id -u)" -eq 0 ] || enter+=(--map-root-user)
# shellcheck disable=SC2016 # Expanded by the inner shell.
bind='mount --make-rprivate / && mount --bind "$0" /mnt && cd /mnt && exec "$@"'
# What lies below /mnt, such as a compiler, cannot be reached from there.
if "${enter[@]}" bash -c "$bind" "$PWD" bash -c 'command -v "$0"' "$1" >/dev/null 2>&1; then
    exec "${enter[@]}" bash -c "$bind" "$PWD" "$@"
fi
echo "at_one_path.sh: this folder cannot be mounted at /mnt: the bytes depend on its path, $PWD" >&2
# Options that name /mnt name this folder then.
exec "${@//\/mnt=./$PWD=.}"
