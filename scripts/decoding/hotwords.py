#!/usr/bin/env python3
"""How much hotwords help in noise: strings of bundled digits, of which three are the row's name.

Usage: hotwords.py SCRIPTORIUM FOLDER   (needs numpy)

Rows have eight digits of one voice; the name is three of them in a row. Each level of noise is decoded with
no hotwords, with the row's own name, with a name that was not said, and with twenty names of which one was said.
Prints a table for docs/decoding.md.
"""
import json
import random
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np

RATE = 16_000
ROWS = 300
LEVELS = [20, 10, 5, 0]
WORDS = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()


def clips(manifest: Path) -> dict[str, dict[str, list[np.ndarray]]]:
    """Recordings of single digits, by voice and word."""
    found: dict[str, dict[str, list[np.ndarray]]] = {}
    for line in manifest.read_text().splitlines():
        row = json.loads(line)
        if row.get("text") not in WORDS or not row["audio_filepath"].endswith(".wav"):
            continue
        with wave.open(str(manifest.parent / row["audio_filepath"])) as file:
            if file.getnchannels() != 1 or file.getsampwidth() != 2:
                continue
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
            rate = file.getframerate()
        places = np.arange(0, len(samples), rate / RATE)
        samples = np.interp(places, np.arange(len(samples)), samples)
        found.setdefault(row["speaker"], {}).setdefault(row["text"], []).append(samples)
    return found


def write(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def holds(words: list[str], name: list[str]) -> bool:
    return any(words[i : i + 3] == name for i in range(len(words) - 2))


def make(folder: Path, source: Path) -> list[dict]:
    """The rows, one recording for each level of noise."""
    generator = random.Random(1)
    noise = np.random.default_rng(1)
    voices = {name: words for name, words in clips(source).items() if len(words) >= 6}
    rows = []
    for number in range(ROWS):
        voice = voices[generator.choice(sorted(voices))]
        words = [generator.choice(sorted(voice)) for _ in range(8)]
        start = generator.randrange(6)
        name = words[start : start + 3]
        parts = [np.zeros(int(0.3 * RATE))]
        for word in words:
            parts += [
                generator.choice(voice[word]),
                np.zeros(int(generator.uniform(0.05, 0.25) * RATE)),
            ]
        samples = np.concatenate(parts)
        samples *= 0.1 / np.sqrt(np.mean(samples**2))
        for level in LEVELS:
            noisy = samples + noise.normal(0, 0.1 * 10 ** (-level / 20), len(samples))
            write(folder / f"{number}.{level}.wav", noisy)
        others: list[list[str]] = []
        while len(others) < 19:
            other = [generator.choice(WORDS) for _ in range(3)]
            if not holds(words, other):
                others.append(other)
        rows.append({"number": number, "words": words, "name": name, "others": others})
    return rows


def errors(reference: list[str], read: list[str]) -> int:
    costs = list(range(len(read) + 1))
    for i, word in enumerate(reference, 1):
        last, costs[0] = costs[0], i
        for j, other in enumerate(read, 1):
            last, costs[j] = costs[j], min(costs[j] + 1, costs[j - 1] + 1, last + (word != other))
    return costs[-1]


def trial(scriptorium: str, folder: Path, rows: list[dict], level: int, kind: str) -> list[str]:
    lists = {
        "none": lambda row: [],
        "its own": lambda row: [row["name"]],
        "another": lambda row: row["others"][:1],
        "twenty": lambda row: [row["name"], *row["others"]],
    }
    manifest = folder / f"{level}.{kind.replace(' ', '-')}.jsonl"
    with manifest.open("w") as file:
        for row in rows:
            hotwords = [" ".join(name) for name in lists[kind](row)]
            file.write(
                json.dumps(
                    {"audio_filepath": f"{row['number']}.{level}.wav", "hotwords": hotwords}
                )
                + "\n"
            )
    output = manifest.with_suffix(".out.jsonl")
    subprocess.run(
        [scriptorium, "transcribe", manifest, "--model", "models/digits-en", "-o", output]
        + ["--decoder", "beam", "--hotwords-field", "hotwords", "--quiet", "--overwrite"],
        check=True,
    )
    records = [json.loads(line) for line in output.read_text().splitlines()]
    wrong = sum(errors(row["words"], record["pred_text"].split()) for row, record in zip(rows, records))
    named = sum(holds(record["pred_text"].split(), row["name"]) for row, record in zip(rows, records))
    false = sum(holds(record["pred_text"].split(), row["others"][0]) for row, record in zip(rows, records))
    total = sum(len(row["words"]) for row in rows)
    return [
        f"{level} dB", kind, f"{100 * wrong / total:.1f} %", f"{100 * named / len(rows):.0f} %",
        f"{100 * false / len(rows):.1f} %",
    ]


def main() -> None:
    scriptorium, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    rows = make(folder, Path("manifests/examples/digits.jsonl"))
    print("| noise below speech | hotwords | words wrong | name read | other name read |")
    print("| --- | --- | ---: | ---: | ---: |")
    for level in LEVELS:
        for kind in ["none", "its own", "another", "twenty"]:
            print("| " + " | ".join(trial(scriptorium, folder, rows, level, kind)) + " |", flush=True)


if __name__ == "__main__":
    main()
