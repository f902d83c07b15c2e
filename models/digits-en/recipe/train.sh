#!/bin/sh
# Everything from a clean checkout: synthetic voices, training, checks, evaluation.
#   recipe/train.sh [folder of the training digits] [folder of the test speech]
# Needs espeak-ng and flite (Debian packages), Python 3.11 and the packages of requirements.txt. About an hour on two cores.
set -eu
recipe=$(cd "$(dirname "$0")" && pwd)
shared=$recipe/../../../../shared
recordings=${1:-$shared/speechpool}
speech=${2:-$shared/speech}
build=$recipe/build
python=${PYTHON:-python3}

mkdir -p "$build"
[ -f "$build/voices.npz" ] || "$python" "$recipe/voices.py" "$build/voices.npz"
"$python" "$recipe/train.py" "$build/model" --recordings "$recordings/manifest.jsonl" --voices "$build/voices.npz"
"$python" "$recipe/check_batching.py" "$build/model"
"$python" "$recipe/evaluate.py" "$build/model" --manifest "$speech/manifest.jsonl" --set fsdd
"$python" "$recipe/evaluate.py" "$build/model" --manifest "$speech/manifest.jsonl" --set uberi-one-two-three
"$python" "$recipe/evaluate_made.py" "$build/model" --speech "$speech/manifest.jsonl"
echo "the new model is in $build/model; copy its files over $(dirname "$recipe") to use it"
