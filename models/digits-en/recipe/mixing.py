"""Training batches: digit strings with gaps, rooms, telephone bands, noise and clipping, made on the fly."""

import numpy as np
import soxr
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


PLAIN_SHARE = 0.25  # how often a recording is taken as it is, whatever the number of its renderings


class Mixer:
    """Draws batches from pools of recorded and synthetic voices: voice -> recordings -> renderings, the plain one first."""

    def __init__(self, recorded, synthetic, seed):
        self.rng = np.random.default_rng(seed)
        self.recorded = list(recorded.values())
        self.synthetic = list(synthetic.values())
        self.synthetic_words = [[recording for recording in pool if " " not in recording[0].text] for pool in self.synthetic]
        self.noises = noise_bank(self.rng)
        self.channels = channel_bank(self.rng)

    def batch(self, seconds, longest):
        """Normalised samples [rows, samples] and targets: about `seconds` of audio, no string beyond `longest` seconds."""
        kind = self.rng.choice(3, p=[0.35, 0.5, 0.15])
        if kind == 0:
            rows = self.singles(seconds)
        else:
            shortest, longest = (2, min(12, longest)) if kind == 1 else (min(4, longest), longest)
            length = int(RATE * np.exp(self.rng.uniform(np.log(shortest), np.log(longest))))
            make = self.string if kind == 1 else self.sparse
            rows = [self.row(length, make) for _ in range(max(1, round(seconds * RATE / length)))]
        return np.stack([normalise(samples) for samples, _ in rows]), [encode(text) for _, text in rows]

    def singles(self, seconds):
        """Rows of one clip each, half of them bare, as the recordings are: clips of about one length, played a little faster or
        slower to be of one length. Filling them up with silence instead left bare digits to be misread: 13 % of them, not 3 %."""
        clips = [self.clip(self.recorded if self.rng.random() < 0.7 else self.synthetic_words) for _ in range(int(20 * seconds))]
        margins = [self.rng.integers(0, 5000, 2) * (self.rng.random() < 0.5) for _ in clips]
        padded = [np.pad(clip.samples, tuple(ends)) for clip, ends in zip(clips, margins)]
        order = sorted(range(len(clips)), key=lambda index: len(padded[index]))
        order = order[self.rng.integers(len(order)) :]
        order = [index for index in order if len(padded[index]) <= 1.25 * len(padded[order[0]])]
        order = order[: max(1, int(seconds * RATE / len(padded[order[-1]])))]
        length = max(480, len(padded[order[len(order) // 2]]))
        rows = []
        for index in order:
            samples = of_length(padded[index], length)
            rows.append((self.transmitted(samples) if self.rng.random() < 0.6 else samples, clips[index].text))
        return rows

    def row(self, length, make):
        """A string filling `length` samples, or one of the kinds of audio that hold no speech."""
        if self.rng.random() < 0.06:
            return self.speechless(length), ""
        samples, words = make(length)
        return self.transmitted(samples), " ".join(words)

    def sparse(self, length):
        """Few clips in `length` samples, silence of any duration between them and at both ends."""
        voices = self.voices()
        words_a_second = np.exp(self.rng.uniform(np.log(0.05), np.log(0.8)))
        clips = [self.clip(voices) for _ in range(1 + self.rng.poisson(words_a_second * length / RATE))]
        while len(clips) > 1 and sum(len(clip.samples) for clip in clips) > length:
            clips.pop()
        spare = length - sum(len(clip.samples) for clip in clips)
        samples = np.zeros(length, np.float32)
        cuts = np.sort(self.rng.integers(0, max(1, spare), len(clips)))
        words, spoken = [], 0
        for cut, clip in zip(cuts, clips):
            self.lay(clip, samples[cut + spoken :])
            spoken += len(clip.samples)
            words += clip.text.split()
        return samples, words

    def lay(self, clip, samples):
        """Adds the clip, a little louder or softer, at the start of `samples`."""
        length = min(len(clip.samples), len(samples))
        samples[:length] += faded(clip.samples[:length]) * 10 ** (self.rng.uniform(-4, 4) / 20)

    def string(self, length):
        rng = self.rng
        samples = np.zeros(length, np.float32)
        words = []
        voices = self.voices()
        low, high = [(-0.02, 0.06), (0.03, 0.25), (0.1, 0.6), (0.3, 1.2)][rng.choice(4, p=[0.25, 0.35, 0.25, 0.15])]
        position = int(RATE * rng.uniform(0, 0.5)) if rng.random() < 0.8 else 0
        if rng.random() < 0.12:
            fragment = self.rendering(voices).samples
            fragment = fragment[-int(min(2000, 0.35 * len(fragment))) :]
            samples[: len(fragment)] += fragment[:length]
            position += len(fragment)
        while True:
            clip = self.clip(voices)
            if position + len(clip.samples) > length:
                break
            self.lay(clip, samples[position:])
            words += clip.text.split()
            position = max(0, position + len(clip.samples) + int(RATE * rng.uniform(low, high)))
        return samples, words

    def voices(self):
        """Whose clips a string is made of: mostly one recorded or one synthetic voice, sometimes several."""
        kind = self.rng.random()
        if kind < 0.5:
            return [self.choice(self.recorded)]
        if kind < 0.6:
            return self.recorded
        if kind < 0.82:
            return [self.choice(self.synthetic)]
        return self.synthetic if kind < 0.95 else [self.choice(self.recorded), self.choice(self.synthetic)]

    def clip(self, voices):
        """One clip of one of the voices; THREE, whose doubled letter is the hardest to read, comes oftener than the others."""
        clip = self.rendering(voices)
        if self.rng.random() < 0.12:
            others = (self.rendering(voices) for _ in range(8))
            clip = next((other for other in others if "THREE" in other.text), clip)
        return clip

    def rendering(self, voices):
        recording = self.choice(self.choice(voices))
        return recording[0] if self.rng.random() < PLAIN_SHARE else self.choice(recording)

    def transmitted(self, samples):
        """Through a channel, with noise, and what else happens to recordings."""
        rng = self.rng
        if rng.random() < 0.4:
            samples = fftconvolve(samples, self.choice(self.channels))[: len(samples)].astype(np.float32)
        if rng.random() < 0.65:
            below = rng.uniform(4, 25) if rng.random() < 0.5 else rng.uniform(25, 65)  # decibels below the speech
            level = 0.1 * 10 ** (-below / 20)
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


def of_length(samples, length):
    """The same, played faster or slower."""
    played = soxr.resample(samples, len(samples), length, quality="HQ")[:length]
    return np.pad(played, (0, length - len(played))).astype(np.float32)


def faded(samples, edge=80):
    samples = samples.copy()
    ramp = np.linspace(0, 1, min(edge, len(samples) // 2), dtype=np.float32)
    samples[: len(ramp)] *= ramp
    samples[len(samples) - len(ramp) :] *= ramp[::-1]
    return samples
