#!/usr/bin/env python3
"""Times Hugging Face transformers on a manifest, as `scriptorium benchmark` times this engine.

    python transformers_baseline.py --model FOLDER --manifest ROWS.jsonl [--batch 1 4 8 16] [--threads 2]

Needs torch, transformers and soundfile. Rows are taken in file order, batches are padded, float32. For
each batch size it prints one JSON line: audio seconds computed in a second (RTFx), milliseconds a batch
(mean and percentiles, the first batch left out as warm-up), and the peak memory of the process.
"""
import argparse
import json
import resource
import time
from pathlib import Path

import numpy
import soundfile
import torch
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC


def percentile(ordered_descending, p):
    """The reference's own rule: element floor(n * (1 - p)) of the times in descending order."""
    return ordered_descending[int(len(ordered_descending) * (1 - p))]


def at_16_khz(samples, rate):
    """By straight lines: poor audio of the right length, which is all that timing needs."""
    if rate == 16000:
        return samples
    places = numpy.arange(int(len(samples) * 16000 / rate)) * (rate / 16000)
    return numpy.interp(places, numpy.arange(len(samples)), samples).astype("float32")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--manifest", required=True, type=Path)
    parser.add_argument("--batch", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    began = time.perf_counter()
    extractor = Wav2Vec2FeatureExtractor.from_pretrained(arguments.model)
    model = Wav2Vec2ForCTC.from_pretrained(arguments.model).eval()
    load_seconds = time.perf_counter() - began

    clips = []
    for line in arguments.manifest.read_text().splitlines():
        row = json.loads(line)
        samples, rate = soundfile.read(arguments.manifest.parent / row["audio_filepath"], dtype="float32")
        assert samples.ndim == 1, row["audio_filepath"]
        clips.append(at_16_khz(samples, rate))
    audio_seconds = sum(len(clip) for clip in clips) / 16000

    for size in arguments.batch:
        milliseconds = []
        with torch.inference_mode():
            whole = time.perf_counter()
            for start in range(0, len(clips), size):
                began = time.perf_counter()
                inputs = extractor(
                    clips[start : start + size], sampling_rate=16000, padding=True, return_tensors="pt"
                )
                model(**inputs).logits.argmax(-1)
                milliseconds.append((time.perf_counter() - began) * 1e3)
            whole = time.perf_counter() - whole
        ordered = sorted(milliseconds[1:] or milliseconds, reverse=True)
        print(
            json.dumps(
                {
                    "engine": "transformers",
                    "batch": size,
                    "threads": arguments.threads,
                    "rtfx": round(audio_seconds / whole, 2),
                    "mean_ms": round(sum(ordered) / len(ordered), 1),
                    "p90_ms": round(percentile(ordered, 0.90), 1),
                    "p95_ms": round(percentile(ordered, 0.95), 1),
                    "p99_ms": round(percentile(ordered, 0.99), 1),
                    "load_s": round(load_seconds, 2),
                    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
