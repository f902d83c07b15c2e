#!/usr/bin/env python3
"""One peer engine as a process: loads once, then computes the whole manifest for each line on standard input.

    yes | head -3 | python peer.py --engine openvino --model FOLDER --manifest ROWS.jsonl --precision bf16

Prints a JSON line when it is ready and one for each pass: audio seconds computed in a second (RTFx), wall
seconds, and the peak memory of the process so far. Decoding, normalising and padding are not timed.
"""
import argparse
import importlib
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rows import SAMPLE_RATE, batches, read_clips


def peak_megabytes():
    """Of this process alone: what getrusage says may be inherited from its parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise SystemExit("/proc/self/status has no VmHWM: peak memory is measured on Linux alone")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", required=True, choices=["transformers", "onnxruntime", "openvino"])
    parser.add_argument("--model", required=True, help="Hugging Face folder, or where export.py wrote")
    parser.add_argument("--manifest", required=True)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--threads", type=int, default=2, help="that compute, all streams together")
    parser.add_argument("--streams", type=int, help="batches computed side by side; one for each thread if not given")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--order", choices=["manifest", "length"], default="length")
    parser.add_argument("--multiple", type=int, default=1, help="of which padded lengths are, in samples")
    arguments = parser.parse_args()
    streams = arguments.streams or arguments.threads

    began = time.perf_counter()
    engine = importlib.import_module(f"engine_{arguments.engine}")
    symbols = engine.load(arguments.model, arguments.precision, arguments.threads, streams)
    settings = {
        "engine": arguments.engine, "precision": arguments.precision, "threads": arguments.threads,
        "streams": streams, "batch": arguments.batch, "order": arguments.order,
        "multiple": arguments.multiple,
    }
    load_seconds = time.perf_counter() - began
    clips = read_clips(arguments.manifest)
    audio_seconds = sum(map(len, clips)) / SAMPLE_RATE
    work = batches(clips, arguments.batch, arguments.order, arguments.multiple)
    del clips
    print(json.dumps({**settings, "load_s": round(load_seconds, 2)}), flush=True)

    with ThreadPoolExecutor(streams) as pool:
        for _ in sys.stdin:
            began = time.perf_counter()
            for _ in pool.map(symbols, work):
                pass
            wall = time.perf_counter() - began
            result = {"rtfx": round(audio_seconds / wall, 2), "wall_s": round(wall, 2), "peak_mb": peak_megabytes()}
            print(json.dumps({**settings, **result}), flush=True)


if __name__ == "__main__":
    main()
