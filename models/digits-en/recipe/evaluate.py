"""Word error rate of a model folder on manifests, one row at a time, greedy.

    python evaluate.py ../ --manifest ../../../manifests/examples/digits.jsonl --predictions out.jsonl
    python evaluate.py ../ --audio a.wav b.flac --log-probabilities folder
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from audio import manifest_rows, normalise, read
from network import FRAME_SAMPLES_MIN, load_model
from vocabulary import greedy, word_errors

FRAME = 320
PASS_FRAMES_MAX = 1860  # longer audio is cut
CHUNK_FRAMES, CONTEXT_FRAMES = 1500, 120  # frames a window answers for, and sees beyond them on each side


@torch.inference_mode()
def log_probabilities(model, samples):
    """[frames, 32] of 16 kHz mono samples; long audio in overlapping windows, each normalised by itself."""
    if len(samples) < FRAME_SAMPLES_MIN:
        return np.zeros((0, 32), np.float32)
    frames = (len(samples) - FRAME_SAMPLES_MIN) // FRAME + 1
    size, context = (frames, 0) if frames <= PASS_FRAMES_MAX else (CHUNK_FRAMES, CONTEXT_FRAMES)
    parts = []
    for start in range(0, frames, size):
        end = min(frames, start + size)
        first, last = max(0, start - context), min(frames, end + context) - 1
        # The samples after the last whole frame belong to the statistics of the normalisations.
        until = len(samples) if last == frames - 1 else last * FRAME + FRAME_SAMPLES_MIN
        window = normalise(samples[first * FRAME : until])
        parts.append(model(torch.from_numpy(window)[None])[0, start - first : end - first].numpy())
    return np.concatenate(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="model folder")
    parser.add_argument("--manifest", type=Path, nargs="*", default=[])
    parser.add_argument("--set", help="only rows whose `set` is this")
    parser.add_argument("--speaker", help="only rows of this speaker")
    parser.add_argument("--audio", type=Path, nargs="*", default=[], help="files without reference text")
    parser.add_argument("--predictions", type=Path, help="JSON Lines to write: the rows with `pred_text`")
    parser.add_argument("--log-probabilities", type=Path, help="folder for <ordinal>.npy and, beside it, <ordinal>.samples.npy")
    options = parser.parse_args()

    model = load_model(options.model)
    rows = [row for manifest in options.manifest for row in manifest_rows(manifest)]
    rows = [r for r in rows if options.set in (None, r.get("set")) and options.speaker in (None, r.get("speaker"))]
    rows += [{"audio_filepath": str(path), "path": path} for path in options.audio]
    errors, words, wrong_rows = defaultdict(int), defaultdict(int), []
    for ordinal, row in enumerate(rows):
        samples = read(row.pop("path"))
        result = log_probabilities(model, samples)
        row["pred_text"] = greedy(torch.from_numpy(result)) if len(result) else ""
        if "text" in row:
            for key in (row.get("set", "rows"), row.get("speaker", "unknown"), "all"):
                errors[key] += word_errors(row["text"], row["pred_text"])
                words[key] += len(row["text"].split())
            if row["text"] != row["pred_text"]:
                wrong_rows.append(row)
        if options.log_probabilities:
            options.log_probabilities.mkdir(parents=True, exist_ok=True)
            np.save(options.log_probabilities / f"{ordinal}.npy", result)
            np.save(options.log_probabilities / f"{ordinal}.samples.npy", samples)

    if options.predictions:
        options.predictions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for row in rows if options.audio else wrong_rows:
        print(f"{row['audio_filepath']}: {row.get('text', '')!r} read as {row['pred_text']!r}", file=sys.stderr)
    for key in sorted(words):
        rate = f"{errors[key] / words[key]:.2%}" if words[key] else "-"
        print(f"{key}: {errors[key]} of {words[key]} words wrong, WER {rate}")


if __name__ == "__main__":
    main()
