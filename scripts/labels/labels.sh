#!/usr/bin/env bash
# Makes the bed of labelled digits, transcribes it, calibrates, chooses and measures: figures.md in FOLDER. Then trains the
# bundled model further on labels of its own (self-training.md), and runs the tutorial of docs/pseudo-labels.md (tutorial.md).
# Usage: labels.sh SCRIPTORIUM FOLDER [full|short]
# `short` makes a tenth of all in a few minutes: it shows that everything runs, and its figures mean little.
set -euo pipefail

usage="usage: labels.sh SCRIPTORIUM FOLDER [full|short]"
scriptorium=${1:?$usage}
folder=${2:?$usage}
here=$(cd "$(dirname "$0")" && pwd)
case ${3:-full} in
full) bed=() measure=() training=(--jobs 2) tutorial=() ;;
short)
    bed=(--rows 300 --held 60) measure=(--resamples 10) training=(--rows 60 --tests 40 --updates 40 --seeds 1)
    tutorial=(--recordings 12 --updates 40)
    ;;
*) echo "$usage" >&2; exit 64 ;;
esac

for program in ffmpeg espeak-ng; do
    command -v "$program" >/dev/null || { echo "$program is not installed (apt install $program)" >&2; exit 1; }
done
python=${PYTHON:-python3}
if ! "$python" -c 'import numpy, safetensors, scipy, soundfile, soxr, torch' 2>/dev/null; then
    python=.build/labels-python/bin/python
    [ -x "$python" ] || python3 -m venv .build/labels-python
    "$python" -m pip install --quiet -r models/digits-en/recipe/requirements.txt
fi
if [ ! -e "$folder/voices.jsonl" ]; then
    "$python" "$here/make_bed.py" manifests/examples/digits.jsonl "$folder" "${bed[@]}"
fi
"$python" "$here/measure.py" "$scriptorium" models/digits-en "$folder" "${measure[@]}"
"$python" "$here/self_training.py" "$scriptorium" models/digits-en "$folder" "${training[@]}"
"$python" "$here/tutorial.py" "$scriptorium" "$folder" "${tutorial[@]}"
