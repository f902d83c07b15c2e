#!/usr/bin/env python3
"""Plants words in recordings like those of archives, and holds `--chunk speech` against the grid.

    archive.py [--words N] [--scenes NAME,NAME] [--seed S] [--workers N] [--hours H] [--radio MINUTES] [--speech MANIFEST] [--model FOLDER] [--program PATH]
    archive.py --picture FILE

Each scene has about N words: phrases in silence, in a steady hiss, among and over music, among clicks, fading in and
out, without pauses, beside a dead channel, and behind H hours of silence. Shown of each scene:

- of the words no more are misread with windows around speech than with the grid;
- no word lies outside the windows that were computed;
- none is written twice;
- speech, silence and what was skipped sum to the recording, to the sample.

--radio makes so many minutes of a broadcast: phrases, music, silence, other voices (of the manifest given with
--speech, or of other phrases backwards), and voices over each other. Phrases that nobody talks over and that have no
music within a second are to be read as well as each by itself with half a second of silence around it. Those on which
music closes in, up to the sample, are misread more often, since windows have some of it and the bundled model never
heard music. They are to be read as well as with the grid, and with --model as well as each by itself: what beside_music.py
makes comes near that, and does not reach it.

--picture draws half a minute of such a broadcast with `scriptorium show --svg`, as it stands in docs/, and nothing else.

Ends with 1 where one of these is not so.
"""

import argparse
import array
import collections
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time

import scenes
from recordings import MODEL, RATE, ROOT, load_clips
from scenes import Sounds, Tape

PROGRAM = os.path.join(os.environ.get("SCRIPTORIUM_BUILD", os.path.join(ROOT, ".build", "release")), "scriptorium")
FRAME = RATE // 50
DIGITS = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()
# In files of log-probabilities, frames that were not computed have this for all letters; no model is so sure of two.
NOT_COMPUTED = -60.0
LETTERS = 6, 7
SCENES = {
    "silence": scenes.phrases_in_silence,
    "dense": scenes.dense,
    "noise": scenes.in_noise,
    "music": scenes.among_music,
    "over music": scenes.over_music,
    "clicks": scenes.among_clicks,
    "fades": scenes.fading,
}


def transcribe(rows, folder, chunk, options, *further):
    """The records of a job over `rows`, with the folder of their log-probabilities."""
    manifest = os.path.join(folder, "rows.jsonl")
    output, logits = os.path.join(folder, f"{chunk}.jsonl"), os.path.join(folder, f"logits-{chunk}")
    with open(manifest, "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    command = [
        options.program, "transcribe", manifest, "--model", options.model, "-o", output, "--quiet", "--chunk", chunk, "--workers",
        str(options.workers), "--threads", "1", "--overwrite", *further]
    if chunk == "speech":
        command += ["--save-logits", logits]
    subprocess.run(command, check=True)
    with open(output) as file:
        records = [json.loads(line) for line in file]
    for record in records:
        if record.get("status", "transcribed") != "transcribed":
            raise SystemExit(f"a recording was not transcribed: {record}")
    return records, logits


def computed_frames(path):
    """Which frames of a file of log-probabilities the model computed, as bytes of 0 and 1."""
    with open(path, "rb") as file:
        assert file.read(6) == b"\x93NUMPY"
        major = file.read(2)[0]
        size = int.from_bytes(file.read(2 if major == 1 else 4), "little")
        header = file.read(size).decode()
        assert "'<f4'" in header, header
        frames, classes = (int(n) for n in header.split("(")[1].split(")")[0].split(",")[:2])
        values = array.array("f")
        values.fromfile(file, frames * classes)
    one, other = (values[c::classes] for c in LETTERS)
    return bytes(not a == b == NOT_COMPUTED for a, b in zip(one, other))


def nearest(word):
    """The digit that is spelt most like `word`: the bundled model misspells some."""
    return word if word in DIGITS else min(DIGITS, key=lambda digit: (edits(word, digit), -len(digit)))


