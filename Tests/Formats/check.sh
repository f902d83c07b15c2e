#!/usr/bin/env bash
# Exports the fixture's records in every format and reads each with the program that it is for.
# The readers are installed by pip into .build/formats; sclite is Debian's package sctk, and is
# left out, with a notice, where it is not installed.
set -euo pipefail
binary=${1:?usage: check.sh SCRIPTORIUM}
here=$(cd "$(dirname "$0")" && pwd)
environment=.build/formats
if [ ! -x "$environment/bin/python" ]; then
    python3 -m venv "$environment"
fi
# Lhotse needs a torch, of which the small one does.
"$environment/bin/pip" install --quiet --requirement "$here/requirements.txt"
exec "$environment/bin/python" "$here/check_readers.py" "$binary" "$here/../Fixtures/transcripts/records.jsonl"
