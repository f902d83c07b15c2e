#!/usr/bin/env python3
"""Times a job whose rows name their languages against the same job in one language.

    python languages.py --scriptorium scriptorium --folder /tmp/languages [--size large|base|tiny] [--languages 50]

Makes a model in the form of facebook/mms-1b-all with random weights (no text comes out that means anything, and
nothing about speed hangs on it), clips of noise of 2 to 15 s, and two manifests of them: one names languages in
turn, the other one language. In each round both are transcribed, one after the other; a short job before tells what
starting takes, which is left out of both. Prints a line for each round, and the medians of the ratios: of the seconds
that a clock shows, and of those that processors spent, which other work on the machine changes less.
"""
import argparse
import json
import random
import resource
import struct
import subprocess
import time
import wave
from pathlib import Path
from statistics import median

import numpy

SIZES = {
    # width, layers, heads, feed-forward width
    "large": (1024, 24, 16, 4096),
    "base": (768, 12, 12, 3072),
    "tiny": (64, 2, 4, 128),
}
ADAPTER = 16
CONV = [(512, 10, 5)] + [(512, 3, 2)] * 4 + [(512, 2, 2)] * 2


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            file.write(array.tobytes())


def names(count):
    """Codes of languages that ISO 639-3 keeps for local use."""
    letters = "abcdefghijklmnopqrst"
    return [f"q{a}{b}" for a in letters for b in "abcdefghijklmnopqrstuvwxyz"][:count]


def language_tensors(noise, size, classes):
    width, layers, _, _ = SIZES[size]
    tensors = {}
    for layer in range(layers):
        prefix = f"wav2vec2.encoder.layers.{layer}.adapter_layer"
        tensors[f"{prefix}.norm.weight"] = numpy.ones(width, "f4")
        tensors[f"{prefix}.norm.bias"] = noise(width)
        tensors[f"{prefix}.linear_1.weight"] = noise(ADAPTER, width)
        tensors[f"{prefix}.linear_1.bias"] = noise(ADAPTER)
        tensors[f"{prefix}.linear_2.weight"] = noise(width, ADAPTER)
        tensors[f"{prefix}.linear_2.bias"] = noise(width)
    tensors["lm_head.weight"] = noise(classes, width)
    tensors["lm_head.bias"] = noise(classes)
    return tensors


