#!/usr/bin/env python3
"""Plants words on the seams of long recordings, and counts how often they are read.

    seams.py [--chunk grid|speech] [--seams N] [--seed S] [--workers N] [--hours H] [--program PATH]

A long recording is computed in windows of 30 s with 2.4 s of context on each side (docs/numerics.md). Half of a word
that stands on the seam of two windows comes from the one, half from the other. Each planted word has a twin with the
same neighbours in the middle of a window. Three things are shown:

- words on seams are read as often as their twins, within half a point;
- none is written twice, and both have the same times from the beginning of the clip, within a frame;
- at hour H of a recording, words and their times, frames and confidence are exactly those of the same window,
  context included, transcribed by itself.

With `--chunk speech`, words are planted where windows around speech are cut that goes on for long in noise, so that no
place is quiet. Noise alone moves times there, so that of two twins inside a window some are more than a frame apart: the
times on seams may not be so more often. Hour H is compared with the same speech at the first minute.

Ends with 1 where one of them is not so. Of few seams (`--seams 20`) only gross errors can be seen: the half point is
taken with the error of a difference between so many pairs.
"""

import argparse
import collections
import json
import math
import os
import subprocess
import sys
import tempfile
import time

import recordings
from recordings import (
    CONTEXT_FRAMES, FRAME, FRAME_SECONDS, MODEL, OWNED_FRAMES, RATE, ROOT, SPEECH_FRAMES, SPEECH_LEVEL, Recording,
    load_clips)

PROGRAM = os.path.join(os.environ.get("SCRIPTORIUM_BUILD", os.path.join(ROOT, ".build", "release")), "scriptorium")
SEAMS_PER_RECORDING = 100
# Where a place was quiet after all, the cuts that follow are others: less is lost of short recordings.
CUTS_PER_RECORDING = 2
SEAMS_PER_JOB = 1_000
# Noise that leaves no place quiet, in decibels below speech, and the share of cuts that lie where they should.
NOISE_BELOW, CUTS_MIN = 7, 0.5
# Words that one alignment may be off the diagonal.
BAND = 80
POINTS_MAX = 0.5
# Shares of pairs whose times are within a frame of each other.
TIMES_MIN = 0.99


def transcribe(rows, folder, options):
    """The records of a job over `rows`."""
    manifest, output = os.path.join(folder, "rows.jsonl"), os.path.join(folder, "out.jsonl")
    with open(manifest, "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    subprocess.run(
        [options.program, "transcribe", manifest, "--model", MODEL, "-o", output, "--quiet", "--workers",
         str(options.workers), "--threads", "1", "--overwrite", "--chunk", options.chunk], check=True)
    with open(output) as file:
        return [json.loads(line) for line in file]


def aligned(planted, found):
    """For each planted word the index of the found word that it is aligned with, or None; least edits.

    Of equally good alignments the one with more words side by side is taken.
    """
    wide = BAND + abs(len(planted) - len(found))
    worst = 1 << 30
    above = {}
    steps = []
    for i in range(len(planted) + 1):
        row, ways = {}, {}
        for j in range(max(0, i - wide), min(len(found), i + wide) + 1):
            if i == j == 0:
                row[j] = 0
                continue
            pair = above.get(j - 1, worst) + (2 if i and j and planted[i - 1].word != found[j - 1] else 0)
            missing, extra = above.get(j, worst) + 2, row.get(j - 1, worst) + 2
            if not i or not j:
                pair = worst
            row[j] = min(pair, missing, extra)
            ways[j] = 0 if row[j] == pair else 1 if row[j] == missing else 2
        above = row
        steps.append(ways)
    partners = [None] * len(planted)
    i, j = len(planted), len(found)
    while i or j:
        way = steps[i][j]
        if way == 0:
            i, j = i - 1, j - 1
            partners[i] = j
        elif way == 1:
            i -= 1
        else:
            j -= 1
    return partners


