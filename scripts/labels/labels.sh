#!/usr/bin/env bash
# Makes the bed of labelled digits, transcribes it, calibrates, chooses and measures: figures.md in FOLDER.
# Usage: labels.sh SCRIPTORIUM FOLDER
set -euo pipefail

scriptorium=${1:?usage: labels.sh SCRIPTORIUM FOLDER}
folder=${2:?usage: labels.sh SCRIPTORIUM FOLDER}
here=$(cd "$(dirname "$0")" && pwd)

for program in ffmpeg espeak-ng; do
    command -v "$program" >/dev/null || { echo "$program is not installed (apt install $program)" >&2; exit 1; }
done
python=python3
if ! python3 -c 'import numpy' 2>/dev/null; then
    python=.build/labels-python/bin/python
    [ -x "$python" ] || python3 -m venv .build/labels-python
    "$python" -m pip install --quiet numpy
fi
if [ ! -e "$folder/voices.jsonl" ]; then
    "$python" "$here/make_bed.py" manifests/examples/digits.jsonl "$folder"
fi
"$python" "$here/measure.py" "$scriptorium" models/digits-en "$folder"