def make_model(folder, size, languages):
    folder.mkdir(parents=True)
    generator = numpy.random.default_rng(1)

    def noise(*shape):
        fan = shape[-1] if len(shape) > 1 else 100
        return (generator.standard_normal(shape, "f4") / numpy.sqrt(fan)).astype("f4")

    width, layers, heads, inner = SIZES[size]
    tensors, channels = {}, 1
    for index, (out, kernel, _) in enumerate(CONV):
        prefix = f"wav2vec2.feature_extractor.conv_layers.{index}"
        tensors[f"{prefix}.conv.weight"] = noise(out, channels, kernel)
        tensors[f"{prefix}.conv.bias"] = noise(out)
        tensors[f"{prefix}.layer_norm.weight"] = numpy.ones(out, "f4")
        tensors[f"{prefix}.layer_norm.bias"] = noise(out)
        channels = out
    prefix = "wav2vec2.feature_projection"
    tensors[f"{prefix}.layer_norm.weight"] = numpy.ones(channels, "f4")
    tensors[f"{prefix}.layer_norm.bias"] = noise(channels)
    tensors[f"{prefix}.projection.weight"] = noise(width, channels)
    tensors[f"{prefix}.projection.bias"] = noise(width)
    prefix = "wav2vec2.encoder.pos_conv_embed.conv"
    tensors[f"{prefix}.bias"] = noise(width)
    tensors[f"{prefix}.weight_g"] = numpy.ones((1, 1, 128), "f4")
    tensors[f"{prefix}.weight_v"] = noise(width, width // 16, 128)
    for layer in range(layers):
        prefix = f"wav2vec2.encoder.layers.{layer}"
        for name in ["q", "k", "v", "out"]:
            tensors[f"{prefix}.attention.{name}_proj.weight"] = noise(width, width)
            tensors[f"{prefix}.attention.{name}_proj.bias"] = noise(width)
        for name in ["layer_norm", "final_layer_norm"]:
            tensors[f"{prefix}.{name}.weight"] = numpy.ones(width, "f4")
            tensors[f"{prefix}.{name}.bias"] = noise(width)
        tensors[f"{prefix}.feed_forward.intermediate_dense.weight"] = noise(inner, width)
        tensors[f"{prefix}.feed_forward.intermediate_dense.bias"] = noise(inner)
        tensors[f"{prefix}.feed_forward.output_dense.weight"] = noise(width, inner)
        tensors[f"{prefix}.feed_forward.output_dense.bias"] = noise(width)
    tensors["wav2vec2.encoder.layer_norm.weight"] = numpy.ones(width, "f4")
    tensors["wav2vec2.encoder.layer_norm.bias"] = noise(width)

    vocabulary = {}
    for index, language in enumerate(languages):
        symbols = ["<pad>", "<s>", "</s>", "<unk>", "|"] + [chr(97 + k) for k in range(20 + index % 40)]
        vocabulary[language] = {symbol: number for number, symbol in enumerate(symbols)}
        own = language_tensors(noise, size, len(symbols))
        write_safetensors(folder / f"adapter.{language}.safetensors", own)
        if index == 0:
            tensors.update(own)
    write_safetensors(folder / "model.safetensors", tensors)

    def write(name, value):
        (folder / name).write_text(json.dumps(value))

    write("vocab.json", vocabulary)
    write("tokenizer_config.json", {
        "tokenizer_class": "Wav2Vec2CTCTokenizer", "target_lang": languages[0], "pad_token": "<pad>",
        "unk_token": "<unk>", "word_delimiter_token": "|"})
    write("preprocessor_config.json", {
        "feature_extractor_type": "Wav2Vec2FeatureExtractor", "feature_size": 1, "sampling_rate": 16000,
        "do_normalize": True, "return_attention_mask": True})
    write("config.json", {
        "model_type": "wav2vec2", "architectures": ["Wav2Vec2ForCTC"], "adapter_attn_dim": ADAPTER,
        "hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads,
        "intermediate_size": inner, "hidden_act": "gelu", "do_stable_layer_norm": True,
        "feat_extract_norm": "layer", "feat_extract_activation": "gelu", "conv_bias": True,
        "conv_dim": [c for c, _, _ in CONV], "conv_kernel": [k for _, k, _ in CONV],
        "conv_stride": [s for _, _, s in CONV], "num_feat_extract_layers": len(CONV),
        "num_conv_pos_embeddings": 128, "num_conv_pos_embedding_groups": 16, "layer_norm_eps": 1e-5,
        "vocab_size": len(vocabulary[languages[0]]), "pad_token_id": 0})


def make_rows(folder, languages, seconds):
    audio = folder / "audio"
    audio.mkdir()
    generator, source = numpy.random.default_rng(2), random.Random(3)
    mixed, single, total, number = [], [], 0, 0
    while total < seconds:
        length = round(source.uniform(2, 15), 2)
        total += length
        samples = (generator.standard_normal(int(length * 16000)) * 3000).astype("<i2")
        with wave.open(str(audio / f"{number}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(samples.tobytes())
        row = {"audio_filepath": f"audio/{number}.wav", "duration": length}
        mixed.append({**row, "lang": source.choice(languages)})
        single.append({**row, "lang": languages[0]})
        number += 1
    for name, rows in [("mixed", mixed), ("single", single), ("short", single[:1])]:
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scriptorium", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--size", choices=SIZES, default="large")
    parser.add_argument("--languages", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    languages = names(arguments.languages)
    model = arguments.folder / "model"
    if not model.exists():
        make_model(model, arguments.size, languages)
        make_rows(arguments.folder, languages, arguments.seconds)

    def seconds(name):
        def processors():
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            return usage.ru_utime + usage.ru_stime

        started, spent = time.monotonic(), processors()
        subprocess.run([
            arguments.scriptorium, "transcribe", str(arguments.folder / f"{name}.jsonl"), "--model", str(model),
            "-o", str(arguments.folder / f"{name}.out.jsonl"), "--language-field", "lang", "--overwrite",
            "--quiet", "--workers", "1", "--threads", str(arguments.threads)], check=True)
        return numpy.array([time.monotonic() - started, processors() - spent])

    seconds("short")
    ratios = []
    for _ in range(arguments.rounds):
        start = seconds("short")
        single, mixed = seconds("single") - start, seconds("mixed") - start
        ratios.append(single / mixed)
        print(f"clock and processors: start {start.round(1)} s, one language {single.round(1)} s, "
              f"{len(languages)} languages {mixed.round(1)} s: {ratios[-1].round(3)} of its throughput", flush=True)
    print(f"median {median(r[0] for r in ratios):.3f} by the clock, {median(r[1] for r in ratios):.3f} by processors")


if __name__ == "__main__":
    main()
