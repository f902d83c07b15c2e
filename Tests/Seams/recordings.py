"""Long recordings of spoken digits in which words stand on the seams of the engine's windows.

Only clips of manifests/examples are used: single digits of four voices, recorded at 8 kHz.
"""

import array
import collections
import json
import math
import os
import random
import sys
import wave

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "manifests", "examples")
MODEL = os.path.join(ROOT, "models", "digits-en")

# The engine's grid (docs/numerics.md), in frames of 20 ms: a window owns so many, and sees so many more on each side.
FRAME_SECONDS, OWNED_FRAMES, CONTEXT_FRAMES = 0.02, 1_500, 120
RATE = 8_000
FRAME = RATE // 50
WINDOW = OWNED_FRAMES * FRAME
# Windows around speech without a pause own so many; where nothing is quiet, they are cut there.
SPEECH_FRAMES = 1_620
# Speech at this level, with noise far below it between the words: what the bundled model was trained on.
SPEECH_LEVEL, NOISE_LEVEL = 0.08 * 32_768, 1e-4 * 32_768
GAP_SECONDS = 0.1, 0.5
# Words on each side of one that is planted, the same ones wherever it is.
NEIGHBOURS = 3

Clip = collections.namedtuple("Clip", "word samples")
# `kind` is "seam", "middle", "quarter" or "other"; `start` and `end` are samples; `number` pairs a seam with its twins.
Planted = collections.namedtuple("Planted", "word start end kind number")


def load_clips():
    """The single digits of the examples, levelled."""
    clips = []
    with open(os.path.join(EXAMPLES, "digits.jsonl")) as file:
        for row in map(json.loads, file):
            if " " in row["text"]:
                continue
            with wave.open(os.path.join(EXAMPLES, row["audio_filepath"])) as audio:
                assert (audio.getframerate(), audio.getnchannels(), audio.getsampwidth()) == (RATE, 1, 2)
                samples = array.array("h", audio.readframes(audio.getnframes()))
            gain = SPEECH_LEVEL / math.sqrt(sum(s * s for s in samples) / len(samples))
            clips.append(
                Clip(row["text"], array.array("h", (max(-32_768, min(32_767, round(s * gain))) for s in samples))))
    return clips


class Recording:
    """A recording in which everything is connected speech, so that windows differ in nothing but where they lie.

    Around each seam stands a phrase whose middle word lies across it, and the same phrase, gaps and all, half a
    window later. Between these stand other words.

    Windows around speech lie as this expects where nothing is quiet: `gaps` are short then, and `noise` is loud. With
    `quarters` the phrase stands a quarter of a window behind the seam, too.
    """

    def __init__(self, clips, seams, seed, window=WINDOW, gaps=GAP_SECONDS, noise=NOISE_LEVEL, quarters=False):
        self.random = random.Random(seed)
        self.clips = clips
        self.gaps = gaps
        self.length = (seams + 1) * window
        self.noise = noise
        noise = array.array("h", (round(self.random.gauss(0, noise)) for _ in range(7 * RATE + 1)))
        self.samples = array.array("h")
        while len(self.samples) < self.length:
            self.samples.extend(noise[:self.length - len(self.samples)])
        self.words = []
        self.free_from = self.gap()
        for number in range(1, seams + 1):
            phrase = [self.random.choice(clips) for _ in range(2 * NEIGHBOURS + 1)]
            gaps = [self.gap() for _ in phrase[1:]]
            # Where in its middle word the seam lies.
            share = self.random.uniform(0.2, 0.8)
            middle = phrase[NEIGHBOURS].samples
            lead = sum(len(clip.samples) for clip in phrase[:NEIGHBOURS]) + sum(gaps[:NEIGHBOURS])
            start = number * window - lead - round(share * len(middle))
            self.phrase(phrase, gaps, start, "seam", number)
            if quarters:
                self.phrase(phrase, gaps, start + window // 4, "quarter", number)
            self.phrase(phrase, gaps, start + window // 2, "middle", number)
        self.fill(self.length)

    def gap(self):
        return round(RATE * self.random.uniform(*self.gaps))

    def put(self, clip, start, kind, number):
        span = slice(start, start + len(clip.samples))
        # Noise far below is not heard in a word.
        self.samples[span] = clip.samples if self.noise <= NOISE_LEVEL else array.array(
            "h", (max(-32_768, min(32_767, a + b)) for a, b in zip(self.samples[span], clip.samples)))
        self.words.append(Planted(clip.word, start, start + len(clip.samples), kind, number))
        self.free_from = start + len(clip.samples) + self.gap()

    def phrase(self, phrase, gaps, start, kind, number):
        self.fill(start)
        for index, clip in enumerate(phrase):
            self.put(clip, start, kind if index == NEIGHBOURS else "other", number)
            if index < len(gaps):
                start += len(clip.samples) + gaps[index]

    def fill(self, end):
        """Other words up to shortly before `end`."""
        while True:
            clip = self.random.choice(self.clips)
            if self.free_from + len(clip.samples) + round(self.gaps[0] * RATE) > end:
                return
            self.put(clip, self.free_from, "other", 0)

    def write(self, path):
        if sys.byteorder == "big":
            self.samples.byteswap()
        with wave.open(path, "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(self.samples.tobytes())


def write_late(speech, path, first_window):
    """Writes `speech` at 16 kHz, where the given window of the recording begins; a hole in the file is before it.

    At 16 kHz the engine takes samples as they are, so that a span of the file has the very samples of a window.
    """
    twice = array.array("h", bytes(4 * len(speech.samples)))
    twice[::2] = speech.samples
    twice[1::2] = array.array(
        "h", ((a + b) // 2 for a, b in zip(speech.samples, speech.samples[1:] + speech.samples[-1:])))
    before = 2 * WINDOW * first_window
    if sys.byteorder == "big":
        twice.byteswap()
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, 2 * RATE, 0, "NONE", ""))
        file.setnframes(before + len(twice))
        file.writeframes(b"")
    header = os.path.getsize(path)
    with open(path, "r+b") as file:
        # The sizes of the file and of its samples.
        for place, size in ((4, header - 8 + 2 * (before + len(twice))), (header - 4, 2 * (before + len(twice)))):
            file.seek(place)
            file.write(size.to_bytes(4, "little"))
        file.seek(header + 2 * before)
        file.write(twice.tobytes())
