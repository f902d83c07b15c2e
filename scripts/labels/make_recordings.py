"""Long recordings of spoken digits, for trying how a folder of audio becomes a corpus; and what was said in a row of them.

Each recording is of one voice (those of make_bed.py) with noise of its own: strings of digits with pauses between them, some minutes
long. FOLDER/spoken.jsonl says when each word is said, which nobody knows of a real archive. With --write-down, rows of a
manifest that are spans of these recordings get what is said in them as `text`: what a person would have to listen to.
The same seed gives the same samples.

Usage: make_recordings.py FOLDER [--recordings 20] [--minutes 4] [--seed 1]
       make_recordings.py FOLDER --write-down ROWS.jsonl -o DEV.jsonl
Needs espeak-ng, and numpy.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import make_bed
from make_bed import RATE


def recording(voice, rng, minutes):
    """Samples, and words with their times."""
    parts, words, length = [], [], 0

    def add(samples):
        nonlocal length
        parts.append(samples)
        length += len(samples)

    while length < minutes * 60 * RATE:
        for _ in range(rng.integers(2, 10)):
            word = str(rng.choice(sorted(voice)))
            clip = voice[word][rng.integers(len(voice[word]))]
            start = length / RATE
            add(clip * 10 ** (rng.uniform(-3, 3) / 20))
            words.append({"word": word, "start": round(start, 3), "end": round(length / RATE, 3)})
            add(np.zeros(int(RATE * rng.uniform(0.05, 0.4))))
        add(np.zeros(int(RATE * rng.uniform(0.6, 1.6))))
    samples = np.concatenate(parts)
    samples = make_bed.with_noise(samples, make_bed.noise(len(samples), rng), rng.uniform(2, 25))
    return make_bed.levelled(samples, 10 ** (rng.uniform(-32, -16) / 20)), words


def make(folder, count, minutes, seed):
    folder.mkdir(parents=True, exist_ok=True)
    voices = make_bed.synthetic(make_bed.VOICES + make_bed.HELD_VOICES)
    names = sorted(voices)
    with open(folder / "spoken.jsonl", "w") as spoken:
        for number in range(count):
            rng = make_bed.generator(seed, "recording", number)
            samples, words = recording(voices[names[number % len(names)]], rng, minutes)
            path = folder / f"recording-{number:03d}.wav"
            make_bed.write_wave(path, samples)
            spoken.write(json.dumps({"recording": path.name, "words": words}) + "\n")
    print(f"{count} recordings of {minutes:g} minutes in {folder}")


def write_down(folder, rows, output):
    """A word is of the row in which its middle lies."""
    spoken = {}
    for line in (folder / "spoken.jsonl").read_text().splitlines():
        entry = json.loads(line)
        spoken[entry["recording"]] = entry["words"]
    count = 0
    with open(output, "w") as file:
        for line in rows.read_text().splitlines():
            row = json.loads(line)
            start = row.get("offset") or 0
            said = [
                word["word"] for word in spoken[Path(row["audio_filepath"]).name]
                if start <= (word["start"] + word["end"]) / 2 < start + row["duration"]
            ]
            kept = {name: row[name] for name in ("audio_filepath", "offset", "duration") if name in row}
            file.write(json.dumps(kept | {"text": " ".join(said)}) + "\n")
            count += 1
    print(f"{output}: {count} rows")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--recordings", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write-down", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    if arguments.write_down:
        if not arguments.output:
            parser.error("say with -o where the rows go")
        write_down(arguments.folder, arguments.write_down, arguments.output)
    else:
        make(arguments.folder, arguments.recordings, arguments.minutes, arguments.seed)


if __name__ == "__main__":
    main()
