"""Reading audio as the engine does: mono by channel mean, 16 kHz, normalised per utterance."""

import json
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE = 16000
NORMALISATION_EPSILON = 1e-7  # of Hugging Face feature extractors


def read(path, offset=0, duration=None):
    """Mono float32 samples at 16 kHz, of the whole file or of `duration` seconds from `offset` on."""
    with soundfile.SoundFile(path) as file:
        file.seek(min(file.frames, round(offset * file.samplerate)))
        count = -1 if duration is None else round(duration * file.samplerate)
        samples, rate = file.read(count, dtype="float32", always_2d=True), file.samplerate
    return resample(samples.mean(axis=1, dtype=np.float32), rate)


def resample(samples, rate, target=RATE):
    return samples if rate == target else soxr.resample(samples, rate, target, quality="VHQ").astype(np.float32)


def normalise(samples):
    samples = np.asarray(samples, dtype=np.float32)
    return (samples - samples.mean()) / np.sqrt(samples.var() + NORMALISATION_EPSILON)


def manifest_rows(manifest):
    """Rows of a JSON Lines manifest, each with `path`: its audio resolved against the manifest's folder."""
    manifest = Path(manifest)
    for line in manifest.read_text().splitlines():
        if line.strip():
            row = json.loads(line)
            yield row | {"path": manifest.parent / row["audio_filepath"]}