class Tally:
    """What became of the words on seams and of their twins."""

    def __init__(self):
        self.read = collections.Counter()
        self.doubled = collections.Counter()
        self.pairs = self.only_seam = self.only_middle = 0
        # Of pairs that have times: all, and those within a frame; with seams, and of twins inside a window.
        self.timed, self.within_frame = collections.Counter(), collections.Counter()
        # Words that were planted where no seam was.
        self.off_seams = 0

    def add(self, recording, record):
        text = record["pred_text"].split(" ")
        times = record.get("word_timestamps")
        if times is not None and [word["word"] for word in times] != text:
            raise SystemExit("the words of word_timestamps are not those of pred_text")
        partners = aligned(recording.words, text)
        taken = set(partners)
        seen = {}
        off = self.words_off_seams(recording, record)
        self.off_seams += len(off)
        for index, word in enumerate(recording.words):
            if word.kind == "other" or word.number in off:
                continue
            partner = partners[index]
            is_read = partner is not None and text[partner] == word.word
            self.read[word.kind] += is_read
            if is_read:
                # A word that was not planted, beside one that was and like it.
                self.doubled[word.kind] += any(
                    0 <= other < len(text) and other not in taken and text[other] == word.word
                    for other in (partner - 1, partner + 1))
            place = None
            if is_read and times is not None:
                place = [round(times[partner][edge] / FRAME_SECONDS) - word.start / recordings.FRAME
                         for edge in ("start", "end")]
            seen[word.kind, word.number] = is_read, place
        for (kind, number), (is_read, place) in seen.items():
            if kind != "seam":
                continue
            twin_is_read, twin_place = seen["middle", number]
            self.compare("seam", place, twin_place)
            if ("quarter", number) in seen:
                self.compare("quarter", seen["quarter", number][1], twin_place)
            self.pairs += 1
            self.only_seam += is_read and not twin_is_read
            self.only_middle += twin_is_read and not is_read

    def compare(self, kind, place, twin_place):
        """Counts how far apart the times of a pair are."""
        if place and twin_place:
            self.timed[kind] += 1
            self.within_frame[kind] += max(abs(a - b) for a, b in zip(place, twin_place)) <= 1.001

    def off(self, kind):
        return self.timed[kind] - self.within_frame[kind]

    @staticmethod
    def words_off_seams(recording, record):
        """The numbers of planted words in which no window was cut."""
        if "segment_timestamps" not in record:
            return set()
        windows = record["segment_timestamps"]
        cuts = [b["start_offset"] * FRAME for a, b in zip(windows, windows[1:])
                if a["end_offset"] == b["start_offset"]]
        return {word.number for word in recording.words
                if word.kind == "seam" and not any(word.start < cut < word.end for cut in cuts)}

    def tell(self):
        """Prints what was counted; the sentences of what is not as it should be."""
        if not self.pairs:
            return ["no word was planted on a seam"]
        share = {kind: 100 * self.read[kind] / self.pairs for kind in ("seam", "middle")}
        # Of paired counts: the error of their difference, in points.
        error = 100 * math.sqrt(self.only_seam + self.only_middle) / self.pairs
        print(
            f"{self.pairs} seams: {share['seam']:.2f} % of the words on them read, {share['middle']:.2f} % of the "
            f"same words in the middle of a window ({self.only_seam} only on the seam, {self.only_middle} only in "
            f"the middle; standard error of the difference {error:.2f} points)")
        if self.off_seams:
            print(f"{self.off_seams} more words were planted where nothing was cut")
        print(f"written twice: {self.doubled['seam']} on seams, {self.doubled['middle']} in the middle")
        faults = []
        bound = max(POINTS_MAX, 0 if self.pairs >= 10_000 else 3 * error)
        if abs(share["seam"] - share["middle"]) > bound:
            faults.append("words on seams are not read as often as in the middle of a window")
        if self.pairs < CUTS_MIN * (self.pairs + self.off_seams):
            faults.append("windows were not cut where words were planted")
        if self.doubled["seam"] > self.doubled["middle"]:
            faults.append("words on seams are written twice")
        for kind, name in (("seam", "pairs"), ("quarter", "pairs of twins inside a window")):
            if self.timed[kind]:
                print(
                    f"times: {self.within_frame[kind]} of {self.timed[kind]} {name} within a frame "
                    f"({100 * self.within_frame[kind] / self.timed[kind]:.2f} %)")
        if self.off("seam") > self.off_max():
            faults.append("times on seams are not those of the middle of a window")
        return faults

    def off_max(self):
        """How many pairs with a seam may be more than a frame apart: of few, two may be by chance."""
        pairs, twins = self.timed["seam"], self.timed["quarter"]
        share = max(1 - TIMES_MIN, self.off("quarter") / twins if twins else 0)
        # Three standard deviations of the difference between both counts.
        chance = 3 * math.sqrt(share * pairs * (1 + pairs / twins)) if twins else 0
        return max(2, share * pairs + chance)


def count_on_seams(options):
    clips, tally = load_clips(), Tally()
    rest, seed = options.seams, options.seed
    most, kind = SEAMS_PER_RECORDING, {}
    if options.chunk == "speech":
        most = CUTS_PER_RECORDING
        kind = {"window": SPEECH_FRAMES * FRAME, "gaps": (0, 0.02), "noise": SPEECH_LEVEL * 10 ** (-NOISE_BELOW / 20),
                "quarters": True}
    while rest:
        with tempfile.TemporaryDirectory(prefix="scriptorium-seams-") as folder:
            made, rows = [], []
            while rest and len(made) < SEAMS_PER_JOB // most:
                seams = min(rest, most)
                recording = Recording(clips, seams, seed, **kind)
                path = os.path.join(folder, f"{seed}.wav")
                recording.write(path)
                # Only what is needed for counting is kept.
                recording.samples = None
                made.append(recording)
                rows.append({"audio_filepath": path, "duration": recording.length / RATE})
                rest, seed = rest - seams, seed + 1
            for recording, record in zip(made, transcribe(rows, folder, options)):
                if record.get("status", "transcribed") != "transcribed":
                    raise SystemExit(f"a recording was not transcribed: {record}")
                tally.add(recording, record)
        print(
            f"{options.seams - rest} of {options.seams} seams, {tally.read['seam']} words on them read, "
            f"{tally.read['middle']} in the middle of windows, {tally.doubled['seam']} twice, "
            f"{tally.off('seam')} of {tally.timed['seam']} more than a frame off",
            file=sys.stderr, flush=True)
    return tally.tell()


