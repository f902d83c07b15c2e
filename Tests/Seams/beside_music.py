"""Writes rows of spoken digits with music close to them, for models/digits-en/recipe/finetune.py.

The bundled model never heard music, and misreads words of a window that has some. Windows of `--chunk speech` have: of a recording
in which music closes in on a phrase, a part of a second on each side. A model that goes on learning on these rows knows such windows, and
`archive.py --model` measures what it makes of a broadcast:

    python3 Tests/Seams/beside_music.py RECORDINGS.jsonl ROWS
    python3 models/digits-en/recipe/finetune.py models/digits-en ROWS/rows.jsonl TUNED --updates 1500
    python3 Tests/Seams/archive.py --words 0 --hours 0 --model TUNED

RECORDINGS are single digits of people at 8 kHz that the bed does not use (those that the bundled model was trained on). The music is of
other bars than the bed's. The same seed gives the same samples.
"""

import argparse
import json
import os

from recordings import RATE, load_clips
from scenes import Sounds, Tape, scaled


def row(tape):
    """One or two phrases as a window has them: music, silence or another voice before, between and behind, or music below."""
    chance, sounds = tape.random, tape.sounds
    is_under = chance.random() < 0.15
    tape.silence(0.02)
    for number in range(chance.choice((1, 1, 2))):
        between(tape, is_quiet=is_under, is_edge=number == 0)
        tape.phrase("phrase", chance.randint(2, 7))
    between(tape, is_quiet=is_under, is_edge=True)
    if is_under:
        tape.over(0, sounds.music(chance, len(tape)), 10 ** (-chance.uniform(12, 26) / 20))
    return " ".join(word for phrase in tape.phrases for word in phrase.words)


def between(tape, is_quiet, is_edge):
    """What stands between phrases; at the edge of a window there is little of it."""
    chance = tape.random
    kind = "silence" if is_quiet else chance.choices(["music", "silence", "voice"], [5, 3, 1])[0]
    # Music closes in up to the sample, or leaves a pause.
    before, behind = (chance.choice((0, 0, chance.uniform(0, 0.8))) for _ in range(2))
    if kind == "silence":
        tape.silence(chance.uniform(0.1, 0.9))
    elif kind == "music":
        music = scaled(
            tape.sounds.music(chance, round(chance.uniform(0.05, 1.2 if is_edge else 4) * RATE)), chance.uniform(0.3, 1.2))
        tape.silence(before)
        # Windows begin anywhere in a bar.
        tape.samples.extend(music[chance.randrange(len(music) // 2):])
        tape.silence(behind)
    else:
        tape.silence(0.6)
        # Backwards, digits are no words.
        tape.samples.extend(tape.spoken(chance.randint(1, 5))[0][::-1])
        tape.silence(0.6)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", help="a manifest of single digits with `text`")
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--clips", type=int, default=400, help="recordings that are used")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    clips, sounds = load_clips(options.recordings, options.clips), Sounds(seed=options.seed + 100)
    os.makedirs(options.folder, exist_ok=True)
    with open(os.path.join(options.folder, "rows.jsonl"), "w") as manifest:
        for number in range(options.rows):
            tape = Tape(clips, sounds, options.seed * 1_000_000 + number)
            text = row(tape)
            name = f"{number:05d}.wav"
            tape.write(os.path.join(options.folder, name))
            manifest.write(json.dumps({"audio_filepath": name, "text": text, "duration": len(tape) / RATE}) + "\n")


if __name__ == "__main__":
    main()
