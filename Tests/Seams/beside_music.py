"""Goes on training the bundled model with music beside, between and below what is said.

The bundled model never heard music, and misreads words of a window that has some. Windows of `--chunk speech` have: of a
recording in which music closes in on a phrase, 0.8 s or so beside it. Here the model goes on as train.py trained it, but most
batches are of such windows: one to three phrases, at the ends and between them music, silence or a voice that says no words
(digits backwards), and music below some. The music is made of chords, bass, tune and drum of any key, tempo, timbre and loudness, and
may end at the very sample at which a phrase begins. The other batches are train.py's own, so that less is forgotten.
`archive.py --model` measures what the model makes of a broadcast, of which neither music nor recordings are used here;
docs/long-recordings.md has the figures:

    python3 models/digits-en/recipe/voices.py VOICES.npz
    python3 Tests/Seams/beside_music.py TUNED --voices VOICES.npz
    python3 Tests/Seams/archive.py --words 0 --hours 0 --model TUNED

Needs what the recipe needs (requirements.txt there). One process, one thread, seeded, as train.py.
"""

import argparse
import collections
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "models" / "digits-en"
sys.path.insert(0, str(BUNDLED / "recipe"))

import clips  # noqa: E402
from audio import RATE, normalise, resample  # noqa: E402
from export import export  # noqa: E402
from mixing import Mixer  # noqa: E402
from network import load_model  # noqa: E402
from train import kept_apart, train_loss  # noqa: E402
from vocabulary import encode  # noqa: E402

CHORDS = (0, 4, 7), (0, 3, 7), (0, 5, 7), (0, 4, 7, 10)
SCALE = 0, 2, 4, 5, 7, 9, 11
# Shortest and longest gap between words of a phrase, in seconds.
GAPS = (0.1, 0.5), (0.1, 0.5), (0.0, 0.15), (0.3, 1.0)
# Updates, highest learning rate, how much of a cosine's fall it makes, and the share of batches that are windows with music. The
# second round begins with the averaged weights of the first, and hears other music.
Plan = collections.namedtuple("Plan", "updates rate fall share")
ROUNDS = Plan(1_200, 4e-4, 0.5, 0.6), Plan(700, 2e-4, 1, 0.4)


def decibels(value):
    return 10 ** (value / 20)


