#!/usr/bin/env python3
"""Times Scriptorium and peer engines on the same manifest and weights, turn by turn.

    python compare.py --manifest ROWS.jsonl --hf HF_FOLDER --exported FOLDER --rounds 5 \\
        --ours "scriptorium benchmark ROWS.jsonl --model HF_FOLDER --threads 2 --batch 1 --json" \\
        --peers openvino-fp32 openvino-bf16

In each round every peer computes the manifest once, and just before it each of our commands does: A B A C,
A B A C. A ratio is ours by the peer's of one such pair, so that a machine that slows down slows both.
Peers load once and wait between turns; their first pass, which compiles kernels for each new length, is a
warm-up and is shown as `first`. Ours starts anew each turn and leaves loading out of its RTFx, as peers do.
"""
import argparse
import contextlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from statistics import median

# An engine and a precision. Each runs with the defaults of peer.py, which were the fastest of those tried.
PEERS = {
    f"{engine}-{precision}": (engine, precision)
    for engine, precision in [
        ("transformers", "fp32"), ("transformers", "bf16"),
        ("onnxruntime", "fp32"), ("onnxruntime", "int8"),
        ("openvino", "fp32"), ("openvino", "bf16"), ("openvino", "int8"),
    ]
}


class Peer:
    """A peer.py that stays loaded."""

    def __init__(self, name, arguments):
        engine, precision = PEERS[name]
        command = [
            sys.executable, "-W", "ignore", Path(__file__).with_name("peer.py"),
            "--engine", engine, "--precision", precision,
            "--model", arguments.hf if engine == "transformers" else arguments.exported,
            "--manifest", arguments.manifest, "--threads", str(arguments.threads),
        ]
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.load_seconds = self.answer()["load_s"]
        self.first = self.turn()

    def turn(self):
        """One pass over the manifest."""
        with contextlib.suppress(BrokenPipeError):  # answer() says it better
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with exit code {self.process.wait()}; what it said is above")
        return json.loads(line)

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


def our_turn(command):
    """What one run of our benchmark prints: a result for each configuration, by its name."""
    run = subprocess.run(shlex.split(command), stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        raise SystemExit(f"exit code {run.returncode} from: {command}")
    results = [json.loads(line) for line in run.stdout.splitlines()]
    if not results:
        raise SystemExit(f"no JSON lines (is --json missing?) from: {command}")
    return {configuration(result): result for result in results}


def configuration(result):
    """Such as `scriptorium-bf16 batch 8`."""
    precision = f"-{result['precision']}" if "precision" in result else ""
    return f"{result['engine']}{precision} batch {result['batch']:.0f}"


def summarised(turns):
    """Figures of each engine and ratios of each pair.

    - turns: dictionaries {"peer", "theirs": result, "ours": {configuration: result}} in the order they were taken.
    """
    results, pairs = {}, {}
    for turn in turns:
        for name, result in turn["ours"].items():
            results.setdefault(name, []).append(result)
            pairs.setdefault((name, turn["peer"]), []).append(result["rtfx"] / turn["theirs"]["rtfx"])
        results.setdefault(turn["peer"], []).append(turn["theirs"])
    engines = [
        {"engine": name, "passes": len(of), "peak_mb": round(max(one["peak_mb"] for one in of)),
         **spread("rtfx", [one["rtfx"] for one in of])}
        for name, of in results.items()
    ]
    ratios = [{"ours": ours, "peer": peer, **spread("ratio", values)} for (ours, peer), values in pairs.items()]
    return {"engines": engines, "ratios": ratios}


def spread(name, values):
    return {name: round(median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


def table(columns, rows):
    """Lines of text; the first column is wide enough for its longest entry, numbers stand to the right."""
    cells = [columns] + [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    left = sum(all(isinstance(row[i], str) for row in rows) for i in range(len(columns)))
    return "\n".join(
        "  ".join(cell.ljust(w) if i < left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths)))
        for row in cells)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", required=True)
    parser.add_argument("--hf", required=True, help="Hugging Face folder, for transformers")
    parser.add_argument("--exported", required=True, help="folder of export.py and quantize.py, for the others")
    parser.add_argument("--ours", required=True, action="append", metavar="COMMAND", help="may be repeated")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2, help="of the peers; ours stand in its command")
    parser.add_argument("--json", type=Path, help="file for every pass and the summary")
    arguments = parser.parse_args()

    turns = []
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(contextlib.closing(Peer(name, arguments))) for name in arguments.peers]
        for number in range(arguments.rounds):
            for peer in peers:
                ours = {}
                for command in arguments.ours:
                    ours |= our_turn(command)
                turns.append({"round": number + 1, "peer": peer.name, "ours": ours, "theirs": peer.turn()})
                print(f"round {number + 1} of {arguments.rounds}, {peer.name}", file=sys.stderr, flush=True)
        first = [{"peer": peer.name, "load_s": peer.load_seconds, "rtfx": peer.first["rtfx"]} for peer in peers]

    summary = {**summarised(turns), "first": first}
    if arguments.json:
        partial = arguments.json.with_name(arguments.json.name + ".part")
        partial.write_text(json.dumps({**summary, "turns": turns}, indent=1) + "\n")
        os.replace(partial, arguments.json)
    of_peer = {one["peer"]: one for one in first}
    rows = [
        [one["engine"], one["passes"], one["rtfx"], one["min"], one["max"],
         of_peer[one["engine"]]["rtfx"] if one["engine"] in of_peer else "-", one["peak_mb"]]
        for one in summary["engines"]
    ]
    print(table(["engine", "passes", "RTFx", "min", "max", "first", "peak MB"], rows))
    print()
    rows = [[one["ours"], one["peer"], one["ratio"], one["min"], one["max"]] for one in summary["ratios"]]
    print(table(["ours", "peer", "ours / peer", "min", "max"], rows))


if __name__ == "__main__":
    main()
