"""Training batches: digit strings with gaps, rooms, telephone bands, noise and clipping, made on the fly."""

import numpy as np
from scipy.signal import fftconvolve, firwin2, lfilter

from audio import RATE, normalise
from vocabulary import encode


def noise_bank(rng, seconds=60):
    """Unit-RMS noises of several colours."""
    white = rng.standard_normal(seconds * RATE).astype(np.float32)
    bank = [white]
    for pole in (0.5, 0.9, 0.98, -0.7):
        coloured = lfilter([1.0], [1.0, -pole], rng.standard_normal(seconds * RATE)).astype(np.float32)
        bank.append(coloured / coloured.std())
    for _ in range(4):  # uneven spectra, slowly swelling
        shape = firwin2(401, np.linspace(0, 1, 9), 10 ** (rng.uniform(-30, 0, 9) / 20))
        coloured = fftconvolve(rng.standard_normal(seconds * RATE), shape, mode="same")
        swell = np.interp(np.arange(seconds * RATE), np.arange(0, seconds + 1) * RATE, 10 ** (rng.uniform(-10, 0, seconds + 1) / 20))
        bank.append((coloured * swell / (coloured * swell).std()).astype(np.float32))
    return bank


def channel_bank(rng, count=150):
    """Impulse responses: rooms (decaying noise after a direct path), microphones' colours, telephone bands."""
    bank = []
    for _ in range(count):
        response = np.zeros(1, np.float32) + 1
        if rng.random() < 0.6:
            decay = rng.uniform(0.03, 0.4)  # seconds until 60 dB down
            time = np.arange(int(min(decay, 0.3) * RATE)) / RATE
            tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / decay)
            tail[: int(rng.uniform(0.001, 0.01) * RATE)] = 0
            tail *= 10 ** (rng.uniform(-15, 3) / 20) / max(1e-6, np.linalg.norm(tail))
            tail[0] = 1
            response = tail
        kind = rng.random()
        if kind < 0.3:  # telephone
            low, high = rng.uniform(150, 400), rng.uniform(2800, 3900)
            edges = [0, low * 0.6, low, high, high * 1.1, RATE / 2]
            response = np.convolve(response, firwin2(513, edges, [0, 0.05, 1, 1, 0.01, 0], fs=RATE))
        elif kind < 0.85:  # tone control
            gains = 10 ** (np.cumsum(rng.uniform(-5, 5, 7)) / 20)
            response = np.convolve(response, firwin2(257, np.linspace(0, 1, 7), gains))
        bank.append((response / np.linalg.norm(response)).astype(np.float32))
    return bank


