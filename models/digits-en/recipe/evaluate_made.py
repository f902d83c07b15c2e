"""Reads audio made for the purpose: strings joined from test recordings, and audio without speech, which must give nothing."""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from audio import RATE, manifest_rows, read
from clips import levelled
from evaluate import log_probabilities
from network import load_model
from vocabulary import greedy, word_errors

# name, digits fewest and most, gap shortest and longest in seconds, noise level (speech is 0.1), strings
STRINGS = [
    ("2 to 7 digits, gaps 0.1 to 0.5 s", 2, 7, 0.1, 0.5, 1e-4, 60),
    ("2 to 7 digits, no gaps", 2, 7, 0.0, 0.0, 0.0, 60),
    ("2 to 7 digits, noise 15 dB below", 2, 7, 0.1, 0.5, 0.0178, 60),
    ("10 to 20 digits, gaps 0 to 1 s", 10, 20, 0.0, 1.0, 1e-4, 20),
    ("3 to 6 digits, gaps 2 to 15 s", 3, 6, 2.0, 15.0, 1e-4, 12),
    ("140 to 160 digits, gaps 0 to 1 s, in chunks", 140, 160, 0.0, 1.0, 1e-4, 3),
]


def strings(recordings, rng, digits_min, digits_max, gap_min, gap_max, noise, count):
    """Of one voice each, alternating; yields samples and text."""
    speakers = sorted(recordings)
    for number in range(count):
        pool = recordings[speakers[number % len(speakers)]]
        pieces, words = [], []
        for _ in range(rng.integers(digits_min, digits_max + 1)):
            samples, text = pool[rng.integers(len(pool))]
            pieces += [np.zeros(int(RATE * rng.uniform(gap_min, gap_max)), np.float32), samples]
            words.append(text)
        joined = np.concatenate(pieces + [np.zeros(int(RATE * rng.uniform(gap_min, gap_max)), np.float32)])
        yield joined + noise * rng.standard_normal(len(joined)).astype(np.float32), " ".join(words)


def speechless(rng):
    """Name and samples of audio that must be read as nothing."""
    for seconds in (0.5, 2, 10, 30, 60):
        length = int(seconds * RATE)
        time = np.arange(length, dtype=np.float32) / RATE
        yield f"silence {seconds} s", np.zeros(length, np.float32)
        yield f"constant {seconds} s", np.full(length, 0.3, np.float32)
        for level in (1e-4, 0.01, 0.2):
            yield f"white noise at {level} {seconds} s", level * rng.standard_normal(length).astype(np.float32)
            brown = np.cumsum(rng.standard_normal(length)).astype(np.float32)
            yield f"brown noise at {level} {seconds} s", level * (brown - brown.mean()) / brown.std()
        for frequency in (50, 100, 220, 440, 1000, 3000, 6000):
            yield f"tone of {frequency} Hz {seconds} s", 0.3 * np.sin(2 * np.pi * frequency * time)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="model folder")
    parser.add_argument("--speech", type=Path, required=True, help="manifest with the fsdd test recordings")
    parser.add_argument("--speaker", help="only this voice")
    options = parser.parse_args()

    model = load_model(options.model)
    rng = np.random.default_rng(5)
    recordings = defaultdict(list)
    for row in manifest_rows(options.speech):
        if row["set"] == "fsdd" and options.speaker in (None, row["speaker"]):
            recordings[row["speaker"]].append((levelled(read(row["path"])), row["text"]))

    for name, *kind in STRINGS:
        errors = words = right = count = 0
        for samples, text in strings(recordings, rng, *kind):
            result = greedy(torch.from_numpy(log_probabilities(model, samples)))
            errors += word_errors(text, result)
            words += len(text.split())
            right += result == text
            count += 1
        print(f"{name}: {errors} of {words} words wrong, WER {errors / words:.2%}; {right} of {count} strings right")

    read_as = {name: greedy(torch.from_numpy(log_probabilities(model, samples))) for name, samples in speechless(rng)}
    for name, text in read_as.items():
        if text:
            print(f"{name} read as {text!r}")
    print(f"without speech: {sum(text == '' for text in read_as.values())} of {len(read_as)} read as nothing")


if __name__ == "__main__":
    main()
