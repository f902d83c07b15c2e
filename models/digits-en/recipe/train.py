"""Trains the network on digit strings mixed on the fly and writes a model folder of its averaged weights."""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import clips
from audio import normalise
from export import export
from mixing import Mixer
from network import HourglassCTC
from vocabulary import BLANK, greedy, word_errors

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MONITOR_EVERY = 30  # every so many recordings, one is kept out of training to watch progress


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("output", type=Path, help="model folder to write")
    parser.add_argument("--recordings", type=Path, default=ROOT.parent / "shared/speechpool/manifest.jsonl")
    parser.add_argument("--voices", type=Path, default=HERE / "build/voices.npz", help="written by voices.py")
    parser.add_argument("--config", type=Path, default=HERE.parent / "config.json")
    parser.add_argument("--leave-out", help="a speaker of the recordings not to train on")
    parser.add_argument("--variants", type=int, default=6, help="renderings of each recording besides the plain one")
    parser.add_argument("--updates", type=int, default=5000)
    parser.add_argument("--minutes", type=float, default=math.inf, help="anneal to end by then, even with fewer updates")
    parser.add_argument("--seconds", type=float, default=32, help="audio of an update")
    parser.add_argument("--rate", type=float, default=1.2e-3, help="highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    rng = np.random.default_rng(options.seed)

    recorded = clips.recorded(options.recordings, options.variants, rng, options.leave_out)
    recorded, monitored = kept_apart(recorded, options.variants + 1)
    mixer = Mixer(recorded, clips.synthetic(options.voices, rng), options.seed)

    model = HourglassCTC(json.loads(options.config.read_text()))
    averaged = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed}, {"params": others, "weight_decay": 0.0}], betas=(0.9, 0.98), weight_decay=0.01)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, recorded voices: {', '.join(recorded)}", flush=True)

    started = saved = time.monotonic()
    running = None
    for update in range(options.updates):
        progress = max(update / options.updates, (time.monotonic() - started) / 60 / options.minutes)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = options.rate * learning_rate(update, progress)
        model.train()
        loss = train_loss(model, mixer, options.seconds, longest=3 if update < 400 else 8 if update < 1000 else 36)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if not torch.isfinite(norm):
            print(f"update {update}: gradient not finite, left out", flush=True)
            continue
        optimizer.step()
        decay = min(0.998, (1 + update) / (10 + update))
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                averaged[name].lerp_(tensor, 1 - decay)

        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if update % 50 == 49:
            print(f"update {update + 1} {time.monotonic() - started:.0f} s loss {running:.3f} gradient {norm:.2f}", flush=True)
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            export(averaged, options.config, options.output)
            print(f"monitored words wrong: {monitor(model, averaged, monitored):.1%}", flush=True)

    export(averaged, options.config, options.output)
    print(f"{update + 1} updates in {time.monotonic() - started:.0f} s; monitored words wrong: {monitor(model, averaged, monitored):.1%}")


def learning_rate(update, progress, warmup=250):
    """Share of the highest rate: linear warm-up, then a cosine to 1 %."""
    return min(1, (update + 1) / warmup) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


def train_loss(model, mixer, seconds, longest):
    """CTC loss a target symbol of one batch."""
    samples, lengths, targets = mixer.batch(seconds, longest)
    full = (lengths == samples.shape[1]).all()
    log_probabilities, frames = model(
        torch.from_numpy(samples), None if full else torch.from_numpy(lengths), lambda features: hidden_in_part(features, mixer.rng)
    )
    joined = torch.tensor([index for target in targets for index in target], dtype=torch.long)
    target_lengths = torch.tensor([len(target) for target in targets])
    loss = F.ctc_loss(log_probabilities.transpose(0, 1), joined, frames, target_lengths, blank=BLANK, reduction="sum", zero_infinity=True)
    return loss / (target_lengths.sum() + len(targets))


def hidden_in_part(features, rng):
    """Zeroes short spans of time and bands of channels of [batch, frames, channels]."""
    batch, frames, channels = features.shape
    kept = torch.ones(batch, frames, channels)
    for row in kept:
        for _ in range(rng.poisson(frames / 100)):
            start = rng.integers(frames)
            row[start : start + rng.integers(1, 6)] = 0
        if rng.random() < 0.5:
            row[:, torch.from_numpy(rng.permutation(channels)[: rng.integers(1, channels // 6)])] = 0
    return features * kept


def kept_apart(recorded, renderings):
    """Training pools, and the plain clips of every `MONITOR_EVERY`-th recording."""
    training, monitored = {}, []
    for voice, pool in recorded.items():
        for index in range(0, len(pool), renderings):
            if index // renderings % MONITOR_EVERY == 7:
                monitored.append(pool[index])
            else:
                training.setdefault(voice, []).extend(pool[index : index + renderings])
    return training, monitored


@torch.inference_mode()
def monitor(model, averaged, monitored):
    """Word error rate of the averaged weights on clips kept apart."""
    trained = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.load_state_dict(averaged)
    model.eval()
    wrong = sum(word_errors(clip.text, greedy(model(torch.from_numpy(normalise(clip.samples))[None])[0][0])) for clip in monitored)
    model.load_state_dict(trained)
    return wrong / len(monitored)


if __name__ == "__main__":
    main()
