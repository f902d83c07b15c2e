"""A large output with features, for measuring how long choosing takes: FOLDER/large.jsonl and its features.

Rows are like those of an archive of short utterances (some 220 bytes, and 350 of features), without word times. Texts and
numbers repeat after 4,096 rows, which no part of choosing but --duplicates looks at; names of recordings do not, and
there are 50,000 speakers. The same seed gives the same bytes.

Usage: make_large_output.py FOLDER [--rows 10000000] [--seed 1]
"""

import argparse
import random
from pathlib import Path

KINDS = 4096
SPEAKERS = 50_000
WORDS = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()


def kind(rng):
    """The rest of a record, and of a line of features."""
    text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(8, 24)))
    doubt = rng.random() ** 3 / 8
    seconds = len(text.split()) * rng.uniform(0.3, 0.6)
    record = (
        f'"duration":{seconds:.6f},"pred_text":"{text}","confidence":{1 - min(0.9, 4 * doubt):.4f},"status":"transcribed"' + "}\n"
    )
    features = (
        f'"status":"transcribed","mean_posterior":{1 - doubt:.6f},"least_posterior":{rng.uniform(0.4, 0.9):.6f},'
        f'"mean_margin":{1 - 1.6 * doubt:.6f},"least_margin":{rng.uniform(0, 0.5):.6f},"mean_entropy":{2.5 * doubt:.6f},'
        f'"greatest_entropy":{rng.uniform(0.5, 1.4):.6f},"blank_share":{rng.uniform(0.7, 0.9):.6f},'
        f'"symbols_per_second":{len(text) / seconds:.4f},"repetition":{rng.uniform(0, 0.2):.6f},'
        f'"silence_share":{rng.uniform(0, 0.4):.6f},"clipped_share":0.000000,"level_dbfs":{rng.uniform(-40, -12):.2f},'
        f'"bandwidth_hz":{rng.randint(3000, 8000)}' + "}\n"
    )
    return record, features


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    kinds = [kind(rng) for _ in range(KINDS)]
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = arguments.folder / "large.jsonl"
    with open(path, "w") as output, open(f"{path}.features.jsonl", "w") as features:
        for row in range(arguments.rows):
            record, numbers = kinds[row % KINDS]
            output.write(f'{{"audio_filepath":"archive/{row % 1000:03d}/{row:08d}.flac","speaker":"s{row % SPEAKERS}",{record}')
            features.write(f'{{"row":{row},{numbers}')
    print(f"{path}: {arguments.rows} rows, {path.stat().st_size >> 20} MiB and {Path(f'{path}.features.jsonl').stat().st_size >> 20} MiB")


if __name__ == "__main__":
    main()
