"""Makes digits.jsonl and its audio from the spoken-digit test recordings.

    python make_examples.py ../../../shared/speech

Single digits and the "one two three" files are copied as they are; strings are joined from single test digits with gaps of
faint noise. Needs numpy, soundfile and soxr.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr

HERE = Path(__file__).parent
SPEAKERS = ["george", "jackson", "nicolas", "theo"]
DIGITS = ["ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"]
UBERI = ["audio-mono-16-bit-44100Hz.aiff", "audio-mono-8-bit-44100Hz.wav", "audio-stereo-16-bit-44100Hz.flac"]
KEPT = ["duration", "text", "speaker", "licence", "source"]
# name, rate, speakers, digits or seconds to fill, shortest and longest gap in seconds
STRINGS = [
    ("string_george_8k.flac", 8000, ["george"], "4 0 7 1 9", 0.1, 0.4),
    ("string_jackson_16k.wav", 16000, ["jackson"], "5 5 8 2", 0.1, 0.3),
    ("string_nicolas_16k.flac", 16000, ["nicolas"], "3 1 4 1 5 9 2 6", 0.1, 0.5),
    ("string_theo_8k.flac", 8000, ["theo"], "6 9 0 3 8 7", 0.2, 0.6),
    ("string_pauses_22k.flac", 22050, ["jackson"], "2 8 6 0", 1.0, 3.0),
    ("string_voices_16k.flac", 16000, SPEAKERS, "0 1 2 3 4 5 6 7 8 9", 0.2, 0.5),
    ("long_string_16k.flac", 16000, SPEAKERS, 68.0, 0.1, 0.9),
]


def main(speech):
    audio = HERE / "audio"
    audio.mkdir(exist_ok=True)
    rows = {Path(row["audio_filepath"]).name: row for row in map(json.loads, (speech / "manifest.jsonl").read_text().splitlines())}
    examples = []

    def add(name, row, **more):
        facts = {key: row[key] for key in KEPT} | more
        facts["duration"] = round(soundfile.info(audio / name).duration, 6)
        examples.append({"audio_filepath": f"audio/{name}", **facts})

    for digit in range(10):
        for take in range(3):
            name = f"{digit}_{SPEAKERS[(digit + take) % 4]}_{take}.wav"
            shutil.copyfile(speech / rows[name]["audio_filepath"], audio / name)
            add(name, rows[name])
    for name in UBERI:
        shutil.copyfile(speech / rows[name]["audio_filepath"], audio / name)
        add(name, rows[name])
    rng = np.random.default_rng(7)
    for name, rate, speakers, content, gap_min, gap_max in STRINGS:
        samples, used = string(rng, speech, rows, rate, speakers, content, gap_min, gap_max)
        soundfile.write(audio / name, samples, rate, subtype="PCM_16")
        text = " ".join(row["text"] for row in used)
        source = f"joined from {len(used)} recordings of " + used[0]["source"].split(":")[0]
        speaker = f"fsdd-{speakers[0]}" if len(speakers) == 1 else "fsdd (four voices)"
        add(name, used[0], text=text, source=source, speaker=speaker, converted=True)
    (HERE / "digits.jsonl").write_text("".join(json.dumps(row) + "\n" for row in examples))


def string(rng, speech, rows, rate, speakers, content, gap_min, gap_max):
    """Samples at `rate` and the manifest rows of the joined recordings."""
    pieces, used = [], []

    def gap():
        pieces.append(np.zeros(int(rate * rng.uniform(gap_min, gap_max))))

    def wanted():
        if isinstance(content, str):
            yield from map(int, content.split())
        else:
            while sum(map(len, pieces)) < content * rate:
                yield int(rng.integers(10))

    gap()
    for digit in wanted():
        row = rows[f"{digit}_{rng.choice(speakers)}_{rng.integers(5)}.wav"]
        samples, clip_rate = soundfile.read(speech / row["audio_filepath"])
        pieces.append(levelled(soxr.resample(samples, clip_rate, rate, quality="VHQ")))
        used.append(row)
        gap()
    samples = np.concatenate(pieces)
    return (samples + 1e-4 * rng.standard_normal(len(samples))).clip(-1, 1), used


def levelled(samples, rms=0.08):
    return samples * (rms / np.sqrt(np.mean(samples**2)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
