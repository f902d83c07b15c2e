#!/bin/sh
# Everything from a clean checkout: synthetic voices, training, evaluation.
#   recipe/train.sh [folder of the training digits] [folder of the test speech] [speaker to leave out]
# Needs espeak-ng and flite (Debian packages), Python 3.11 and the packages of requirements.txt.
set -eu
recipe=$(cd "$(dirname "$0")" && pwd)
shared=$recipe/../../../../shared
recordings=${1:-$shared/speechpool}
speech=${2:-$shared/speech}
speaker=${3:-}
build=$recipe/build
model=$build/model${speaker:+-without-$speaker}
python=${PYTHON:-python3}
export OMP_NUM_THREADS=1

mkdir -p "$build"
[ -f "$build/voices.npz" ] || "$python" "$recipe/voices.py" "$build/voices.npz"
"$python" "$recipe/train.py" "$model" --recordings "$recordings/manifest.jsonl" --voices "$build/voices.npz" ${speaker:+--leave-out "$speaker"}

"$python" "$recipe/evaluate.py" "$model" --manifest "$speech/manifest.jsonl" --set fsdd
"$python" "$recipe/evaluate.py" "$model" --manifest "$speech/manifest.jsonl" --set uberi-one-two-three
"$python" "$recipe/evaluate_made.py" "$model" --speech "$speech/manifest.jsonl" ${speaker:+--speaker "$speaker"}
echo "the new model is in $model; copy its files over $(dirname "$recipe") to bundle it"
