"""Recordings as archives have them: spoken digits among silence, music, noise, clicks and other voices.

Only clips of manifests/examples are used, and sounds made here. All at 8 kHz, as the clips are.
"""

import array
import collections
import json
import math
import os
import random
import struct
import subprocess
import wave

from recordings import RATE, SPEECH_LEVEL

# Words that stand together, with the samples at which each begins and ends in the recording.
Phrase = collections.namedtuple("Phrase", "words spans kind")

GAP_SECONDS = 0.1, 0.5
FULL = 32_767


def clipped(values):
    return array.array("h", [-FULL if v < -FULL else FULL if v > FULL else int(v) for v in values])


def scaled(samples, gain):
    return clipped([gain * s for s in samples])


class Sounds:
    """What archives have besides speech; made once, of fixed seeds."""

    def __init__(self, seed=5):
        chance = random.Random(seed)
        # Some seconds of each are said again and again; lengths without a common divisor.
        self.hiss = array.array("h", [round(chance.gauss(0, SPEECH_LEVEL)) for _ in range(7 * RATE + 1)])
        self.bars = [self.bar(chance, root) for root in (0, 5, 7, 9, 3, 10)]

    @staticmethod
    def bar(chance, root):
        """Two seconds of music: a chord, a bass, a tune of four notes, and a drum; as loud as speech."""
        length = 2 * RATE
        sound = [0.0] * length
        def note(start, seconds, halftones, level):
            pitch = 2 * math.pi * 110 * 2 ** ((root + halftones) / 12) / RATE
            for partial in range(1, 6):
                if pitch * partial > 2.8:
                    break
                loudness = level / partial ** 1.5
                for i in range(int(seconds * RATE)):
                    sound[start + i] += loudness * math.exp(-2.5 * partial * i / RATE) * math.sin(pitch * partial * i)
        for halftones in (12, 16, 19):
            note(0, 2, halftones, 0.6)
        for beat in range(4):
            note(beat * RATE // 2, 0.5, 0, 0.8)
            note(beat * RATE // 2, 0.5, 24 + chance.choice((0, 2, 4, 7, 9)), 0.7)
            for i in range(RATE // 20):
                sound[beat * RATE // 2 + i] += math.exp(-90 * i / RATE) * chance.uniform(-1, 1)
        level = math.sqrt(sum(s * s for s in sound) / length)
        return clipped([s * SPEECH_LEVEL / level for s in sound])

    def music(self, chance, samples):
        music = array.array("h")
        while len(music) < samples:
            music.extend(chance.choice(self.bars))
        return music[:samples]

    def noise(self, chance, samples):
        at = chance.randrange(len(self.hiss))
        noise = self.hiss[at:]
        while len(noise) < samples:
            noise.extend(self.hiss)
        return noise[:samples]


class Tape:
    """A recording that grows, and what was said on it."""

    def __init__(self, clips, sounds, seed):
        self.clips, self.sounds, self.random = clips, sounds, random.Random(seed)
        self.samples = array.array("h")
        self.phrases = []
        # Samples of silence in a file that are a hole in it.
        self.silence_before = 0

    def __len__(self):
        return self.silence_before + len(self.samples)

    def silence(self, seconds):
        """Digital silence; at the beginning of a tape it takes no memory."""
        if self.samples:
            self.samples.extend(array.array("h", bytes(2 * round(seconds * RATE))))
        else:
            self.silence_before += round(seconds * RATE)

    def music(self, seconds, gain=1.0):
        self.samples.extend(scaled(self.sounds.music(self.random, round(seconds * RATE)), gain))

    def noise(self, seconds, gain):
        self.samples.extend(scaled(self.sounds.noise(self.random, round(seconds * RATE)), gain))

    def spoken(self, count, gaps=GAP_SECONDS):
        """`count` words with gaps between: samples, words and their places."""
        samples, words, spans = array.array("h"), [], []
        for index in range(count):
            if index and gaps[1]:
                samples.extend(array.array("h", bytes(2 * round(RATE * self.random.uniform(*gaps)))))
            clip = self.random.choice(self.clips)
            words.append(clip.word)
            spans.append((len(samples), len(samples) + len(clip.samples)))
            samples.extend(clip.samples)
        return samples, words, spans

    def phrase(self, kind, count=None, gaps=GAP_SECONDS, change=None):
        """Says some words; `change` makes other samples of theirs."""
        samples, words, spans = self.spoken(count or self.random.randint(3, 7), gaps)
        at = len(self)
        self.phrases.append(Phrase(words, [(at + a, at + b) for a, b in spans], kind))
        self.samples.extend(change(samples) if change else samples)

    def over(self, first, sound, gain):
        """Adds a sound to what is on the tape from sample `first` on."""
        begin = first - self.silence_before
        end = min(begin + len(sound), len(self.samples))
        self.samples[begin:end] = clipped([a + gain * b for a, b in zip(self.samples[begin:end], sound)])

    def write(self, path, other_channel=None):
        """Writes the tape; with `other_channel` that sound is a second one, repeated."""
        samples = self.samples
        channels = 1
        if other_channel is not None:
            assert not self.silence_before
            channels = 2
            second = array.array("h")
            while len(second) < len(samples):
                second.extend(other_channel)
            both = array.array("h", bytes(4 * len(samples)))
            both[::2], both[1::2] = samples, second[:len(samples)]
            samples = both
        with wave.open(path, "wb") as file:
            file.setparams((channels, 2, RATE, 0, "NONE", ""))
            file.writeframes(b"")
        hole, size = 2 * self.silence_before, 2 * len(samples)
        with open(path, "r+b") as file:
            header = file.seek(0, 2)
            for place, value in ((4, header - 8 + hole + size), (header - 4, hole + size)):
                file.seek(place)
                file.write(struct.pack("<I", value))
            file.seek(header + hole)
            samples.tofile(file)


def faded(samples):
    """In from nothing and out to nothing, over a third of the phrase each."""
    third = max(1, len(samples) // 3)
    return clipped([
        s * min(1, (i + 1) / third, (len(samples) - i) / third) for i, s in enumerate(samples)])


def clicks(chance, samples, each=0.7):
    """Clicks of full scale, three samples long, in silence of so many samples."""
    sound = array.array("h", bytes(2 * samples))
    at = 0
    while True:
        at += 1 + round(chance.expovariate(1 / each) * RATE)
        if at + 3 >= samples:
            return sound
        sound[at:at + 3] = array.array("h", [FULL, -FULL, FULL // 2])


# MARK: The scenes: each fills a tape until it has so many words.

def phrases_in_silence(tape, words):
    while count(tape) < words:
        tape.silence(tape.random.uniform(2, 20))
        tape.phrase("silence")
    tape.silence(9)


def dense(tape, words):
    """Nothing but words, with pauses too short to be any."""
    while count(tape) < words:
        tape.phrase("dense", 50, gaps=(0, 0.12))
    tape.silence(0.3)


def in_noise(tape, words):
    """A steady hiss 15 dB below the speech, through pauses of many seconds."""
    while count(tape) < words:
        tape.silence(tape.random.uniform(1, 15))
        tape.phrase("noise")
    tape.silence(3)
    tape.over(tape.silence_before, tape.sounds.noise(tape.random, len(tape.samples)), 10 ** (-15 / 20))


def among_music(tape, words):
    """Music as loud as the words, between phrases and up to 0.4 s before them."""
    while count(tape) < words:
        tape.music(tape.random.uniform(3, 25))
        tape.silence(0.4)
        tape.phrase("music")
        tape.silence(0.4)
    tape.music(5)


def over_music(tape, words):
    """Words over music that is 18 dB below them."""
    while count(tape) < words:
        tape.silence(tape.random.uniform(2, 8))
        tape.phrase("over music")
    tape.silence(2)
    tape.over(tape.silence_before, tape.sounds.music(tape.random, len(tape.samples)), 10 ** (-18 / 20))


def among_clicks(tape, words):
    while count(tape) < words:
        tape.silence(tape.random.uniform(2, 12))
        tape.phrase("clicks")
    tape.silence(2)
    last = 0
    for phrase in tape.phrases:
        first = phrase.spans[0][0] - tape.silence_before
        if first > last:
            tape.over(last + tape.silence_before, clicks(tape.random, first - last), 1)
        last = phrase.spans[-1][1] - tape.silence_before


def fading(tape, words):
    while count(tape) < words:
        tape.silence(tape.random.uniform(2, 12))
        tape.phrase("fades", 7, change=faded)
    tape.silence(2)


def count(tape):
    return sum(len(phrase.words) for phrase in tape.phrases)


# MARK: A broadcast

def other_voices(speech, seed, clips, sounds):
    """Sounds of people who talk, none of which is counted."""
    if not speech:
        tape = Tape(clips, sounds, seed + 7_000)
        # Backwards, digits are no words.
        return [tape.spoken(12)[0][::-1] for _ in range(12)]
    root = os.path.dirname(os.path.abspath(speech))
    with open(speech) as file:
        rows = [row for row in map(json.loads, file) if 5 < row.get("duration", 0) < 20 and "fsdd" not in row.get("set", "")]
    voices = []
    for row in random.Random(seed).sample(rows, min(40, len(rows))):
        path = os.path.join(root, row["audio_filepath"])
        raw = subprocess.run(
            ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-f", "s16le", "-ac", "1", "-ar", str(RATE), "-"],
            stdout=subprocess.PIPE, check=True).stdout
        voice = array.array("h", raw[:len(raw) // 2 * 2])
        level = math.sqrt(sum(s * s for s in voice) / max(1, len(voice)))
        if level > 0:
            voices.append(scaled(voice, SPEECH_LEVEL / level))
    return voices


def broadcast(tape, voices, seconds):
    """Fills a tape with what a station sends. Gives the spans of samples that are music."""
    chance = tape.random
    music = []
    while len(tape) < seconds * RATE:
        first = len(tape)
        kind = chance.choices(
            ["speech", "jingle", "record", "break", "voice", "under", "overlap"], [6, 3, 2, 2, 3, 3, 1])[0]
        if kind == "speech":
            tape.phrase("clear")
            tape.silence(chance.uniform(0.6, 2))
        elif kind == "jingle":
            tape.music(chance.uniform(2, 6), 0.7)
        elif kind == "record":
            tape.music(chance.uniform(20, 60))
        elif kind == "break":
            tape.silence(chance.uniform(5, 40))
        elif kind == "voice":
            tape.silence(0.6)
            tape.samples.extend(chance.choice(voices))
            tape.silence(0.8)
        else:
            begin = len(tape)
            tape.silence(0.6)
            tape.phrase("under music" if kind == "under" else "overlap")
            tape.silence(0.8)
            if kind == "under":
                tape.over(begin, tape.sounds.music(chance, len(tape) - begin), 10 ** (-20 / 20))
            else:
                tape.over(begin, chance.choice(voices), 0.7)
        if kind in ("jingle", "record"):
            music.append((first, len(tape)))
    return music
