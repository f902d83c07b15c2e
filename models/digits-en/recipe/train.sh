#!/bin/sh
# Everything from a clean checkout: synthetic voices, training, checks, evaluation.
#   recipe/train.sh [folder of the training digits] [folder of the test speech] [speaker to leave out]
# Needs espeak-ng and flite (Debian packages), Python 3.11 and the packages of requirements.txt.
set -eu
recipe=$(cd "$(dirname "$0")" && pwd)
shared=$recipe/../../../../shared
recordings=${1:-$shared/speechpool}
speech=${2:-$shared/speech}
left_out=${3:+--leave-out $3}
build=$recipe/build
python=${PYTHON:-python3}
export OMP_NUM_THREADS=1

mkdir -p "$build"
[ -f "$build/voices.npz" ] || "$python" "$recipe/voices.py" "$build/voices.npz"
train() {
    "$python" "$recipe/train.py" --recordings "$recordings/manifest.jsonl" --voices "$build/voices.npz" $left_out "$@"
}
train "$build/learned" --updates 6000 --seconds 32 --rate 1e-3
train "$build/model" --start-from "$build/learned" --keep-extractor --updates 2000 --seconds 16 --rate 2e-4 --seed 2

"$python" "$recipe/check_batching.py" "$build/model"
"$python" "$recipe/evaluate.py" "$build/model" --manifest "$speech/manifest.jsonl" --set fsdd
"$python" "$recipe/evaluate.py" "$build/model" --manifest "$speech/manifest.jsonl" --set uberi-one-two-three
"$python" "$recipe/evaluate_made.py" "$build/model" --speech "$speech/manifest.jsonl"
echo "the new model is in $build/model; copy its files over $(dirname "$recipe") to use it"
