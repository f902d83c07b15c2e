"""Measures calibration and selection on the bed of make_bed.py, and writes FOLDER/figures.md and FOLDER/curves.svg.

Transcribes each manifest with features and log-probabilities, calibrates on calibrating.jsonl, and reports for
each test domain: the word error rate that is expected and measured of what --wer keeps, the expected calibration
error, and areas under the risk-coverage curve against confidence measures that are computed here from the same
log-probabilities (the entropy methods of NeMo, by Laptev and Ginsburg 2022, with their aggregations).

Usage: measure.py SCRIPTORIUM MODEL FOLDER [--wer 5] [--resamples 200]
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

import pictures

DOMAINS = ["fresh", "babble", "hall", "opus", "hurried", "voices"]


def run(*command, may_refuse=False):
    """What a command prints; None where it may refuse and does."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if may_refuse and result.returncode == 64 and "is other speech than" in result.stderr:
        return None
    if result.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(map(str, command))}: {result.stderr}")
    return result.stdout


def lines(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def edits(reference, hypothesis):
    row = list(range(len(hypothesis) + 1))
    for i, word in enumerate(reference, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(hypothesis, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def area(doubts, errors, words):
    """Under the risk-coverage curve; rows of equal doubt together."""
    order = np.argsort(doubts, kind="stable")
    doubts, errors, words = doubts[order], errors[order], words[order]
    ends = np.append(np.flatnonzero(np.diff(doubts)), len(doubts) - 1)
    wrong, covered = np.cumsum(errors)[ends], np.cumsum(words)[ends]
    risk = wrong / covered
    return float(np.sum((np.append(risk[:1], risk[:-1]) + risk) / 2 * np.diff(np.append(0, covered))) / covered[-1])


def calibration_error(said, errors, words, bins=15):
    place = np.minimum(bins - 1, (np.clip(said, 0, 1) * bins).astype(int))
    return sum(abs(np.sum((said * words - errors)[place == bin])) for bin in range(bins)) / words.sum()


def frame_measures(logs, alpha):
    """Per frame, from 0 (unsure) to 1: NeMo's entropies with both normalisations."""
    p = np.exp(logs)
    classes = logs.shape[1]
    powers = np.sum(p**alpha, axis=1)
    gibbs = -np.sum(p * logs, axis=1)
    greatest = classes ** (1 - alpha)
    tsallis = (powers - 1) / (1 - alpha)
    tsallis_most = (greatest - 1) / (1 - alpha)
    renyi = np.log2(powers) / (1 - alpha)
    renyi_most = np.log2(classes)
    return {
        "max_prob": (np.max(p, axis=1) * classes - 1) / (classes - 1),
        "gibbs lin": 1 - gibbs / np.log(classes),
        "gibbs exp": (np.exp(-gibbs) * classes - 1) / (classes - 1),
        "tsallis lin": 1 - tsallis / tsallis_most,
        "tsallis exp": (np.exp(tsallis_most - tsallis) - 1) / (np.exp(tsallis_most) - 1),
        "renyi lin": 1 - renyi / renyi_most,
        "renyi exp": (2 ** (renyi_most - renyi) - 1) / (classes - 1),
    }


AGGREGATIONS = {"mean": np.mean, "min": np.min, "prod": lambda values: float(np.exp(np.sum(np.log(np.maximum(values, 1e-9)))))}


def baselines(folder, count, blank):
    """Row by row, each measure and aggregation over the frames whose best class is not the blank."""
    result = {}
    for row in range(count):
        path = folder / f"{row}.npy"
        logs = np.load(path).astype(np.float64) if path.exists() else np.full((1, 2), np.log(0.5))
        frames = logs[np.argmax(logs, axis=1) != blank]
        if not len(frames):
            frames = logs[:1]
        for alpha in (1 / 3, 0.5):
            for name, values in frame_measures(frames, alpha).items():
                if alpha != 1 / 3 and name.split()[0] in ("max_prob", "gibbs"):
                    continue
                label = name if name.split()[0] in ("max_prob", "gibbs") else f"{name} α={alpha:.2f}"
                for aggregation, function in AGGREGATIONS.items():
                    result.setdefault(f"{label} {aggregation}", []).append(1 - float(function(values)))
    return {name: np.array(values) for name, values in result.items()}


def measured(rows):
    """Errors and words of each row."""
    pairs = [(row["text"].split(), row["pred_text"].split()) for row in rows]
    return np.array([edits(*pair) for pair in pairs], float), np.array([len(pair[0]) for pair in pairs], float)


class Bed:
    def __init__(self, arguments):
        self.program, self.model, self.folder = arguments.program, arguments.model, arguments.folder

    def transcribe(self, name):
        out = self.folder / f"{name}.out.jsonl"
        (self.folder / "logits").mkdir(exist_ok=True)
        if not out.exists():
            run(self.program, "transcribe", self.folder / f"{name}.jsonl", "--model", self.model, "--features",
                "--save-logits", self.folder / "logits" / name, "--quiet", "-o", out)
        return out

    def select(self, out, *options, name, may_refuse=False):
        """Kept rows and their point of the curve; None where select refuses to go by the calibration."""
        folder = self.folder / f"chosen-{name}"
        subprocess.run(["rm", "-rf", str(folder)], check=True)
        command = ["select", out, "--calibration", self.folder / "bed.calibration", "-o", folder, *options]
        if run(self.program, *command, may_refuse=may_refuse) is None:
            return None
        return lines(folder / "selected.jsonl"), json.loads((folder / "card.json").read_text())["kept"]


def surest_first(rows):
    """Hours and measured error rate of the surest rows, for each number of them."""
    errors, words = measured(rows)
    order = np.argsort([row["expected_wer"] for row in rows], kind="stable")
    hours = np.cumsum([rows[place]["duration"] for place in order]) / 3600
    return list(zip(hours.tolist(), (np.cumsum(errors[order]) / np.cumsum(words[order])).tolist()))


def resampled(bed, out, wer, count, size=300):
    """How often the interval of what is kept holds the measured rate, over rows drawn with replacement."""
    text, features = Path(out).read_text().splitlines(), Path(f"{out}.features.jsonl").read_text().splitlines()
    rng, inside, seen, refused = np.random.default_rng(1), 0, 0, 0
    path = bed.folder / "resampled.jsonl"
    for _ in range(count):
        rows = rng.integers(0, len(text), min(size, len(text)))
        path.write_text("\n".join(text[row] for row in rows) + "\n")
        numbered = ['{"row":%d' % place + features[row][features[row].index(",") :] for place, row in enumerate(rows)]
        Path(f"{path}.features.jsonl").write_text("\n".join(numbered) + "\n")
        chosen = bed.select(path, "--wer", f"{wer}%", name="resampled", may_refuse=True)
        if chosen is None:
            refused += 1
        elif chosen[0]:
            kept, point = chosen
            errors, words = measured(kept)
            seen += 1
            inside += point["low"] <= errors.sum() / words.sum() <= point["high"]
    return inside, seen, refused


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wer", type=float, default=5)
    parser.add_argument("--resamples", type=int, default=200)
    arguments = parser.parse_args()
    bed = Bed(arguments)
    blank = json.loads((arguments.model / "config.json").read_text())["pad_token_id"]
    calibrating = bed.transcribe("calibrating")
    report = run(arguments.program, "calibrate", calibrating, "--domain", "domain", "-o", bed.folder / "bed.calibration")
    figures = ["```", report.strip(), "```", ""]
    figures += ["| domain | rows | WER of all | ECE | hours kept | expected of kept | 95 % | measured | outside | far |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    areas = ["| domain | calibrated | confidence | mean posterior | mean entropy | best of NeMo's | which |", "|---|---:|---:|---:|---:|---:|---|"]
    sums, drawn = {}, {}
    for name in DOMAINS:
        out = bed.transcribe(name)
        everything, _ = bed.select(out, name=f"{name}-all")
        errors, words = measured(everything)
        points = json.loads((bed.folder / f"chosen-{name}-all" / "yield.json").read_text())["points"]
        # The first rows of a curve say nothing: few words, of which one may be wrong.
        drawn[name] = points, [point for point in surest_first(everything) if point[0] >= points[0]["hours"]][10:]
        said = np.array([row["expected_wer"] for row in everything])
        wer = ("--wer", f"{arguments.wer}%")
        refused = bed.select(out, *wer, name=name, may_refuse=True) is None
        kept, point = bed.select(out, *wer, "--unlike", name=name)
        card = json.loads((bed.folder / f"chosen-{name}" / "card.json").read_text())
        kept_errors, kept_words = measured(kept) if kept else (np.zeros(1), np.ones(1))
        figures.append(
            f"| {name} | {len(everything)} | {errors.sum() / words.sum():.1%} | {calibration_error(said, errors, words):.1%} | "
            f"{point['hours']:.2f} | {point['expected_wer']:.1%} | "
            + ("refused" if refused else f"{point['low']:.1%} to {point['high']:.1%}")
            + f" | {kept_errors.sum() / kept_words.sum():.1%} | {card['rows_outside_calibration']} | {card['rows_far_from_calibration']} |"
        )
        rows = lines(out)
        features = lines(f"{out}.features.jsonl")
        usable = [index for index, row in enumerate(rows) if row["pred_text"]]
        doubts = {
            "calibrated": said,
            "confidence": 1 - np.array([rows[index]["confidence"] for index in usable]),
            "mean posterior": 1 - np.array([features[index]["mean_posterior"] for index in usable]),
            "mean entropy": np.array([features[index]["mean_entropy"] for index in usable]),
        }
        nemo = {key: values[usable] for key, values in baselines(bed.folder / "logits" / name, len(rows), blank).items()}
        found = {key: area(values, errors, words) for key, values in (doubts | nemo).items()}
        for key, value in found.items():
            sums.setdefault(key, []).append(value)
        best = min(nemo, key=lambda key: found[key])
        areas.append(f"| {name} | " + " | ".join(f"{found[key]:.2%}" for key in doubts) + f" | {found[best]:.2%} | {best} |")
    best = min((key for key in sums if key not in doubts), key=lambda key: np.mean(sums[key]))
    areas.append("| mean | " + " | ".join(f"{np.mean(sums[key]):.2%}" for key in doubts) + f" | {np.mean(sums[best]):.2%} | {best}, the best over all |")
    figures += ["", *areas]
    if arguments.resamples:
        figures += ["", "| domain | resamples whose interval holds the measured rate |", "|---|---:|"]
        for name in DOMAINS:
            inside, seen, refused = resampled(bed, bed.folder / f"{name}.out.jsonl", arguments.wer, arguments.resamples)
            figures.append(f"| {name} | {inside} of {seen}" + (f", and {refused} refused |" if refused else " |"))
    text = "\n".join(figures) + "\n"
    (arguments.folder / "curves.svg").write_text(pictures.curves(drawn))
    (arguments.folder / "figures.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