def bar(rng):
    """Four beats of music, RMS 0.1: a chord, a bass, a tune and a drum, each as loud as chance has it, or left out."""
    beat = int(RATE * rng.uniform(0.25, 0.8))
    length = 4 * beat
    sound = np.zeros(length, np.float32)
    root = 55 * 2 ** rng.uniform(0, 2)
    slope, partials, decay = rng.uniform(0.7, 2.5), rng.integers(2, 12), rng.choice((0.0, 1.0)) * rng.uniform(0.3, 6)
    attack = 10 ** rng.uniform(-3, -0.8)

    def note(start, samples, halftones, level):
        seconds = np.arange(min(samples, length - start)) / RATE
        pitch = root * 2 ** (halftones / 12)
        wave = sum(
            p ** -slope * np.exp(-decay * p * seconds) * np.sin(2 * np.pi * pitch * p * seconds + rng.uniform(0, 6))
            for p in range(1, partials + 1) if pitch * p < 0.45 * RATE)
        sound[start:start + len(seconds)] += (
            level * wave * np.minimum(1, seconds / attack) * np.minimum(1, (seconds[-1] - seconds) / 0.01))

    chord, bass, tune, drum = rng.uniform(0, 1, 4) * (rng.random(4) < 0.75)
    if chord:
        for halftones in CHORDS[rng.integers(4)]:
            note(0, length, 12 + halftones, chord)
    colour, fading = rng.uniform(-0.9, 0.9), rng.uniform(20, 120)
    for start in range(0, length, beat):
        if bass:
            note(start, beat, 0, bass)
        if tune:
            for part in range(rng.integers(1, 4)):
                note(start + part * beat // 3, beat // 2, 12 * rng.integers(1, 4) + rng.choice(SCALE), tune)
        if drum:
            hit = rng.standard_normal(beat) * np.exp(-np.arange(beat) / RATE * fading)
            hit[1:] -= colour * hit[:-1]
            sound[start:start + beat] += 2 * drum * hit
    level = np.sqrt(np.mean(sound * sound))
    return sound * (0.1 / level) if level > 1e-4 else bar(rng)


class MusicMixer(Mixer):
    """Gives windows with music for `share` of the batches, and for the others those of Mixer."""

    def __init__(self, recorded, synthetic, seed, share, bars=400):
        super().__init__(recorded, synthetic, seed)
        self.share = share
        self.bars = [bar(self.rng).astype(np.float32) for _ in range(bars)]
        # Half of it as recordings at 8 kHz have it.
        self.bars[::2] = [resample(resample(sound, RATE, 8000), 8000) for sound in self.bars[::2]]

    def batch(self, seconds, longest):
        if self.rng.random() > self.share:
            return super().batch(seconds, min(longest, self.rng.choice((8, 36))))
        # Quarters of a second: what torch prepares for one length serves again.
        length = int(4 * np.exp(self.rng.uniform(np.log(1.5), np.log(14)))) * RATE // 4
        rows = [self.window(length) for _ in range(max(1, round(seconds * RATE / length)))]
        return np.stack([normalise(samples) for samples, _ in rows]), [encode(text) for _, text in rows]

    def window(self, length):
        """Samples and text of a window: phrases, what stands between them, and what is left of it at both ends."""
        rng = self.rng
        samples, words = np.zeros(length, np.float32), []
        end = self.first_edge(samples)
        voices = [self.choice(self.recorded)] if rng.random() < 0.6 else self.voices()
        if rng.random() < 0.05:
            return samples + decibels(rng.uniform(-15, 5)) * self.music(length), ""
        gain = decibels(rng.uniform(-6, 3))
        begin = end
        while True:
            end = self.phrase(samples, begin, voices, gain, words) or end
            if length - end < 2.5 * RATE:
                break
            begin = end + self.between(samples[end:])
            if rng.random() < 0.2:
                voices = self.voices()
        self.last_edge(samples[end:])
        return (self.transmitted(samples) if rng.random() < 0.25 else samples), " ".join(words)

    def phrase(self, samples, begin, voices, gain, words):
        """Says up to seven words from `begin` on, some phrases over music; gives where it ends, or 0 where no word fits."""
        rng = self.rng
        low, high = GAPS[rng.integers(4)]
        at, end = begin, 0
        for _ in range(rng.integers(1, 8)):
            clip = self.clip(voices)
            if at + len(clip.samples) + 0.05 * RATE > len(samples):
                break
            end = at + len(clip.samples)
            samples[at:end] += clip.samples * (gain * decibels(rng.uniform(-2, 2)))
            words += clip.text.split()
            at = end + int(RATE * rng.uniform(low, high))
        if end and rng.random() < 0.2:
            first, end = max(0, begin - int(0.6 * RATE)), min(len(samples), end + int(0.8 * RATE))
            samples[first:end] += decibels(-rng.uniform(8, 28)) * self.music(end - first)
        return end

    def music(self, length):
        """So many samples, from anywhere in a bar on."""
        rng = self.rng
        sound = self.choice(self.bars)
        parts = [sound[rng.integers(len(sound)):]]
        while sum(map(len, parts)) < length:
            if rng.random() < 0.4:
                sound = self.choice(self.bars)
            parts.append(sound)
        return np.concatenate(parts)[:length]

    def put_music(self, samples):
        samples += decibels(self.rng.uniform(-14, 5)) * self.music(len(samples))

    def pause(self):
        """Samples between music and a phrase: mostly none."""
        return int(RATE * self.rng.uniform(0, 0.8)) if self.rng.random() < 0.35 else 0

    def first_edge(self, samples):
        """What is before the first phrase; gives its length."""
        rng = self.rng
        length = int(RATE * (rng.uniform(0.75, 1.0) if rng.random() < 0.6 else rng.uniform(0, 1.2)))
        length = min(length, len(samples) // 3)
        if rng.random() < 0.65:
            music = max(0, length - self.pause())
            if music:
                self.put_music(samples[:music])
        return length

    def last_edge(self, samples):
        rng = self.rng
        if rng.random() < 0.65:
            music = max(0, len(samples) - self.pause())
            music = min(music, int(RATE * rng.uniform(0, 3))) if rng.random() < 0.3 else music
            if music:
                self.put_music(samples[-music:])

    def between(self, samples):
        """Music, silence or a voice at the beginning of `samples`; gives its length."""
        rng = self.rng
        kind = rng.choice(3, p=[0.5, 0.25, 0.25])
        length = int(min(RATE * rng.uniform(0.3, 5), len(samples) - 1.5 * RATE))
        if kind == 0:
            before, behind = self.pause(), self.pause()
            music = max(RATE // 10, length - before - behind)
            self.put_music(samples[before:before + music])
            return before + music + behind
        if kind == 1:
            return int(RATE * rng.uniform(0.6, 1.6))
        at, voices = int(0.6 * RATE), self.voices()
        while True:
            backwards = self.rendering(voices).samples[::-1]
            if at + len(backwards) > length:
                return at + int(0.7 * RATE)
            samples[at:at + len(backwards)] += backwards
            at += len(backwards) + int(RATE * rng.uniform(0, 0.1))


def go_on(model, mixer, plan, seconds):
    """The averaged weights, after a round of training."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01)
    averaged = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    started = time.monotonic()
    for update in range(plan.updates):
        cosine = 0.5 * (1 + math.cos(math.pi * plan.fall * (update + 1) / plan.updates))
        optimizer.param_groups[0]["lr"] = plan.rate * min(1, (update + 1) / 100) * cosine
        optimizer.zero_grad(set_to_none=True)
        loss = train_loss(model, mixer, seconds, 36)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if not torch.isfinite(norm):
            continue
        optimizer.step()
        decay = min(0.995, (1 + update) / (10 + update))
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                averaged[name].lerp_(tensor, 1 - decay)
        if update % 50 == 49:
            print(f"update {update + 1} {time.monotonic() - started:.0f} s loss {loss.item():.3f}", flush=True)
    return averaged


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="model folder to write")
    parser.add_argument("--voices", type=Path, required=True, help="written by the recipe's voices.py")
    parser.add_argument("--recordings", type=Path, default=ROOT.parent / "shared/speechpool/manifest.jsonl", help="of train.py")
    parser.add_argument("--seconds", type=float, default=16, help="audio of an update")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    rng = np.random.default_rng(options.seed)
    recorded, synthetic = clips.recorded(options.recordings, 3, rng), clips.synthetic(options.voices, rng)
    recorded, _ = kept_apart(recorded)
    folder = BUNDLED
    for number, plan in enumerate(ROUNDS):
        mixer = MusicMixer(recorded, synthetic, options.seed + number, plan.share)
        averaged = go_on(load_model(folder).train(), mixer, plan, options.seconds)
        export(averaged, BUNDLED / "config.json", options.output)
        folder = options.output


if __name__ == "__main__":
    main()