class Mixer:
    """Draws batches from pools of recorded and synthetic voices."""

    def __init__(self, recorded, synthetic, seed):
        self.rng = np.random.default_rng(seed)
        self.recorded = list(recorded.values())
        self.synthetic = list(synthetic.values())
        self.synthetic_words = [[clip for clip in pool if " " not in clip.text] for pool in self.synthetic]
        self.noises = noise_bank(self.rng)
        self.channels = channel_bank(self.rng)

    def batch(self, seconds, longest):
        """Samples [rows, samples] padded with zeros, lengths, targets: about `seconds` of audio, no row beyond `longest` seconds."""
        if self.rng.random() < 0.25:
            rows = sorted((self.single() for _ in range(int(seconds * 1.5))), key=lambda row: len(row[0]))
            rows = [row for count, row in enumerate(rows, 1) if count * len(row[0]) <= seconds * RATE]
        else:
            longest = longest if self.rng.random() < 0.03 else min(seconds, longest)
            length = int(RATE * np.exp(self.rng.uniform(np.log(min(2, longest)), np.log(longest))))
            rows = [self.row(length) for _ in range(max(1, round(seconds * RATE / length)))]
        lengths = np.array([len(samples) for samples, _ in rows])
        padded = np.zeros((len(rows), lengths.max()), np.float32)
        for row, (samples, _) in zip(padded, rows):
            row[: len(samples)] = normalise(samples)
        return padded, lengths, [encode(text) for _, text in rows]

    def single(self):
        """One clip, often bare, as the recordings are."""
        pool = self.recorded if self.rng.random() < 0.75 else self.synthetic_words
        clip = self.clip(pool)
        before, after = (self.rng.integers(0, 4000, 2) if self.rng.random() < 0.5 else (0, 0))
        samples = np.pad(clip.samples, (int(before), int(after) + max(0, 480 - len(clip.samples))))
        return self.transmitted(samples) if self.rng.random() < 0.6 else samples, clip.text

    def row(self, length):
        """A string filling `length` samples, or one of the kinds of audio that hold no speech."""
        if self.rng.random() < 0.06:
            return self.speechless(length), ""
        samples, words = self.string(length)
        return self.transmitted(samples), " ".join(words)

    def string(self, length):
        rng = self.rng
        samples = np.zeros(length, np.float32)
        words = []
        voices = self.voices()
        low, high = [(-0.02, 0.06), (0.03, 0.25), (0.1, 0.6), (0.3, 1.2)][rng.choice(4, p=[0.25, 0.4, 0.25, 0.1])]
        pause_chance = rng.choice([0.0, 0.02, 0.3], p=[0.5, 0.35, 0.15])
        words_max = rng.integers(1, 21) if rng.random() < 0.15 else 200
        position = int(RATE * self.pause(length) if rng.random() < 0.3 else RATE * rng.uniform(0, 0.5))
        if rng.random() < 0.12:
            fragment = self.choice(self.choice(voices)).samples
            fragment = fragment[-int(min(2000, 0.35 * len(fragment))) :]
            samples[: len(fragment)] += fragment[:length]
            position += len(fragment)
        while len(words) < words_max:
            clip = self.clip(voices)
            if position + len(clip.samples) > length:
                break
            position = max(0, position)
            samples[position : position + len(clip.samples)] += faded(clip.samples) * 10 ** (rng.uniform(-4, 4) / 20)
            words += clip.text.split()
            gap = self.pause(length) if rng.random() < pause_chance else rng.uniform(low, high)
            position += len(clip.samples) + int(RATE * gap)
        return samples, words

    def voices(self):
        """Whose clips a string is made of: mostly one recorded or one synthetic voice, sometimes several."""
        kind = self.rng.random()
        if kind < 0.55:
            return [self.choice(self.recorded)]
        if kind < 0.65:
            return self.recorded
        if kind < 0.85:
            return [self.choice(self.synthetic)]
        return self.synthetic if kind < 0.95 else [self.choice(self.recorded), self.choice(self.synthetic)]

    def clip(self, voices):
        """One clip of one of the voices; THREE, whose doubled letter is the hardest to read, comes oftener than the others."""
        clip = self.choice(self.choice(voices))
        if self.rng.random() < 0.12:
            others = (self.choice(self.choice(voices)) for _ in range(8))
            clip = next((other for other in others if "THREE" in other.text), clip)
        return clip

    def pause(self, length):
        """Seconds of a long silence that a row of `length` samples can hold."""
        return self.rng.uniform(0.5, max(0.6, min(16, 0.6 * length / RATE))) * self.rng.random()

    def transmitted(self, samples):
        """Through a channel, with noise, and what else happens to recordings."""
        rng = self.rng
        if rng.random() < 0.4:
            samples = fftconvolve(samples, self.choice(self.channels))[: len(samples)].astype(np.float32)
        if rng.random() < 0.65:
            level = 0.1 * 10 ** (-rng.uniform(8, 50) / 20)
            samples = samples + level * self.noise(len(samples))
        if rng.random() < 0.06:
            samples = samples.clip(-0.15, 0.15)
        if rng.random() < 0.08:
            samples = samples + 0.1 * 10 ** (-rng.uniform(10, 40) / 20) * self.hum(len(samples))
        if rng.random() < 0.12:
            step = rng.uniform(0.001, 0.01)
            samples = np.round(samples / step) * step
        return samples

    def speechless(self, length):
        rng = self.rng
        kind = rng.integers(7)
        if kind == 0:
            return np.zeros(length, np.float32)
        if kind == 1:
            return np.full(length, rng.uniform(-0.5, 0.5), np.float32)
        if kind == 2:
            samples = sum(self.tone(length) * rng.random() for _ in range(rng.integers(1, 4)))
        elif kind == 3:
            samples = self.hum(length)
        elif kind == 4:
            samples = np.zeros(length, np.float32)
            samples[rng.integers(0, length, rng.integers(1, 30))] = rng.uniform(-1, 1)
        else:
            samples = self.noise(length)
        if rng.random() < 0.4:
            start, end = sorted(rng.integers(0, length, 2))
            samples = samples.copy()
            samples[start:end] = 0
        if rng.random() < 0.5:
            samples = samples + 10 ** (-rng.uniform(5, 50) / 20) * self.noise(length)
        return samples * 10 ** (-rng.uniform(0, 60) / 20)

    def noise(self, length):
        bank = self.choice(self.noises)
        start = self.rng.integers(0, len(bank) - length) if length < len(bank) else 0
        return np.resize(bank[start : start + length], length)

    def tone(self, length):
        frequency = np.exp(self.rng.uniform(np.log(60), np.log(7500)))
        return np.sin(2 * np.pi * frequency / RATE * np.arange(length, dtype=np.float32)).astype(np.float32)

    def hum(self, length):
        phase = 2 * np.pi * self.rng.choice([50, 60]) / RATE * np.arange(length, dtype=np.float32)
        return sum(self.rng.random() * np.sin(k * phase) for k in (1, 2, 3, 5)).astype(np.float32)

    def choice(self, sequence):
        return sequence[self.rng.integers(len(sequence))]


def faded(samples, edge=80):
    samples = samples.copy()
    ramp = np.linspace(0, 1, min(edge, len(samples) // 2), dtype=np.float32)
    samples[: len(ramp)] *= ramp
    samples[len(samples) - len(ramp) :] *= ramp[::-1]
    return samples
