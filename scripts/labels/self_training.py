"""Self-training: the bundled model labels recordings that nobody wrote down, and the best labels train it further.

Makes an archive of strings in noise, in halls and of voices that were not calibrated on, and a test set of other strings of
the same kinds. Transcribes the archive, selects, and goes on training (models/digits-en/recipe/finetune.py) on all labels, on
the selected ones, on a random choice of as many hours, and, as a bound, on what was really said; each with equally many
updates, from several seeds. Reads the test set with each model. Nothing is chosen by the test set: --on development reads
other strings, by which rates and lengths of training may be tried.

Needs FOLDER/bed.calibration of measure.py. Writes FOLDER/self-training.md and FOLDER/self-training.svg. What is there already is not made again.

Usage: self_training.py SCRIPTORIUM MODEL FOLDER [--rows 700] [--tests 300] [--wer 5] [--updates 300] [--seeds 3]
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import make_bed
import pictures
from measure import edits, lines, run

KINDS = ["noise", "hall", "voices"]
FINETUNE = Path("models/digits-en/recipe/finetune.py")
# Numbers of strings, which are their seeds: no string is in two sets, nor in the bed (whose seed is another one).
STARTS = {"archive": 0, "test": 500_000, "development": 900_000}
SETS = ["all", "selected", "random", "all, as really said"]


def made(folder, name, count):
    """The manifest of `count` rows of each kind, their texts in `reference`."""
    manifest = folder / f"{name}.jsonl"
    if manifest.exists() and len(lines(manifest)) == count * len(KINDS):
        return manifest
    known = make_bed.recorded(Path("manifests/examples/digits.jsonl")) | make_bed.synthetic(make_bed.VOICES)
    held = make_bed.synthetic(make_bed.HELD_VOICES)
    text = []
    for kind in KINDS:
        voices = held if kind == "voices" else known
        for number in range(STARTS[name], STARTS[name] + count):
            rng = make_bed.generator(7, kind, number)
            voice = str(rng.choice(sorted(voices)))
            path, samples, said, _ = make_bed.render(kind, voices, voice, rng, folder / f"{kind}-{number}")
            make_bed.write_wave(path, samples)
            text.append(json.dumps({"audio_filepath": path.name, "reference": said, "speaker": voice, "domain": kind}))
    manifest.write_text("\n".join(text) + "\n")
    return manifest


def rates(rows):
    """Word error rates of pred_text: of all rows, and of each kind."""
    sums = {}
    for row in rows:
        words = row["reference"].split()
        for kind in ("all", row["domain"]):
            wrong, count = sums.get(kind, (0, 0))
            sums[kind] = wrong + edits(words, row["pred_text"].split()), count + len(words)
    return {kind: wrong / count for kind, (wrong, count) in sums.items()}


def hours(rows):
    return sum(row["duration"] for row in rows) / 3600


def drawn(rows, hours_wanted, seed):
    """Rows by chance, of so many hours."""
    kept, order = [], random.Random(seed).sample(rows, len(rows))
    while order and hours(kept) < hours_wanted:
        kept.append(order.pop())
    return kept


def told(values):
    """Mean and spread of several trainings."""
    values = [100 * value for value in values]
    return f"{np.mean(values):.1f} %" + (f" ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", default=sys.executable, help="with the packages of models/digits-en/recipe/requirements.txt")
    parser.add_argument("--rows", type=int, default=700, help="of each kind in the archive")
    parser.add_argument("--tests", type=int, default=300, help="of each kind in the test set")
    parser.add_argument("--wer", type=float, default=5)
    parser.add_argument("--updates", type=int, default=300)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each set")
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time")
    parser.add_argument("--on", choices=["test", "development"], default="test")
    parser.add_argument("--sets", nargs="*", choices=SETS, default=SETS)
    arguments = parser.parse_args()
    folder = arguments.folder / "self-training"
    folder.mkdir(parents=True, exist_ok=True)
    test = made(folder, arguments.on, arguments.tests)

    def read(manifest, model, out, *options):
        if not Path(f"{out}.report.json").exists():
            run(arguments.program, "transcribe", manifest, "--model", model, "--quiet", "-o", out, *options)
        return lines(out)

    archive = folder / "archive.out.jsonl"
    rows = read(made(folder, "archive", arguments.rows), arguments.model, archive, "--features")
    rows = [row for row in rows if row["pred_text"]]
    shutil.rmtree(folder / "selected", ignore_errors=True)
    table = run(arguments.program, "select", archive, "--calibration", arguments.folder / "bed.calibration",
                "--wer", f"{arguments.wer}%", "-o", folder / "selected")
    selected = lines(folder / "selected/selected.jsonl")

    def trained(name, seed):
        """The rows that were trained on, and the rates of the model that came of them."""
        chosen = {"selected": selected, "random": drawn(rows, hours(selected), seed)}.get(name, rows)
        stem = f"{name.replace(', ', '-').replace(' ', '-')}-{seed}-{arguments.updates}-{arguments.rate:g}"
        manifest, model = folder / f"{stem}.train.jsonl", folder / f"{stem}.model"
        manifest.write_text("".join(json.dumps(row) + "\n" for row in chosen))
        if not (model / "model.safetensors").exists():
            text = "reference" if name == "all, as really said" else "pred_text"
            print(stem + "\n" + run(arguments.python, FINETUNE, arguments.model, manifest, model, "--text", text, "--seed", seed,
                                    "--updates", arguments.updates, "--rate", arguments.rate), flush=True)
        return chosen, rates(read(test, model, folder / f"{stem}.{arguments.on}.jsonl"))

    head = ["trained on", "rows", "hours", "WER of the labels", "WER of the test", *KINDS]
    figures = ["```", table.split("\n\n")[0].strip(), "```", ""]
    figures += ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    before = rates(read(test, arguments.model, folder / f"bundled.{arguments.on}.jsonl"))
    figures.append("| nothing (the bundled model) | | | | " + " | ".join(told([before[kind]]) for kind in ("all", *KINDS)) + " |")
    drawing = [("the bundled model", [100 * before["all"]])]
    seeds = range(1, arguments.seeds + 1)
    with ThreadPoolExecutor(arguments.jobs) as pool:
        # Seed by seed, so that what is there after a while is whole.
        results = {(name, seed): pool.submit(trained, name, seed) for seed in seeds for name in arguments.sets}
        for name in arguments.sets:
            several = [results[name, seed].result() for seed in seeds]
            drawing.append((name, [100 * rate["all"] for _, rate in several]))
            labels = [0 if name == "all, as really said" else rates(chosen)["all"] for chosen, _ in several]
            figures.append(
                f"| {name} | {np.mean([len(chosen) for chosen, _ in several]):.0f} | {np.mean([hours(chosen) for chosen, _ in several]):.2f} | "
                f"{100 * np.mean(labels):.1f} % | " + " | ".join(told([rate[kind] for _, rate in several]) for kind in ("all", *KINDS)) + " |")
    text = "\n".join(figures) + "\n"
    stem = "self-training" if arguments.on == "test" else "self-training-development"
    (arguments.folder / f"{stem}.md").write_text(text)
    (arguments.folder / f"{stem}.svg").write_text(pictures.bars(drawing))
    print(text)


if __name__ == "__main__":
    main()
