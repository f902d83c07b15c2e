"""Trains the network on digit strings mixed on the fly and writes a model folder of its averaged weights.

One process, one thread, seeded: on one kind of processor the same weights come out each time. Activations are bfloat16, which
processors with AVX-512 BF16 or AMX multiply fast; others compute the same in several times the time.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import clips
from alignment import best_paths
from audio import normalise
from export import export
from mixing import Mixer
from network import HourglassCTC
from vocabulary import BLANK, greedy, word_errors

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SYMBOLS_PER_FRAME = 0.12
MONITOR_EVERY = 15  # every so many recordings, one is kept out of training to watch progress


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("output", type=Path, help="model folder to write")
    parser.add_argument("--recordings", type=Path, default=ROOT.parent / "shared/speechpool/manifest.jsonl")
    parser.add_argument("--voices", type=Path, default=HERE / "build/voices.npz", help="written by voices.py")
    parser.add_argument("--config", type=Path, default=HERE.parent / "config.json")
    parser.add_argument("--leave-out", help="a speaker of the recordings not to train on")
    parser.add_argument("--variants", type=int, default=12, help="renderings of each recording besides the plain one")
    parser.add_argument("--updates", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=16, help="audio of an update")
    parser.add_argument("--rate", type=float, default=8e-4, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    rng = np.random.default_rng(options.seed)
    recorded = clips.recorded(options.recordings, options.variants, rng, options.leave_out)
    recorded, monitored = kept_apart(recorded)
    mixer = Mixer(recorded, clips.synthetic(options.voices, rng), options.seed)

    model = HourglassCTC(json.loads(options.config.read_text()))
    averaged = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    optimizers = make_optimizers(model, options.rate)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, recorded voices: {', '.join(recorded)}", flush=True)

    started, running = time.monotonic(), None
    for update in range(options.updates):
        progress = update / options.updates
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["highest_rate"] * learning_rate(update, progress)
        loss = train_loss(model, mixer, options.seconds, longest_row(progress))
        model.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if not torch.isfinite(norm):
            print(f"update {update}: gradient not finite, left out", flush=True)
            continue
        for optimizer in optimizers:
            optimizer.step()
        decay = min(0.999, (1 + update) / (10 + update))
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                averaged[name].lerp_(tensor, 1 - decay)

        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if update % 100 == 99:
            print(f"update {update + 1} {time.monotonic() - started:.0f} s loss {running:.3f} gradient {norm:.2f}", flush=True)
        if update % 500 == 499:
            print(f"monitored words wrong: {monitor(model, averaged, monitored):.1%}", flush=True)
    export(averaged, options.config, options.output)
    print(f"monitored words wrong: {monitor(model, averaged, monitored):.1%}")


def make_optimizers(model, rate):
    """Muon for the matrices of the encoder, which then learn in two thirds of the updates AdamW needs; AdamW for everything else."""
    matrices, decayed, others = [], [], []
    for name, parameter in model.named_parameters():
        is_matrix = parameter.dim() == 2 and not name.startswith("lm_head")
        (matrices if is_matrix else decayed if parameter.dim() > 1 else others).append(parameter)
    optimizers = [
        torch.optim.Muon(matrices, lr=5 * rate, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(
            [{"params": decayed}, {"params": others, "weight_decay": 0.0}], lr=rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        ),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["highest_rate"] = group["lr"]
    return optimizers


def longest_row(progress):
    """Seconds: short rows first, from which letters are learned sooner."""
    return 3 if progress < 0.1 else 8 if progress < 0.2 else 36


def learning_rate(update, progress, warmup=200):
    """Share of the highest rate: linear warm-up, then a cosine to nothing."""
    return min(1, (update + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * progress))


def train_loss(model, mixer, seconds, longest):
    """Loss of one batch, mean of CTC's and the best path's, a symbol as if they were evenly spread: silence alone weighs no more."""
    samples, targets = mixer.batch(seconds, longest)
    with torch.autocast("cpu", torch.bfloat16):
        log_probabilities = model(torch.from_numpy(samples), lambda features: hidden_in_part(features, mixer.rng))
    rows, frames, _ = log_probabilities.shape
    joined = torch.tensor([index for target in targets for index in target], dtype=torch.long)
    target_lengths = torch.tensor([len(target) for target in targets])
    frame_lengths = torch.full((rows,), frames)
    summed = F.ctc_loss(
        log_probabilities.transpose(0, 1), joined, frame_lengths, target_lengths, BLANK, reduction="sum", zero_infinity=True
    )
    paths = torch.from_numpy(best_paths(log_probabilities.detach().numpy(), targets))
    best = F.nll_loss(log_probabilities.transpose(1, 2), paths, ignore_index=-1, reduction="sum")
    return (summed + best) / 2 / (SYMBOLS_PER_FRAME * rows * frames)


def hidden_in_part(features, rng):
    """Zeroes short spans of time and bands of channels of [batch, frames, channels]."""
    batch, frames, channels = features.shape
    kept = np.ones((batch, frames, channels), np.float32)
    for row in kept:
        for _ in range(rng.poisson(frames / 120)):
            start = rng.integers(frames)
            row[start : start + rng.integers(1, 6)] = 0
        if rng.random() < 0.4:
            row[:, rng.permutation(channels)[: rng.integers(1, channels // 5)]] = 0
    return features * torch.from_numpy(kept)


def kept_apart(recorded):
    """Training pools, and the plain clips of every `MONITOR_EVERY`-th recording."""
    training, monitored = {}, []
    for voice, pool in recorded.items():
        training[voice] = [recording for index, recording in enumerate(pool) if index % MONITOR_EVERY != 7]
        monitored += [recording[0] for index, recording in enumerate(pool) if index % MONITOR_EVERY == 7]
    return training, monitored


@torch.inference_mode()
def monitor(model, averaged, monitored):
    """Word error rate of the averaged weights on clips kept apart."""
    trained = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.load_state_dict(averaged)
    wrong = sum(word_errors(clip.text, greedy(model(torch.from_numpy(normalise(clip.samples))[None])[0])) for clip in monitored)
    model.load_state_dict(trained)
    return wrong / len(monitored)


if __name__ == "__main__":
    main()
