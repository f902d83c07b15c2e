#!/usr/bin/env python3
"""How wrong the expected end of a job is: eta.py SCRIPTORIUM [ROWS] [--fleet ROWS].

After a tenth of the audio, in jobs of mixed lengths; and, with --fleet and so many rows that the job takes some minutes,
a minute after a second worker has come, and one after it has left.

The recordings are spans of one file of digits, of lengths from a second to minutes. On a machine that does other work
at the same time, that work is in the error.
"""

import argparse
import json
import os
import random
import socket
import subprocess
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


def write_job(folder, rows, median, spread, draw):
    """A manifest of spans of one recording, in lengths that are spread so."""
    recording(f"{folder}/long.wav", 400)
    with open(f"{folder}/rows.jsonl", "w") as file:
        for _ in range(rows):
            length = min(300, max(0.5, median * draw.lognormvariate(0, spread)))
            file.write(json.dumps({"audio_filepath": "long.wav", "offset": round(draw.uniform(0, 90), 3),
                                   "duration": round(length, 3)}) + "\n")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def await_share(port, share):
    """Waits until so much of the audio is done."""
    while True:
        time.sleep(0.2)
        try:
            now = status(port)
        except OSError:
            continue
        if now["audio_seconds_done"] >= share * now["audio_seconds"] > 0:
            return


def changing_fleet(binary, rows):
    """Expected and actual seconds, a minute after a worker has come and after it has left."""
    model = ["--model", f"{ROOT}/models/digits-en"]
    for leaves in (False, True):
        with tempfile.TemporaryDirectory(prefix="scriptorium-eta-") as folder:
            write_job(folder, rows, 10, 1.0, random.Random(7))
            port, place, quiet = free_port(), f"ipc://{folder}/job", dict(
                cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            job = subprocess.Popen(
                [binary, "coordinate", "rows.jsonl", *model, "-o", "out.jsonl", "--listen", place, "--http", str(port)],
                **quiet)
            work = [binary, "work", "--connect", place, "--threads", "1", *model]
            workers = [subprocess.Popen(work, **quiet) for _ in range(2 if leaves else 1)]
            await_share(port, 0.2)
            if leaves:
                workers[1].terminate()
                workers[1].wait()
            else:
                workers.append(subprocess.Popen(work, **quiet))
            time.sleep(60)
            if job.poll() is not None:
                print("the job ended within a minute; give more rows")
                continue
            expected, at = status(port)["remaining_seconds"], time.monotonic()
            job.wait()
            actual = time.monotonic() - at
            for worker in workers:
                worker.wait()
            print(f"a minute after a worker has {'left' if leaves else 'come'}, {expected:.1f} s were expected and "
                  f"{actual:.1f} s were left: {100 * (expected / actual - 1):+.0f} %", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("binary")
    parser.add_argument("rows", type=int, nargs="?", default=400)
    parser.add_argument("--fleet", type=int, metavar="ROWS", help="look at a fleet that changes instead")
    options = parser.parse_args()
    binary, rows = os.path.realpath(options.binary), options.rows
    if options.fleet:
        return changing_fleet(binary, options.fleet)
    for seed, (median, spread) in enumerate(((4, 0.5), (10, 1.0), (5, 1.6)), 1):
        with tempfile.TemporaryDirectory(prefix="scriptorium-eta-") as folder:
            write_job(folder, rows, median, spread, random.Random(seed))
            port = free_port()
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
