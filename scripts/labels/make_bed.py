"""Labelled digit strings in many conditions, for measuring calibration and selection.

Joins single digits (the bundled recordings, and voices of espeak-ng) to strings of one voice, and puts each
through a domain: clean, noise, rooms, codecs, speeds. Writes FOLDER/audio, FOLDER/calibrating.jsonl with the
domains and voices that are calibrated on, FOLDER/fresh.jsonl with other rows of those, and FOLDER/DOMAIN.jsonl
for each domain that is kept for testing.
The same seed gives the same samples.

Usage: make_bed.py MANIFEST FOLDER [--rows 2400] [--held 400] [--seed 1]
MANIFEST names recordings of single digits with `text` and `speaker`.
"""

import argparse
import hashlib
import io
import json
import subprocess
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

RATE = 16000
DIGITS = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()
CALIBRATING = ["clean", "noise", "room", "telephone", "mp3", "speed"]
HELD = ["babble", "hall", "opus", "hurried", "voices"]
VOICES = [  # accent, timbre, pitch, words a minute
    ("en-us", "m3", 40, 150), ("en-us", "f2", 60, 160), ("en-gb", "m1", 35, 140), ("en-gb", "f4", 55, 170),
    ("en-gb-scotland", "m5", 45, 150), ("en-us", "klatt2", 50, 165), ("en-gb-x-rp", "f3", 65, 155), ("en-us", "m7", 30, 175),
    ("en-gb", "Andy", 50, 160), ("en-us", "Annie", 50, 150), ("en-029", "m2", 40, 165), ("en-us", "steph", 55, 150),
]
HELD_VOICES = [
    ("en-us-nyc", "m4", 48, 165), ("en-gb-x-gbclan", "f1", 58, 150), ("en-gb-x-gbcwmd", "m6", 38, 170), ("en-us", "belinda", 52, 160),
    ("en-gb", "quincy", 45, 155), ("en-us", "max", 50, 175), ("en-029", "f5", 60, 145), ("en-us", "boris", 42, 160),
]


def generator(*names):
    """A generator that depends on the names alone."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(repr(names).encode()).digest()[:8], "big"))


def resampled(samples, factor):
    """`factor` times as many samples, by linear interpolation of a band-limited signal (an inverse Fourier transform)."""
    count = max(2, round(len(samples) * factor))
    spectrum = np.fft.rfft(samples)
    bins = count // 2 + 1
    kept = np.zeros(bins, complex)
    kept[: min(bins, len(spectrum))] = spectrum[: min(bins, len(spectrum))]
    return np.fft.irfft(kept, count) * (count / len(samples))


def read_wave(source):
    with wave.open(source) as file:
        data = file.readframes(file.getnframes() if file.getnframes() < 1 << 28 else 1 << 28)
        samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(float) / 32768
        samples = samples.reshape(-1, file.getnchannels()).mean(1)
        rate = file.getframerate()
    return samples if rate == RATE else resampled(samples, RATE / rate)


def read(path):
    if path.suffix == ".wav":
        return read_wave(str(path))
    return read_wave(io.BytesIO(piped(path.read_bytes(), "-ac", "1", "-ar", str(RATE), "-f", "wav")))


def piped(data, *options):
    command = ["ffmpeg", "-v", "error", "-i", "-", *options, "-"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def write_wave(target, samples, rate=RATE):
    with wave.open(target if isinstance(target, io.BytesIO) else str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def levelled(samples, rms=0.1):
    return samples * (rms / max(1e-6, np.sqrt(np.mean(samples**2))))


def recorded(manifest):
    """speaker -> digit -> recordings."""
    voices = {}
    for line in manifest.read_text().splitlines():
        row = json.loads(line)
        if row.get("text") in DIGITS:
            samples = levelled(read(manifest.parent / row["audio_filepath"]))
            voices.setdefault(row["speaker"], {}).setdefault(row["text"], []).append(samples)
    return voices


def synthetic(settings):
    def say(setting, digit):
        accent, timbre, pitch, speed = setting
        command = ["espeak-ng", "-v", f"{accent}+{timbre}", "-p", str(pitch), "-s", str(speed), "--stdout", digit.lower()]
        samples = read_wave(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout))
        loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
        return levelled(samples[max(0, loud[0] - 320) : loud[-1] + 320])

    with ThreadPoolExecutor(2) as pool:
        jobs = {(setting, digit): pool.submit(say, setting, digit) for setting in settings for digit in DIGITS}
    return {
        "-".join(map(str, setting)): {digit: [jobs[setting, digit].result()] for digit in DIGITS} for setting in settings
    }


def string(voice, rng, gaps=(0.05, 0.4)):
    """A string of 2 to 9 digits of one voice, and its text."""
    words = [str(rng.choice(sorted(voice))) for _ in range(rng.integers(2, 10))]
    parts = [np.zeros(int(RATE * rng.uniform(0.05, 0.3)))]
    for word in words:
        clip = voice[word][rng.integers(len(voice[word]))].copy()
        ramp = np.linspace(0, 1, min(80, len(clip) // 2))
        clip[: len(ramp)] *= ramp
        clip[len(clip) - len(ramp) :] *= ramp[::-1]
        parts += [clip * 10 ** (rng.uniform(-3, 3) / 20), np.zeros(int(RATE * rng.uniform(*gaps)))]
    samples = np.concatenate(parts)
    return samples + 1e-4 * rng.standard_normal(len(samples)), " ".join(words)


def noise(count, rng):
    """Unit noise of a random colour."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum /= np.maximum(1, np.arange(len(spectrum)) * RATE / count / 100) ** rng.uniform(0, 1)
    samples = np.fft.irfft(spectrum, count)
    return samples / samples.std()


