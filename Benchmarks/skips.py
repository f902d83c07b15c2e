#!/usr/bin/env python3
"""Counts the reference words that lie in what `--chunk speech` skips.

    skips.py MANIFEST [--program PATH] [--model FOLDER]

MANIFEST has rows with `audio_filepath` and `text`; a recording with a file NAME.segments.jsonl beside it is read by
those segments (`start`, `end`, `text`). Where each word is, another program says: pocketsphinx (pip), which aligns the
text with the audio. A word counts as skipped when none of its frames was computed, and as cut when some were not.

Texts that cannot be aligned are left out and counted.
"""

import argparse
import array
import json
import os
import subprocess
import sys
import tempfile

import pocketsphinx

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Seams"))
from archive import computed_frames  # noqa: E402

# A rough pronunciation of words that the dictionary lacks.
LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    "AE B K D EH F G HH IH JH K L M N AA P K R S T AH V W K IY Z").split()))


def samples(path):
    return subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "s16le", "-ac", "1", "-ar", "16000", "-"],
        stdout=subprocess.PIPE, check=True).stdout


def align(decoder, raw, text):
    """Words with their first and last second; nothing where they cannot be placed."""
    words = text.lower().split()
    for word in words:
        if decoder.lookup_word(word) is None:
            decoder.add_word(word, " ".join(LETTERS[c] for c in word.upper() if c in LETTERS) or "AH", True)
    try:
        decoder.set_align_text(" ".join(words))
        decoder.start_utt()
        decoder.process_raw(raw, full_utt=True)
        decoder.end_utt()
    except RuntimeError:
        return []
    found = [
        (part.word, part.start_frame / 100, (part.end_frame + 1) / 100) for part in decoder.seg() or []
        if not part.word.startswith("<") and not part.word.startswith("[")]
    return found if len(found) == len(words) else []


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("manifest")
    parser.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "scriptorium"))
    parser.add_argument("--model", default=os.path.join(ROOT, "models", "digits-en"))
    options = parser.parse_args()
    folder = os.path.dirname(os.path.abspath(options.manifest))
    with open(options.manifest) as file:
        rows = [json.loads(line) for line in file]
    parts = []
    for row in rows:
        path = os.path.join(folder, row["audio_filepath"])
        beside = os.path.splitext(path)[0] + ".segments.jsonl"
        if os.path.exists(beside):
            with open(beside) as file:
                segments = [json.loads(line) for line in file]
            parts.append((path, [(s["start"], s["end"], s["text"]) for s in segments]))
        elif row.get("text"):
            parts.append((path, [(0, None, row["text"])]))
    decoder = pocketsphinx.Decoder(samprate=16000, loglevel="FATAL", beam=1e-100, wbeam=1e-80, pbeam=1e-100)
    words = skipped = cut = texts = left_out = 0
    seconds = spoken = not_computed = 0
    with tempfile.TemporaryDirectory(prefix="scriptorium-skips-") as scratch:
        manifest, output = os.path.join(scratch, "rows.jsonl"), os.path.join(scratch, "out.jsonl")
        with open(manifest, "w") as file:
            file.writelines(json.dumps({"audio_filepath": path}) + "\n" for path, _ in parts)
        subprocess.run(
            [options.program, "transcribe", manifest, "--model", options.model, "-o", output, "--chunk", "speech",
             "--save-logits", os.path.join(scratch, "logits"), "--quiet"], check=False)
        with open(output) as file:
            records = [json.loads(line) for line in file]
        for number, ((path, texts_of), record) in enumerate(zip(parts, records)):
            if record["status"] != "transcribed":
                print(f"{path}: {record['error']}", file=sys.stderr)
                continue
            computed = computed_frames(os.path.join(scratch, "logits", f"{number}.npy"))
            seconds += record["duration"]
            spoken += record["coverage"]["speech"]
            not_computed += record["coverage"]["skipped"]
            raw = samples(path)
            for start, end, text in texts_of:
                texts += 1
                span = raw[2 * round(16000 * start):None if end is None else 2 * round(16000 * end)]
                found = align(decoder, span, text)
                left_out += not found
                for word, first, last in found:
                    frames = computed[round((start + first) * 50):max(round((start + first) * 50) + 1, round((start + last) * 50))]
                    words += 1
                    if frames and not any(frames):
                        skipped += 1
                        print(f"{path}: {word} from {start + first:.2f} to {start + last:.2f} s was skipped")
                    elif frames and not all(frames):
                        cut += 1
    print(
        f"{words} words of {texts} texts ({left_out} more texts not aligned): {skipped} skipped "
        f"({100 * skipped / max(1, words):.3f} %), {cut} cut; of {seconds / 60:.1f} minutes {100 * spoken / seconds:.1f} % speech, "
        f"{100 * not_computed / seconds:.1f} % not computed")


if __name__ == "__main__":
    main()
