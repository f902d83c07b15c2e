"""Goes on training a model folder on rows of a manifest, such as those that scriptorium select has kept.

Each update reads rows one at a time until it has heard enough, so nothing is padded. Rows are taken in a shuffled order,
again and again; the learning rate rises for a tenth of the updates and falls to nothing. The convolutions that make features of
samples stay as they are, as is usual when wav2vec 2.0 is fine-tuned, so each row passes them once. One process, one thread, seeded.

    python finetune.py .. train.jsonl tuned
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from alignment import best_paths
from audio import manifest_rows, normalise, read
from export import export
from network import FRAME_SAMPLES_MIN, load_model
from train import SYMBOLS_PER_FRAME, hidden_in_part
from vocabulary import BLANK, encode

FRAME = 320


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="model folder to begin with")
    parser.add_argument("manifest", type=Path)
    parser.add_argument("output", type=Path, help="model folder to write")
    parser.add_argument("--text", default="text", help="the member that is learned")
    parser.add_argument("--updates", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=16, help="audio of an update")
    parser.add_argument("--rate", type=float, default=3e-4, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    rng = np.random.default_rng(options.seed)
    rows = []
    for row in manifest_rows(options.manifest):
        samples, target = normalise(read(row["path"], row.get("offset") or 0, row.get("duration"))), encode(row[options.text])
        # CTC needs a frame for each symbol, and one more between two that are the same.
        frames = (len(samples) - FRAME_SAMPLES_MIN) // FRAME + 1
        if frames > len(target) + sum(a == b for a, b in zip(target, target[1:])):
            rows.append(Row(samples, target))
    print(f"{len(rows)} rows, {sum(len(row.samples) for row in rows) / 16000 / 3600:.2f} hours", flush=True)

    model = load_model(options.model).train()
    model.wav2vec2.feature_extractor.requires_grad_(False)
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    averaged = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    started, waiting = time.monotonic(), []
    for update in range(options.updates):
        progress = (update + 1) / options.updates
        optimizer.param_groups[0]["lr"] = options.rate * min(1, progress / 0.1) * 0.5 * (1 + math.cos(math.pi * progress))
        batch, heard = [], 0
        while heard < options.seconds * 16000:
            waiting = waiting or list(rng.permutation(len(rows)))
            batch.append(rows[waiting.pop()])
            heard += len(batch[-1].samples)
        optimizer.zero_grad(set_to_none=True)
        total = sum(loss_of(model, row, rng, heard // FRAME) for row in batch)
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        decay = min(0.98, (1 + update) / (10 + update))
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                averaged[name].lerp_(tensor, 1 - decay)
        if update % 50 == 49:
            print(f"update {update + 1} {time.monotonic() - started:.0f} s loss {total:.3f}", flush=True)
    export(averaged, options.model / "config.json", options.output)


class Row:
    def __init__(self, samples, target):
        self.samples, self.target, self.features = samples, target, None

    def extracted(self, model):
        """Features [1, frames, channels], made once."""
        if self.features is None:
            with torch.no_grad():
                self.features = model.wav2vec2.feature_extractor(torch.from_numpy(self.samples)[None])
        return self.features


def loss_of(model, row, rng, frames_of_batch):
    """The loss of one row, as train.py has it, with its gradients added to those of the batch."""
    target = row.target
    with torch.autocast("cpu", torch.bfloat16):
        log_probabilities = model.read(row.extracted(model), lambda features: hidden_in_part(features, rng))
    frames = log_probabilities.shape[1]
    summed = F.ctc_loss(
        log_probabilities.transpose(0, 1), torch.tensor(target), torch.tensor([frames]), torch.tensor([len(target)]), BLANK,
        reduction="sum", zero_infinity=True,
    )
    paths = torch.from_numpy(best_paths(log_probabilities.detach().float().numpy(), [target]))
    best = F.nll_loss(log_probabilities.transpose(1, 2), paths, ignore_index=-1, reduction="sum")
    loss = (summed + best) / 2 / (SYMBOLS_PER_FRAME * frames_of_batch)
    loss.backward()
    return float(loss.detach())


if __name__ == "__main__":
    main()
