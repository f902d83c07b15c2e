"""The pool of clips that training strings are made of: recorded digits in several variants, and synthetic voices.

Variants change speed, pitch and formants (resampling, time stretching, bending the spectral envelope) and sometimes mirror the 0-4 kHz band of the 8 kHz
recordings into 4-8 kHz, so that the network does not take an empty upper band for a property of speech.
"""

from collections import namedtuple

import numpy as np
import soundfile
import soxr
from scipy.signal import istft, stft

from audio import RATE, manifest_rows, resample

Clip = namedtuple("Clip", "samples text")  # float32 at 16 kHz, RMS 0.1


def levelled(samples, rms=0.1):
    return (samples * (rms / max(1e-4, np.sqrt(np.mean(samples * samples))))).astype(np.float32)


def stretched(samples, ratio, frame=400, search=120):
    """WSOLA: `ratio` times as long, pitch kept. Frames overlap by half."""
    hop = frame // 2
    window = np.hanning(frame + 1)[:frame].astype(np.float32)
    count = max(1, int(len(samples) * ratio) // hop)
    padded = np.pad(samples, (search, frame + hop + search))
    output = np.zeros((count + 1) * hop, np.float32)
    expected = None
    for index in range(count):
        centre = min(int(index * hop / ratio), len(samples) - 1)
        region = padded[centre : centre + frame + 2 * search]
        offset = search if expected is None else int(np.argmax(np.correlate(region, expected, "valid")))
        output[index * hop : index * hop + frame] += window * region[offset : offset + frame]
        following = centre + offset + hop
        expected = padded[following : following + frame]
        if len(expected) < frame:
            break
    return output


def formants_moved(samples, rate, low, middle, high):
    """Spectral envelope stretched along the frequencies, pitch and time kept: by the ratio `low` up to 500 Hz, by `middle` about
    1,600 Hz and by `high` from 3,200 Hz. Voices differ in their whole tract, and in single vowels mostly in the second formant."""
    size = rate // 32
    _, _, spectrum = stft(samples, nperseg=size, noverlap=size * 3 // 4)
    levels = np.log(np.abs(spectrum) + 1e-4 * np.abs(spectrum).max() + 1e-9)
    cepstrum = np.fft.irfft(levels, n=size, axis=0)
    cepstrum[rate // 500 : size - rate // 500 + 1] = 0
    envelope = np.fft.rfft(cepstrum, axis=0).real
    ratios = np.interp(np.arange(len(envelope)) * rate / size, [500, 1600, 3200], [low, middle, high])
    position = np.minimum(np.arange(len(envelope)) / ratios, len(envelope) - 1)
    below = np.minimum(position.astype(int), len(envelope) - 2)
    share = (position - below)[:, None]
    moved = (1 - share) * envelope[below] + share * envelope[below + 1]
    _, output = istft(spectrum * np.exp((moved - envelope).clip(-2.5, 2.5)), nperseg=size, noverlap=size * 3 // 4)
    return output[: len(samples)].astype(np.float32)


def mirrored(samples, gain):
    """An 8 kHz recording at 16 kHz with the image of its band above 4 kHz at `gain`."""
    plain = resample(samples, 8000)
    stuffed = np.zeros(2 * len(samples), np.float32)
    stuffed[::2] = 2 * samples
    length = min(len(plain), len(stuffed))
    return plain[:length] + gain * (stuffed[:length] - plain[:length])


def variant(samples, rate, rng):
    """One random rendering of a recording."""
    if rng.random() < 0.6:
        ratio = rng.uniform(-0.18, 0.18) + rng.uniform(-0.2, 0.2, 3) * [0.4, 1, 0.4]
        samples = formants_moved(samples, rate, *np.exp(ratio))
    if rate == 8000 and rng.random() < 0.6:
        samples, rate = mirrored(samples, 10 ** (rng.uniform(-30, -3) / 20)), RATE
    speed = np.exp(rng.uniform(-0.28, 0.3)) if rng.random() < 0.8 else 1.0  # moves pitch and formants as well
    samples = soxr.resample(samples, rate * speed, RATE, quality="HQ").astype(np.float32)
    if rng.random() < 0.6:
        low, high = max(0.75, 0.75 * speed), min(1.5, 1.4 * speed)
        samples = stretched(samples, rng.uniform(low, high))
    return samples


def recorded(manifest, variants, rng, left_out=None):
    """voice -> recordings, each a list of its renderings, the plain one first."""
    pool = {}
    for row in manifest_rows(manifest):
        if row["speaker"] == left_out:
            continue
        samples, rate = soundfile.read(row["path"], dtype="float32")
        renderings = [resample(samples, rate)] + [variant(samples, rate, rng) for _ in range(variants)]
        pool.setdefault(row["speaker"], []).append([Clip(levelled(r), row["text"]) for r in renderings])
    return pool


def synthetic(file, rng):
    """voice -> recordings of voices.py's file, each rendered once as it is and once varied."""
    stored = np.load(file)
    parts = np.split(stored["samples"], stored["ends"][:-1])
    pool = {}
    for part, text, voice in zip(parts, stored["texts"].tolist(), stored["voices"].tolist()):
        samples = part.astype(np.float32) / 32768
        renderings = [samples, variant(samples, RATE, rng)]
        pool.setdefault(voice, []).append([Clip(levelled(r), text) for r in renderings])
    return pool
