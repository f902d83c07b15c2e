#!/usr/bin/env python3
"""An engine slowed down to a fraction of real time, on a long row: nobody may take it for one that hangs.

    slow.py [--speed 0.5] [--threads 1] [--model MODEL] AUDIO...

Transcribes AUDIO with one worker whose process gets only so much time (stopped and continued each half second) that it
computes about SPEED seconds of audio in a second, as measured by a first, short run of AUDIO's beginning at full speed.
Right is: exit 0, every row transcribed, no worker lost and no row suspected. SPEED 0.5 on ten minutes takes twenty.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.environ.get("SCRIPTORIUM_BUILD", str(REPOSITORY / ".build" / "release"))
PROGRAM = pathlib.Path(BUILD) / "scriptorium"
PERIOD_SECONDS = 0.5
MEASURED_SECONDS = 60


def command(options, inputs, output):
    model = ["--model", options.model] if options.model else []
    return [str(PROGRAM), "transcribe", *inputs, *model, "-o", output, "--workers", "1", "--threads", str(options.threads)]


def report(output):
    with open(output + ".report.json", encoding="utf-8") as file:
        return json.load(file)


def workers_of(process):
    children = []
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        try:
            children += (task / "children").read_text().split()
        except OSError:
            pass
    return [int(child) for child in children]


def full_speed(options, folder):
    """Seconds of audio in a second of processor time."""
    clip = os.path.join(folder, "clip.wav")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", options.audio[0], "-t", str(MEASURED_SECONDS), "-ac", "1", clip],
                   check=True)
    output = os.path.join(folder, "clip.jsonl")
    began = os.times()
    subprocess.run(command(options, [clip], output), check=True, stderr=subprocess.DEVNULL)
    ended = os.times()
    used = ended.children_user + ended.children_system - began.children_user - began.children_system
    with open(output, encoding="utf-8") as file:
        return json.loads(file.readline())["duration"] / used


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--model")
    parser.add_argument("audio", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speed = full_speed(options, folder)
        share = min(1.0, options.speed / speed)
        print(f"full speed {speed:.1f}, so the worker gets {100 * share:.2f} % of the time", flush=True)
        output = os.path.join(folder, "out.jsonl")
        began = time.monotonic()
        job = subprocess.Popen(command(options, options.audio, output))
        while job.poll() is None:
            workers = workers_of(job.pid)
            for worker in workers:
                os.kill(worker, signal.SIGCONT)
            time.sleep(PERIOD_SECONDS * share)
            for worker in workers:
                try:
                    os.kill(worker, signal.SIGSTOP)
                except ProcessLookupError:
                    pass
            time.sleep(PERIOD_SECONDS * (1 - share))
        seconds = time.monotonic() - began
        events = [event for event in report(output)["events"] if event["kind"] in ("worker_lost", "row_suspected")]
        with open(output, encoding="utf-8") as file:
            statuses = [json.loads(line)["status"] for line in file]
        print(f"exit {job.returncode} after {seconds:.0f} s, rows {statuses}, losses {events}")
        return 0 if job.returncode == 0 and not events else 1


if __name__ == "__main__":
    sys.exit(main())
