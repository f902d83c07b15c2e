"""Synthetic digit voices from espeak-ng and flite: many settings of accent, timbre, pitch and speed.

Writes one .npz: `samples` (int16, 16 kHz, all utterances end to end), `ends`, `texts`, `voices`.
"""

import argparse
import io
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import soundfile

from audio import resample
from vocabulary import DIGITS

ACCENTS = "en-us en-us en-us en-gb en-gb en-gb-scotland en-gb-x-rp en-gb-x-gbclan en-gb-x-gbcwmd en-029 en-us-nyc".split()
TIMBRES = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 klatt klatt2 klatt3 klatt4 adam Alex Alicia Andrea Andy Annie antonio aunty "
    "belinda benjamin boris caleb david Denis Diogo ed edward Gene Gene2 Henrique Hugo iven iven2 iven3 john kaukovalta "
    "Lee linda marcelo Marco mario max Michael michel miguel mike norbert pablo paul pedro quincy rob robert sandro shelby "
    "steph steph2 steph3 travis victor zac anika grandma grandpa"
).split()
FLITE_VOICES = {"kal": 105, "kal16": 105, "awb": 130, "rms": 105, "slt": 175}  # with a usual pitch, Hz


def espeak(setting, text):
    accent, timbre, pitch, speed = setting
    command = ["espeak-ng", "-v", f"{accent}+{timbre}", "-p", str(pitch), "-s", str(speed), "--stdout", text]
    return soundfile.read(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout), dtype="float32")


def flite(setting, text):
    voice, pitch, stretch = setting
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", voice, "--setf", f"int_f0_target_mean={pitch}"]
        command += ["--setf", f"duration_stretch={stretch}", "-t", text, "-o", file.name]
        subprocess.run(command, capture_output=True, check=True)
        return soundfile.read(file.name, dtype="float32")


def settings(rng, espeak_count=160, flite_count=16):
    for number in range(espeak_count):
        timbre = TIMBRES[number % len(TIMBRES)]
        yield espeak, (str(rng.choice(ACCENTS)), timbre, int(rng.integers(15, 85)), int(rng.integers(110, 230)))
    for voice, pitch in FLITE_VOICES.items():
        for _ in range(flite_count):
            yield flite, (voice, int(pitch * rng.uniform(0.75, 1.3)), round(rng.uniform(0.75, 1.35), 2))


def trimmed(samples, margin=320):
    """Without the silence that synthesisers add at both ends."""
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strings", type=int, default=8, help="connected strings of 2 to 6 digits a voice setting")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)

    jobs = []
    for speak, setting in settings(rng):
        texts = [[digit] for digit in DIGITS]
        texts += [list(rng.choice(DIGITS, rng.integers(2, 7))) for _ in range(arguments.strings)]
        jobs += [(speak, setting, [str(word) for word in words]) for words in texts]

    def run(job):
        speak, setting, words = job
        separator = ", " if len(words) > 1 and len(words) % 3 == 0 else " "
        samples, rate = speak(setting, separator.join(words).lower())
        return (32767 * trimmed(resample(samples, rate)).clip(-1, 1)).astype(np.int16)

    with ThreadPoolExecutor(2) as pool:
        clips = list(pool.map(run, jobs))
    np.savez(
        arguments.output,
        samples=np.concatenate(clips),
        ends=np.cumsum([len(clip) for clip in clips]),
        texts=np.array([" ".join(words) for _, _, words in jobs]),
        voices=np.array([f"{speak.__name__} {' '.join(map(str, setting))}" for speak, setting, _ in jobs]),
    )
    print(f"{len(clips)} synthetic utterances, {sum(map(len, clips)) / 16000:.0f} s")


if __name__ == "__main__":
    main()
