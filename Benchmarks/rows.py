"""The rows of a manifest as audio that a model takes: the part of the work that is not timed."""
import json
from pathlib import Path

import numpy
import soundfile

SAMPLE_RATE = 16_000


def read_clips(manifest):
    """Float32 samples of each row at 16 kHz, zero mean and unit variance, in the manifest's order."""
    manifest = Path(manifest)
    clips = []
    for line in manifest.read_text(encoding="utf-8").splitlines():
        path = manifest.parent / json.loads(line)["audio_filepath"]
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        clips.append(normalised(at_16_khz(samples.mean(axis=1), rate)))
    return clips


def at_16_khz(samples, rate):
    """By straight lines: poor audio of the right length, which is all that timing needs."""
    if rate == SAMPLE_RATE:
        return samples
    places = numpy.arange(len(samples) * SAMPLE_RATE // rate) * (rate / SAMPLE_RATE)
    return numpy.interp(places, numpy.arange(len(samples)), samples).astype("float32")


def normalised(samples):
    """As the checkpoint's preprocessor does it."""
    return ((samples - samples.mean()) / numpy.sqrt(samples.var() + 1e-7)).astype("float32")


def batches(clips, size, order, multiple=1):
    """Arrays [rows, samples], each padded with zeros to its longest row.

    The padded length is a multiple of `multiple` samples, so that fewer shapes occur.
    """
    if order == "length":  # longest first: what is left at the end is short, so threads end together
        clips = sorted(clips, key=len, reverse=True)
    result = []
    for start in range(0, len(clips), size):
        rows = clips[start : start + size]
        width = -(-max(map(len, rows)) // multiple) * multiple
        batch = numpy.zeros((len(rows), width), dtype="float32")
        for row, samples in zip(batch, rows):
            row[: len(samples)] = samples
        result.append(batch)
    return result
