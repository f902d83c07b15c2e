#!/usr/bin/env bash
# Installs the Debian packages that Scriptorium builds and runs with, if they are missing, and those that are named:
#
#   scripts/setup.sh [PACKAGE...]
#
# Works as root and, through sudo, as anyone else; names what it could not install.
set -euo pipefail

packages=(
    libopenblas0-pthread  # matrix multiplication, loaded at run time
    libdnnl-dev           # the same with packed weights, in bf16 and int8 too
    libsndfile1-dev       # audio files
    libmpg123-dev         # MPEG audio
    libsoxr-dev           # sample rate conversion
    libzmq3-dev           # messages between coordinator and workers
    libsqlite3-dev        # the coordinator's journal
    libcurl4-openssl-dev  # models from a hub
    libssl-dev            # SHA-256
    zlib1g-dev            # gzip files
    libzstd-dev           # zstd files
    pkg-config            # how the build finds them
    libchromaprint1       # equal recordings, loaded at run time
    ffmpeg                # formats that libsndfile does not read
    make git python3      # this build, and the tests' HTTP server
)
packages+=("$@")

if ! command -v swift >/dev/null; then
    echo "setup: swift was not found; install Swift 6.3 from https://www.swift.org/install/linux/ and put it on PATH" >&2
    exit 1
fi
if ! command -v dpkg-query >/dev/null; then
    echo "setup: this is not a Debian system; install the equivalents of: ${packages[*]}" >&2
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: these packages are missing: ${missing[*]}" >&2
        echo "setup: as root: apt-get install -y ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "setup: installing ${missing[*]}"
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
}
# The package lists of a fresh machine may be missing or old: fetch them only if they are needed.
if ! install 2>/dev/null; then
    "${as_root[@]}" apt-get update >/dev/null || true
    if ! install; then
        echo "setup: could not install: ${missing[*]}" >&2
        exit 1
    fi
fi
