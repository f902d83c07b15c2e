"""Makes the other files of this folder with the package silero-vad itself.

    python3 -m venv venv && venv/bin/pip install silero-vad==6.2.3 onnxruntime soundfile
    venv/bin/python Tests/Fixtures/voice-activity/make.py RECORDINGS

RECORDINGS holds the recordings that `sources` and `long_source` name. Sounds are stored as 16-bit WAV at 16 kHz, so that
both sides read the same samples.
"""
import json
import pathlib
import random
import sys
import warnings
import wave

import numpy as np
import soundfile
import torch
from silero_vad import get_speech_timestamps, load_silero_vad
from silero_vad.utils_vad import get_speech_timestamps_from_probs

warnings.simplefilter("ignore")
here = pathlib.Path(__file__).resolve().parent
recordings = pathlib.Path(sys.argv[1])
sources = {
    "read": "librispeech/dev-clean/1272-128104-0000.wav",
    "arctic": "kathleen/arctic_b0201_1592536783.flac",
    "novel": "librivox_ps/sense_and_sensibility_01_austen_64kb-0890.wav",
}
long_source = "long/libri_26_495_19min.opus"
rate = 16000
onnx = load_silero_vad(onnx=True)
jit = load_silero_vad(onnx=False)
torch.set_num_threads(1)


def store(name, samples):
    samples = np.clip(np.round(samples), -32768, 32767).astype("<i2")
    with wave.open(str(here / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return samples


def noise(seconds, level):
    drawn = random.Random(1)
    return np.array([drawn.gauss(0, level) for _ in range(int(seconds * rate))])


def music(seconds):
    """Three chords of a plucked instrument, and a drum."""
    time = np.arange(int(seconds * rate)) / rate
    sound = np.zeros_like(time)
    for beat in range(int(seconds * 2)):
        since = time - beat / 2
        since = np.where(since < 0, 1e9, since)
        for note in [(220, 277.2, 329.6), (196, 246.9, 293.7), (174.6, 220, 261.6)][beat % 3]:
            for overtone in range(1, 6):
                sound += np.sin(2 * np.pi * note * overtone * time) * np.exp(-since * 4 * overtone) / overtone
        sound += 2 * np.sin(2 * np.pi * 60 * since) * np.exp(-since * 30)
    return sound / np.abs(sound).max() * 12000


def probabilities(model, samples):
    model.reset_states()
    padded = np.concatenate([samples, np.zeros(-len(samples) % 512, np.float32)])
    with torch.no_grad():
        return [
            model(torch.from_numpy(padded[start:start + 512].copy()), rate).item()
            for start in range(0, len(padded), 512)
        ]


sounds = {}
for name, path in sources.items():
    samples, found = soundfile.read(str(recordings / path), dtype="int16")
    assert found == rate and samples.ndim == 1
    sounds[name] = store(name, samples.astype(float))
sounds["noise"] = store("noise", noise(2, 2000))
sounds["music"] = store("music", music(3))

# Sounds one after another (a number stands for seconds of nothing), a factor, a limit, a length.
cases = [
    ("speech", ["read"], 1, None),
    ("speech, silence, speech", ["arctic", 2.5, "novel", 1.1], 1, None),
    ("silence", [2.0], 1, None),
    ("noise", ["noise"], 1, None),
    ("music", ["music", "arctic", "music"], 1, None),
    ("very quiet", ["read"], 1 / 256, None),
    ("near nothing", ["arctic"], 1 / 16384, None),
    ("clipped", ["novel"], 32, None),
    ("all of them", ["noise", "read", "music", 0.7, "arctic", "noise", "novel"], 1, None),
] + [(f"{length} samples", ["arctic"], 1, length) for length in (1, 63, 64, 511, 512, 513, 1025, 20001)]

settings = [
    {},
    {"threshold": 0.3},
    {"threshold": 0.8, "neg_threshold": 0.5},
    {"threshold": 0.1},
    {"min_speech_duration_ms": 1000},
    {"min_silence_duration_ms": 0, "speech_pad_ms": 0},
    {"min_silence_duration_ms": 500, "speech_pad_ms": 200},
    {"min_silence_duration_ms": 2000, "speech_pad_ms": 400},
    {"max_speech_duration_s": 3},
    {"max_speech_duration_s": 5, "min_silence_duration_ms": 1000, "min_silence_at_max_speech": 50},
    {"max_speech_duration_s": 8, "speech_pad_ms": 500, "min_silence_duration_ms": 300},
]


def ranges(found):
    return [[speech["start"], speech["end"]] for speech in found]


listed = []
for name, parts, factor, length in cases:
    pieces = [
        sounds[part].astype(np.float32) / np.float32(32768) if isinstance(part, str)
        else np.zeros(int(part * rate), np.float32)
        for part in parts
    ]
    samples = np.clip(np.concatenate(pieces) * np.float32(factor), -1, 1)[:length]
    expected = probabilities(onnx, samples)
    other = probabilities(jit, samples)
    apart = max(abs(a - b) for a, b in zip(expected, other))
    segments = ranges(get_speech_timestamps(torch.from_numpy(samples), onnx))
    listed.append({
        "name": name, "parts": parts, "factor": factor, "samples": len(samples),
        "probabilities": [round(value, 7) for value in expected], "segments": segments,
    })
    print(name, len(expected), f"{max(expected):.4f}, networks {apart:.1e} apart", segments)

# A chapter of 19 minutes, of which only the probabilities are kept.
samples, found = soundfile.read(str(recordings / long_source), dtype="float32")
assert found == rate
values = np.array(probabilities(onnx, samples), dtype="<f4")
values.tofile(here / "chapter.f32")
chapter = [
    {"settings": chosen, "segments": ranges(get_speech_timestamps_from_probs(
        [float(value) for value in values], audio_length_samples=len(samples), **chosen))}
    for chosen in settings
]
print([len(answer["segments"]) for answer in chapter])
text = json.dumps({"cases": listed, "chapter_samples": len(samples), "chapter": chapter}, separators=(",", ":"))
(here / "silero.json").write_text(text.replace('{"name"', '\n{"name"').replace('{"settings"', '\n{"settings"') + "\n")
