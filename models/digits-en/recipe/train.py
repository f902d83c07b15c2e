"""Trains the network on digit strings mixed on the fly and writes a model folder of its averaged weights."""

import argparse
import json
import math
import os
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
from network import HourglassCTC, load_model
from vocabulary import BLANK, greedy, word_errors

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SYMBOLS_PER_FRAME = 0.12
MONITOR_EVERY = 30  # every so many recordings, one is kept out of training to watch progress


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("output", type=Path, help="model folder to write")
    parser.add_argument("--recordings", type=Path, default=ROOT.parent / "shared/speechpool/manifest.jsonl")
    parser.add_argument("--voices", type=Path, default=HERE / "build/voices.npz", help="written by voices.py")
    parser.add_argument("--config", type=Path, default=HERE.parent / "config.json")
    parser.add_argument("--start-from", type=Path, help="model folder whose weights to go on from, instead of random ones")
    parser.add_argument("--keep-extractor", action="store_true", help="do not train the convolutions: cheaper updates")
    parser.add_argument("--leave-out", help="a speaker of the recordings not to train on")
    parser.add_argument("--variants", type=int, default=6, help="renderings of each recording besides the plain one")
    parser.add_argument("--updates", type=int, default=5000)
    parser.add_argument("--minutes", type=float, default=math.inf, help="anneal to end by then, even with fewer updates")
    parser.add_argument("--seconds", type=float, default=16, help="audio of an update, all processes together")
    parser.add_argument("--rate", type=float, default=5e-4, help="highest learning rate")
    parser.add_argument("--processes", type=int, default=2, help="training processes of one thread each")
    parser.add_argument("--port", type=int, default=29500, help="local port of the processes")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    options = arguments()
    rng = np.random.default_rng(options.seed)
    recorded = clips.recorded(options.recordings, options.variants, rng, options.leave_out)
    recorded, monitored = kept_apart(recorded, options.variants + 1)
    synthetic = clips.synthetic(options.voices, rng)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(options.port)}
    torch.multiprocessing.start_processes(train, (options, recorded, synthetic, monitored), options.processes, start_method="fork")


def train(rank, options, recorded, synthetic, monitored):
    """One of `options.processes` equal processes: each mixes its own audio, gradients are averaged, weights stay the same."""
    torch.distributed.init_process_group("gloo", rank=rank, world_size=options.processes)
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    mixer = Mixer(recorded, synthetic, options.seed + rank)

    model = HourglassCTC(json.loads(options.config.read_text()))
    if options.start_from:
        model.load_state_dict(load_model(options.start_from).state_dict())
    if options.keep_extractor:
        model.wav2vec2.feature_extractor.requires_grad_(False)
    averaged = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    trained = [p for p in model.parameters() if p.requires_grad]
    decayed = [p for p in trained if p.dim() > 1]
    others = [p for p in trained if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed}, {"params": others, "weight_decay": 0.0}], betas=(0.9, 0.98), weight_decay=0.01)
    report(rank, f"{sum(p.numel() for p in model.parameters())} parameters, recorded voices: {', '.join(recorded)}")

    started = saved = time.monotonic()
    elapsed, running = 0.0, None
    for update in range(options.updates):
        progress = max(update / options.updates, elapsed / 60 / options.minutes)
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = options.rate * learning_rate(update, progress)
        model.train()
        longest = 36 if options.start_from else longest_row(update)
        loss = train_loss(model, mixer, options.seconds / options.processes, longest)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        loss, elapsed = shared_mean(trained, loss.item(), time.monotonic() - started)
        norm = torch.nn.utils.clip_grad_norm_(trained, 1.0)
        if not torch.isfinite(norm):
            report(rank, f"update {update}: gradient not finite, left out")
            continue
        optimizer.step()
        decay = min(0.998, (1 + update) / (10 + update))
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                averaged[name].lerp_(tensor, 1 - decay)

        running = loss if running is None else 0.98 * running + 0.02 * loss
        if update % 50 == 49:
            report(rank, f"update {update + 1} {elapsed:.0f} s loss {running:.3f} gradient {norm:.2f}")
        if rank == 0 and time.monotonic() - saved > 180:
            saved = time.monotonic()
            export(averaged, options.config, options.output)
            report(rank, f"monitored words wrong: {monitor(model, averaged, monitored):.1%}")

    if rank == 0:
        export(averaged, options.config, options.output)
        report(rank, f"{update} updates in {elapsed:.0f} s; monitored words wrong: {monitor(model, averaged, monitored):.1%}")


def report(rank, text):
    if rank == 0:
        print(text, flush=True)


def shared_mean(parameters, *figures):
    """Averages the gradients of all processes in place, and the figures, which are returned."""
    gradients = [p.grad for p in parameters]
    flat = torch.cat([g.flatten() for g in gradients] + [torch.tensor(figures, dtype=torch.float32)])
    torch.distributed.all_reduce(flat)
    flat /= torch.distributed.get_world_size()
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients] + [len(figures)])):
        gradient.copy_(mean.view_as(gradient))
    return flat[-len(figures) :].tolist()


def longest_row(update):
    """Seconds: short rows first, from which letters are learned sooner."""
    return 3 if update < 400 else 8 if update < 1000 else 36


def learning_rate(update, progress, warmup=40):
    """Share of the highest rate: linear warm-up, then a cosine to 1 %."""
    return min(1, (update + 1) / warmup) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


def train_loss(model, mixer, seconds, longest):
    """Loss of one batch, mean of CTC's and the best path's, a symbol as if they were evenly spread: silence alone weighs no more."""
    samples, lengths, targets = mixer.batch(seconds, longest)
    full = (lengths == samples.shape[1]).all()
    log_probabilities, frames = model(
        torch.from_numpy(samples), None if full else torch.from_numpy(lengths), lambda features: hidden_in_part(features, mixer.rng)
    )
    joined = torch.tensor([index for target in targets for index in target], dtype=torch.long)
    target_lengths = torch.tensor([len(target) for target in targets])
    summed = F.ctc_loss(log_probabilities.transpose(0, 1), joined, frames, target_lengths, blank=BLANK, reduction="sum", zero_infinity=True)
    paths = torch.from_numpy(best_paths(log_probabilities.detach().numpy(), frames.numpy(), targets))
    best = F.nll_loss(log_probabilities.transpose(1, 2), paths, ignore_index=-1, reduction="sum")
    return (summed + best) / 2 / (SYMBOLS_PER_FRAME * frames.sum())


def hidden_in_part(features, rng):
    """Zeroes short spans of time and bands of channels of [batch, frames, channels]."""
    batch, frames, channels = features.shape
    kept = torch.ones(batch, frames, channels)
    for row in kept:
        for _ in range(rng.poisson(frames / 150)):
            start = rng.integers(frames)
            row[start : start + rng.integers(1, 6)] = 0
        if rng.random() < 0.3:
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