# Windows of speech at the hour that is looked at, and how near to their edges words are not compared: one that goes on
# beyond an edge is another word without what follows.
SPEECH_WINDOWS, EDGE_FRAMES = 8, 60


def words_between(record, first, end, frame):
    """The words of a record that lie between two frames, with their frames counted from `frame`."""
    found = []
    for word in record["word_timestamps"]:
        start, stop = word["start_offset"] + frame, word["end_offset"] + frame
        milliseconds = [round(1_000 * word[edge]) + 20 * frame for edge in ("start", "end")]
        if first <= start and stop <= end:
            found.append((word["word"], start, stop, *milliseconds, word["confidence"]))
    return found


def compare_at_hour(options):
    """The record of a long recording against the records of single windows of it."""
    speech = Recording(load_clips(), SPEECH_WINDOWS - 1, options.seed)
    first_window = round(options.hours * 3_600 / (OWNED_FRAMES * FRAME_SECONDS))
    with tempfile.TemporaryDirectory(prefix="scriptorium-seams-") as folder:
        path = os.path.join(folder, "long.wav")
        recordings.write_late(speech, path, first_window)
        seen_frames = OWNED_FRAMES + 2 * CONTEXT_FRAMES
        rows = [{"audio_filepath": path}]
        windows = range(first_window + 1, first_window + SPEECH_WINDOWS - 1)
        for window in windows:
            rows.append({
                "audio_filepath": path,
                "offset": round((OWNED_FRAMES * window - CONTEXT_FRAMES) * FRAME_SECONDS, 3),
                # The last frame sees 80 samples more than its own.
                "duration": round(seen_frames * FRAME_SECONDS + 0.005, 3)})
        whole, *parts = transcribe(rows, folder, options)
    if "word_timestamps" not in whole:
        raise SystemExit("this program writes no word times")
    words = differences = 0
    for window, part in zip(windows, parts):
        bounds = OWNED_FRAMES * window + EDGE_FRAMES, OWNED_FRAMES * (window + 1) - EDGE_FRAMES
        late = words_between(whole, *bounds, 0)
        alone = words_between(part, *bounds, OWNED_FRAMES * window - CONTEXT_FRAMES)
        words += len(late)
        if late != alone:
            differences += 1
            print(f"window {window}: {set(late) ^ set(alone)}")
    print(
        f"hour {options.hours:g}: {words} words of {len(parts)} windows, {differences} windows that are not exactly "
        "what they are by themselves")
    return ["times late in a recording are not those of its windows"] if differences or not words else []


def compare_late(options):
    """What is read of speech at a late hour against what is read of it in the first minute."""
    speech = Recording(load_clips(), SPEECH_WINDOWS - 1, options.seed)
    # So many windows of the grid are a whole number of times that the finder of speech begins anew in.
    times = 128
    late = 2 + times * max(1, round(options.hours * 3_600 / (times * OWNED_FRAMES * FRAME_SECONDS)))
    with tempfile.TemporaryDirectory(prefix="scriptorium-seams-") as folder:
        rows = []
        for first in (2, late):
            rows.append({"audio_filepath": os.path.join(folder, f"{first}.wav")})
            recordings.write_late(speech, rows[-1]["audio_filepath"], first)
        soon, later = transcribe(rows, folder, options)
    moved = OWNED_FRAMES * (late - 2)
    expected = words_between(soon, 0, 1 << 60, moved)
    found = words_between(later, 0, 1 << 60, 0)
    differences = len(set(expected) ^ set(found))
    print(
        f"hour {options.hours:g}: {len(found)} words, {differences} that are not exactly what they are in the first "
        "minute")
    return ["times late in a recording are not those of its beginning"] if differences or not found else []


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--chunk", choices=("grid", "speech"), default="grid")
    parser.add_argument("--seams", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--hours", type=float, default=10, help="where times are compared; 0 leaves that out")
    parser.add_argument("--program", default=PROGRAM)
    options = parser.parse_args()
    began = time.monotonic()
    faults = count_on_seams(options) if options.seams else []
    if options.hours:
        faults += (compare_at_hour if options.chunk == "grid" else compare_late)(options)
    for fault in faults:
        print(f"FAIL: {fault}")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