def convolved(samples, response):
    size = len(samples) + len(response)
    return np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)[: len(samples)]


def room(rng, seconds):
    """A room's response: decaying noise behind the direct sound."""
    time = np.arange(int(RATE * min(seconds, 1))) / RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail[: int(rng.uniform(0.002, 0.01) * RATE)] = 0
    tail *= 10 ** (rng.uniform(-12, 3) / 20) / np.linalg.norm(tail)
    tail[0] = 1
    return tail


def with_noise(samples, other, decibels):
    return samples + other * 0.1 * 10 ** (-decibels / 20) / max(1e-6, other.std())


def telephone(samples):
    """Through 8 kHz and mu-law (ITU-T G.711's curve)."""
    narrow = resampled(samples, 0.5)
    curve = np.sign(narrow) * np.log1p(255 * np.minimum(1, np.abs(narrow))) / np.log(256)
    coarse = np.round(curve * 127) / 127
    return resampled(np.sign(coarse) * (256 ** np.abs(coarse) - 1) / 255, 2)


def through(codec, rows):
    """Encodes rows end to end and decodes them again: one start of ffmpeg instead of hundreds."""
    options, gap = list(codec), np.zeros(RATE // 2)
    whole = np.concatenate([part for samples in rows for part in (samples, gap)])
    source = io.BytesIO()
    write_wave(source, whole)
    coded = piped(source.getvalue(), "-ar", str(RATE), *options)
    decoded = read_wave(io.BytesIO(piped(coded, "-ac", "1", "-ar", str(RATE), "-f", "wav")))
    start, result = 0, []
    for samples in rows:
        result.append(np.resize(decoded[start : start + len(samples)], len(samples)))
        start += len(samples) + len(gap)
    return result


def render(domain, voices, name, rng, stem):
    """One row's samples, its text, and the codec that it goes through yet."""
    samples, text = string(voices[name], rng)
    codec = None
    if domain == "noise":
        samples = with_noise(samples, noise(len(samples), rng), rng.uniform(-3, 22))
    elif domain == "room":
        samples = convolved(samples, room(rng, rng.uniform(0.1, 0.6)))
    elif domain == "telephone":
        samples = with_noise(samples, noise(len(samples), rng), rng.uniform(5, 30))
        samples = telephone(samples)
    elif domain == "mp3":
        codec = ("-b:a", str(rng.choice(["8k", "16k", "24k"])), "-f", "mp3")
    elif domain == "speed":
        samples = resampled(samples, 1 / rng.uniform(0.75, 1.35))
    elif domain == "babble":
        others = sum(np.resize(string(voices[str(other)], rng)[0], len(samples)) for other in rng.choice(sorted(voices), 4))
        samples = with_noise(samples, others[::-1], rng.uniform(-2, 18))
    elif domain == "hall":
        samples = convolved(samples, room(rng, rng.uniform(0.7, 1.5)))
    elif domain == "opus":
        samples = with_noise(samples, noise(len(samples), rng), rng.uniform(10, 40))
        codec = ("-c:a", "libopus", "-b:a", str(rng.choice(["6k", "8k", "12k"])), "-f", "opus")
    elif domain == "hurried":
        samples = resampled(samples, 1 / rng.uniform(1.2, 1.7))
        samples = with_noise(samples, noise(len(samples), rng), rng.uniform(5, 30))
    elif domain == "voices":
        samples = with_noise(samples, noise(len(samples), rng), rng.uniform(0, 35))
    samples = levelled(samples, 10 ** (rng.uniform(-32, -16) / 20))
    return stem.with_suffix(".wav"), samples, text, codec


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=2400)
    parser.add_argument("--held", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    known = recorded(arguments.manifest) | synthetic(VOICES)
    held = synthetic(HELD_VOICES)
    audio = arguments.folder / "audio"
    audio.mkdir(parents=True, exist_ok=True)

    def rows(domain, count, start=0):
        for number in range(start, start + count):
            rng = generator(arguments.seed, domain, number)
            voices = held if domain == "voices" else known
            name = str(rng.choice(sorted(voices)))
            yield domain, voices, name, rng, audio / f"{domain}-{number:05d}"

    def write(name, jobs):
        rendered = [render(*job) for job in jobs]
        for codec in sorted({row[3] for row in rendered if row[3]}):
            places = [place for place, row in enumerate(rendered) if row[3] == codec]
            for place, samples in zip(places, through(codec, [rendered[place][1] for place in places])):
                rendered[place] = (rendered[place][0], samples, *rendered[place][2:])
        for path, samples, _, _ in rendered:
            write_wave(path, samples)
        lines = [
            json.dumps({"audio_filepath": f"audio/{path.name}", "text": text, "speaker": job[2], "domain": job[0]})
            for job, (path, _, text, _) in zip(jobs, rendered)
        ]
        (arguments.folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
        print(f"{name}: {len(lines)} rows", flush=True)

    per_domain = -(-arguments.rows // len(CALIBRATING))
    write("calibrating", [job for domain in CALIBRATING for job in rows(domain, per_domain)])
    fresh = -(-arguments.held // len(CALIBRATING))
    write("fresh", [job for domain in CALIBRATING for job in rows(domain, fresh, 100_000)])
    for domain in HELD:
        write(domain, list(rows(domain, arguments.held)))


if __name__ == "__main__":
    main()
