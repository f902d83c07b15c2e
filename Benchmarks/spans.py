"""What many short spans of one long recording cost, beside one decode of it, in each format.

Processor time, user and system, of `scriptorium verify --audio --sample 0` and of the ffmpeg processes
that it starts: it decodes and computes nothing. Python 3.9 or newer and ffmpeg; nothing to install.
"""

import argparse
import glob
import json
import os
import random
import statistics
import subprocess
import wave

FORMATS = {
    "flac": ["-c:a", "flac"],
    "mp3": ["-c:a", "libmp3lame", "-b:a", "48k"],
    "opus": ["-c:a", "libopus", "-b:a", "24k"],
    "ogg": ["-c:a", "libvorbis", "-q:a", "2"],
    "m4a": ["-c:a", "aac", "-b:a", "48k"],
    "aac": ["-c:a", "aac", "-b:a", "48k"],
}
RATE = 16_000


def ffmpeg(*arguments, **more):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments]
    return subprocess.run(command, check=True, **more)


def make_recording(clips, seconds, path):
    """Clips in random order, without an end, as 16-bit WAV."""
    spoken = [
        ffmpeg("-i", clip, "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-", stdout=subprocess.PIPE).stdout
        for clip in sorted(glob.glob(os.path.join(clips, "*.wav")))
    ]
    chance = random.Random(1)
    left = int(seconds * RATE) * 2
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        while left > 0:
            piece = chance.choice(spoken)[:left]
            out.writeframes(piece)
            left -= len(piece)


def processor_seconds(command):
    """Of the process and of all that it waited for."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--scriptorium", default=os.path.join(root, ".build/release/scriptorium"))
    parser.add_argument("--clips", default=os.path.join(root, "manifests/examples/audio"))
    parser.add_argument("--folder", default="/tmp/scriptorium-spans", help="where recordings are made and kept")
    parser.add_argument("--hours", type=float, default=3)
    parser.add_argument("--spans", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=4, help="length of a span, half to one and a half of it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--formats", nargs="+", default=list(FORMATS), choices=list(FORMATS))
    options = parser.parse_args()

    os.makedirs(options.folder, exist_ok=True)
    length = options.hours * 3_600
    name = os.path.join(options.folder, f"{options.hours:g}h")
    chance = random.Random(2)
    spans = []
    for _ in range(options.spans):
        duration = round(options.seconds * chance.uniform(0.5, 1.5), 3)
        spans.append((round(chance.uniform(0, length - duration - 1), 3), duration))

    print("| format | one decode, s | all spans, s | ratio |")
    print("|---|---:|---:|---:|")
    for extension in options.formats:
        recording = f"{name}.{extension}"
        if not os.path.exists(recording):
            if not os.path.exists(f"{name}.wav"):
                make_recording(options.clips, length, f"{name}.wav")
            ffmpeg("-i", f"{name}.wav", *FORMATS[extension], f"{name}.part.{extension}")
            os.rename(f"{name}.part.{extension}", recording)
        rows = {
            "whole": [{"audio_filepath": recording}],
            "spans": [dict(audio_filepath=recording, offset=o, duration=d) for o, d in spans],
        }
        commands = {}
        for kind, lines in rows.items():
            manifest = f"{name}.{extension}.{kind}.jsonl"
            output = f"{name}.{extension}.{kind}.out.jsonl"
            with open(manifest, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
            for leftover in glob.glob(glob.escape(output) + "*"):
                if os.path.isfile(leftover):
                    os.remove(leftover)
            subprocess.run(
                [options.scriptorium, "transcribe", manifest, "-o", output],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            commands[kind] = [options.scriptorium, "verify", output, "--sample", "0", "--audio"]
        # In turn, so that both see the same machine.
        times = {kind: [] for kind in commands}
        for _ in range(options.rounds):
            for kind, command in commands.items():
                times[kind].append(processor_seconds(command))
        whole, part = (statistics.median(times[kind]) for kind in ("whole", "spans"))
        print(f"| {extension} | {whole:.2f} | {part:.2f} | {part / whole:.2f} |", flush=True)


if __name__ == "__main__":
    main()
