#!/usr/bin/env bash
# The main job on the bundled speech with the bundled model: what `make demo` runs.
# Usage: demo.sh EXECUTABLE FOLDER
set -euo pipefail

scriptorium=$1
folder=$2
manifest=manifests/examples/digits.jsonl
out=$folder/digits.jsonl

mkdir -p "$folder"
echo "Transcribing $(wc -l <"$manifest") recordings of $manifest with models/digits-en:"
echo
"$scriptorium" transcribe "$manifest" --model models/digits-en -o "$out"
echo
python3 - "$out" <<'PYTHON'
import json, sys, textwrap
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
shown = rows[:3] + rows[len(rows) // 2 : len(rows) // 2 + 3] + rows[-3:]
print(f"{len(rows)} rows; some of them:")
for row in shown:
    name = row["audio_filepath"].rsplit("/", 1)[-1]
    print(f"  {name:<34}{row['duration']:>7.2f} s  {textwrap.shorten(row['pred_text'], 60, placeholder=' …')}")
PYTHON
echo
"$scriptorium" evaluate "$out"
cat <<TEXT

The output:  $out
The report:  $out.report.json
Run this again and it is done at once: the job's folder $out.job remembers.

Next:
  $scriptorium transcribe YOUR_FOLDER --model hf:facebook/wav2vec2-base-960h -o transcripts.jsonl
  $scriptorium transcribe --help
  models/README.md says which models load; cluster/README.md how to use several machines.
TEXT