def edits(a, b):
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j - 1] + (x != y), above[j] + 1, row[-1] + 1))
        above = row
    return above[-1]


class Count(collections.Counter):
    """Of one scene and one way of cutting: words, errors, words twice, words outside windows."""

    def read(self, phrases, times):
        """Compares phrases with the words that stand where they were said."""
        found = [(nearest(t["word"]), (t["start"] + t["end"]) / 2, t) for t in times]
        at = 0
        for phrase in phrases:
            first, last = phrase.spans[0][0] / RATE - 0.25, phrase.spans[-1][1] / RATE + 0.25
            while at < len(found) and found[at][1] < first:
                at += 1
                self["elsewhere"] += 1
            end = at
            while end < len(found) and found[end][1] <= last:
                end += 1
            self["words"] += len(phrase.words)
            self["wrong"] += edits(phrase.words, [word for word, _, _ in found[at:end]])
            self["twice"] += self.written_twice(phrase, found[at:end])
            at = end
        self["elsewhere"] += len(found) - at

    @staticmethod
    def written_twice(phrase, found):
        """Words that have two of the same text within the time in which they were said once."""
        twice = 0
        for word, (start, end) in zip(phrase.words, phrase.spans):
            inside = [w for w, middle, _ in found if start / RATE - 0.06 <= middle <= end / RATE + 0.06]
            twice += inside.count(word) > 1
        return twice

    def place(self, phrases, computed):
        """Counts words of which a frame was not computed."""
        for phrase in phrases:
            for start, end in phrase.spans:
                frames = computed[start // FRAME:min(-(-end // FRAME), len(computed))]
                self["outside"] += not all(frames)

    def more_wrong_than(self, other):
        """Few words misread more are chance: as many as one in a hundred, or the error of the difference."""
        chance = max(self["words"] / 100, 2 * math.sqrt(other["wrong"] + self["wrong"]))
        return self["wrong"] - other["wrong"] > chance

    def text(self):
        return f"{self['wrong']:4} of {self['words']} wrong ({100 * self['wrong'] / max(1, self['words']):5.1f} %)"


def check_coverage(record, samples, faults):
    """Speech, silence and what was skipped are the recording, to the sample of its file."""
    for part in record.get("channels", [record]):
        total = sum(part["coverage"].values())
        if round(total * RATE) != samples or abs(total - samples / RATE) > 2e-6:
            faults.append(f"coverage of {record['audio_filepath']} sums to {total} s, not {samples / RATE}")


def compare(name, tapes, folder, options, faults, *further, other_channel=None):
    """One scene with both ways of cutting."""
    rows = []
    for number, tape in enumerate(tapes):
        path = os.path.join(folder, f"{number}.wav")
        tape.write(path, other_channel)
        rows.append({"audio_filepath": path})
    counts, seconds = {}, {}
    for chunk in ("grid", "speech"):
        began = time.monotonic()
        records, logits = transcribe(rows, folder, chunk, options, *further)
        seconds[chunk] = time.monotonic() - began
        count = counts[chunk] = Count()
        for number, (tape, record) in enumerate(zip(tapes, records)):
            lanes = record.get("channels", [record])
            count.read(tape.phrases, lanes[0]["word_timestamps"])
            for lane in lanes[1:]:
                count["dead"] += len(lane["word_timestamps"])
            if chunk == "speech":
                check_coverage(record, len(tape), faults)
                file = f"{number}.0.npy" if "channels" in record else f"{number}.npy"
                count.place(tape.phrases, computed_frames(os.path.join(logits, file)))
                count["skipped"] += sum(part["coverage"]["skipped"] for part in lanes)
                count["seconds"] += sum(sum(part["coverage"].values()) for part in lanes)
    grid, speech = counts["grid"], counts["speech"]
    print(
        f"{name:12} grid {grid.text()}   speech {speech.text()}   outside {speech['outside']}   "
        f"twice {grid['twice']}, {speech['twice']}   elsewhere {grid['elsewhere']}, {speech['elsewhere']}   skipped {100 * speech['skipped'] / speech['seconds']:.0f} %   "
        f"{seconds['grid']:.0f} and {seconds['speech']:.0f} s", flush=True)
    if speech["outside"]:
        faults.append(f"{name}: {speech['outside']} words lie outside the windows that were computed")
    if speech.more_wrong_than(grid):
        faults.append(f"{name}: more words are misread than with the grid")
    if speech["twice"] > grid["twice"]:
        faults.append(f"{name}: words are written twice")
    if speech["dead"]:
        faults.append(f"{name}: words were found on a dead channel")


def tapes_of(fill, clips, sounds, options, seed, most=300):
    """Recordings of one scene, none with many more words than `most`."""
    tapes, left = [], options.words
    while left > 0:
        tape = Tape(clips, sounds, seed + len(tapes))
        fill(tape, min(left, most))
        tapes.append(tape)
        left -= scenes.count(tape)
    return tapes


def archive(clips, sounds, options, faults):
    for number, (name, fill) in enumerate(SCENES.items()):
        if name not in options.scenes:
            continue
        with tempfile.TemporaryDirectory(prefix="scriptorium-archive-") as folder:
            compare(name, tapes_of(fill, clips, sounds, options, options.seed + 100 * number), folder, options, faults)
    if "dead channel" in options.scenes:
        dead_channel(clips, sounds, options, faults)
    if options.hours:
        with tempfile.TemporaryDirectory(prefix="scriptorium-archive-") as folder:
            tape = Tape(clips, sounds, options.seed + 6_000)
            tape.silence(3_600 * options.hours)
            scenes.phrases_in_silence(tape, min(options.words, 60))
            compare("hours", [tape], folder, options, faults)


def dead_channel(clips, sounds, options, faults):
    with tempfile.TemporaryDirectory(prefix="scriptorium-archive-") as folder:
        tapes = tapes_of(scenes.phrases_in_silence, clips, sounds, options, options.seed + 5_000)
        for tape in tapes:
            # In the file, as the other channel needs it.
            tape.samples = array.array("h", bytes(2 * tape.silence_before)) + tape.samples
            tape.silence_before = 0
        compare("dead channel", tapes, folder, options, faults, "--channels", "each",
                other_channel=array.array("h", bytes(2 * RATE)))


# MARK: A broadcast

def radio(clips, sounds, options, faults):
    tape = Tape(clips, sounds, options.seed + 8_000)
    tape.samples.extend(array.array("h", bytes(2 * RATE)))
    voices = scenes.other_voices(options.speech, options.seed, clips, sounds)
    music = scenes.broadcast(tape, voices, 60 * options.radio)
    by_kind = collections.defaultdict(list)
    for phrase in tape.phrases:
        first, last = phrase.spans[0][0] - RATE, phrase.spans[-1][1] + RATE
        close = phrase.kind == "clear" and any(begin < last and first < end for begin, end in music)
        by_kind["beside music" if close else phrase.kind].append(phrase)
    with tempfile.TemporaryDirectory(prefix="scriptorium-radio-") as folder:
        path = os.path.join(folder, "radio.wav")
        tape.write(path)
        (record,), logits = transcribe([{"audio_filepath": path}], folder, "speech", options)
        check_coverage(record, len(tape), faults)
        computed = computed_frames(os.path.join(logits, "0.npy"))
        (whole,), _ = transcribe([{"audio_filepath": path}], folder, "grid", options)
        quiet = {kind: by_itself(tape, by_kind[kind], folder, options) for kind in ("clear", "beside music")}
        counts, grid = {}, {}
        for kind, phrases in by_kind.items():
            counts[kind] = Count()
            counts[kind].read(phrases, record["word_timestamps"])
            counts[kind].place(phrases, computed)
            grid[kind] = Count()
            grid[kind].read(phrases, whole["word_timestamps"])
    spent = {name: round(seconds) for name, seconds in record["coverage"].items()}
    print(f"radio        {len(tape) / RATE / 60:.0f} minutes, {spent}")
    for kind, count in counts.items():
        alone = f"   each by itself {quiet[kind].text()}" if kind in quiet else ""
        print(
            f"  {kind:12} speech {count.text()}   grid {grid[kind].text()}{alone}   outside {count['outside']}   "
            f"twice {grid[kind]['twice']}, {count['twice']}")
        if count["outside"]:
            faults.append(f"radio, {kind}: words lie outside the windows that were computed")
        if count["twice"] > grid[kind]["twice"]:
            faults.append(f"radio, {kind}: words are written twice")
        if kind != "overlap" and count.more_wrong_than(grid[kind]):
            faults.append(f"radio, {kind}: more words are misread than with the grid")
    for kind in ("clear",) if options.model == MODEL else ("clear", "beside music"):
        if counts[kind].more_wrong_than(quiet[kind]):
            faults.append(f"radio, {kind}: phrases are not read as well as by themselves")


def by_itself(tape, phrases, folder, options):
    """What is read of phrases with nothing but half a second of silence around each."""
    rows, alone = [], []
    half = array.array("h", bytes(2 * (RATE // 2)))
    for number, phrase in enumerate(phrases):
        first, last = phrase.spans[0][0], phrase.spans[-1][1]
        short = Tape(tape.clips, tape.sounds, 0)
        short.samples = half + tape.samples[first - tape.silence_before:last - tape.silence_before] + half
        path = os.path.join(folder, f"phrase{number}.wav")
        short.write(path)
        rows.append({"audio_filepath": path})
        alone.append(phrase._replace(spans=[(a - first + len(half), b - first + len(half)) for a, b in phrase.spans]))
    records, _ = transcribe(rows, folder, "grid", options)
    count = Count()
    for phrase, record in zip(alone, records):
        count.read([phrase], record["word_timestamps"])
    return count


def picture(clips, sounds, options):
    tape = Tape(clips, sounds, 42)
    tape.samples.extend(array.array("h", bytes(2 * RATE)))
    tape.phrase("clear", 7)
    tape.silence(3.5)
    tape.music(6, 0.7)
    tape.silence(0.5)
    tape.phrase("clear", 6)
    tape.silence(4)
    begin = len(tape)
    tape.silence(0.6)
    tape.phrase("under music", 5)
    tape.silence(0.8)
    tape.over(begin, sounds.music(tape.random, len(tape) - begin), 0.1)
    tape.silence(5)
    tape.phrase("fades", 6, change=scenes.faded)
    tape.silence(3)
    with tempfile.TemporaryDirectory(prefix="scriptorium-picture-") as folder:
        tape.write(os.path.join(folder, "broadcast.wav"))
        transcribe([{"audio_filepath": "broadcast.wav"}], folder, "speech", options)
        subprocess.run(
            [options.program, "show", os.path.join(folder, "speech.jsonl"), "--svg", options.picture], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--words", type=int, default=2_000, help="of each scene; 0 leaves the scenes out")
    parser.add_argument(
        "--scenes", type=lambda names: names.split(","), default=[*SCENES, "dead channel"],
        help="some of: " + ", ".join([*SCENES, "dead channel"]))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--hours", type=float, default=10, help="of silence before words; 0 leaves that out")
    parser.add_argument("--radio", type=float, default=120, help="minutes of a broadcast; 0 leaves that out")
    parser.add_argument("--speech", help="a manifest of speech for the broadcast's other voices")
    parser.add_argument("--picture", help="a file for a picture")
    parser.add_argument("--model", default=MODEL, help="one that knows music (beside_music.py) is to read all phrases as well")
    parser.add_argument("--program", default=PROGRAM)
    options = parser.parse_args()
    began = time.monotonic()
    clips, sounds, faults = load_clips(), Sounds(), []
    if options.picture:
        return picture(clips, sounds, options)
    if options.words:
        archive(clips, sounds, options, faults)
    if options.radio:
        radio(clips, sounds, options, faults)
    for fault in faults:
        print(f"FAIL: {fault}")
    print(f"{time.monotonic() - began:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
