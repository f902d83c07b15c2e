#!/usr/bin/env python3
"""How wrong the expected end of a job is after a tenth of its audio, in jobs of mixed lengths: eta.py SCRIPTORIUM [ROWS].

The recordings are spans of one file of digits, of lengths from a second to minutes. On a machine that does other work
at the same time, that work is in the error.
"""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
AUDIO = os.path.join(ROOT, "manifests/examples/audio")


def recording(path, seconds):
    """Digits one after the other for so long."""
    clips = []
    for name in sorted(os.listdir(AUDIO)):
        if name.endswith(".wav"):
            with wave.open(f"{AUDIO}/{name}") as clip:
                parameters = clip.getparams()
                clips.append((parameters.framerate, clip.readframes(clip.getnframes())))
    rate = clips[0][0]
    same = [data for other, data in clips if other == rate]
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "not compressed"))
        written, index = 0, 0
        while written < seconds * rate:
            file.writeframes(same[index % len(same)])
            written += len(same[index % len(same)]) // 2
            index += 1


def status(port):
    with urllib.request.urlopen(f"http://localhost:{port}/api/v1/status", timeout=10) as answer:
        return json.load(answer)["status"]


def main():
    binary, rows = os.path.realpath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 400
    for seed, (median, spread) in enumerate(((4, 0.5), (10, 1.0), (5, 1.6)), 1):
        draw = random.Random(seed)
        with tempfile.TemporaryDirectory(prefix="scriptorium-eta-") as folder:
            recording(f"{folder}/long.wav", 400)
            with open(f"{folder}/rows.jsonl", "w") as file:
                for _ in range(rows):
                    length = min(300, max(0.5, median * draw.lognormvariate(0, spread)))
                    file.write(json.dumps({"audio_filepath": "long.wav", "offset": round(draw.uniform(0, 90), 3),
                                           "duration": round(length, 3)}) + "\n")
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                port = listener.getsockname()[1]
            job = subprocess.Popen(
                [binary, "transcribe", "rows.jsonl", "--model", f"{ROOT}/models/digits-en", "-o", "out.jsonl",
                 "--threads", "1", "--http", str(port)], cwd=folder, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            expected = None
            while job.poll() is None:
                time.sleep(0.1)
                try:
                    now = status(port)
                except OSError:
                    continue
                if expected is None and "remaining_seconds" in now and \
                        now["audio_seconds_done"] >= 0.1 * now["audio_seconds"] > 0:
                    share = now["audio_seconds_done"] / now["audio_seconds"]
                    expected, at = now["remaining_seconds"], time.monotonic()
            if expected is None:
                print(f"median {median} s, spread {spread}: the job ended before a tenth was seen; give more rows")
                continue
            actual = time.monotonic() - at
            print(f"median {median} s, spread {spread}: after {100 * share:.0f} % of the audio {expected:.1f} s were "
                  f"expected and {actual:.1f} s were left: {100 * (expected / actual - 1):+.0f} %", flush=True)


if __name__ == "__main__":
    main()
