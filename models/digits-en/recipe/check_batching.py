"""Checks that a padded batch gives each utterance the log-probabilities it has alone, to 1e-4."""

import sys

import numpy as np
import torch

from audio import normalise
from network import load_model

TOLERANCE = 1e-4


@torch.inference_mode()
def main(folder):
    model = load_model(folder)
    rng = np.random.default_rng(1)
    utterances = [normalise(rng.standard_normal(length).astype(np.float32)) for length in (400, 1040, 3999, 16000, 40123, 80321)]
    lengths = torch.tensor([len(utterance) for utterance in utterances])
    padded = torch.zeros(len(utterances), int(lengths.max()))
    for row, utterance in zip(padded, utterances):
        row[: len(utterance)] = torch.from_numpy(utterance)
    together, frames = model(padded, lengths)
    worst = 0.0
    for row, count, utterance in zip(together, frames, utterances):
        alone = model(torch.from_numpy(utterance)[None])[0][0]
        assert alone.shape[0] == count
        worst = max(worst, (row[:count] - alone).abs().max().item())
    print(f"batched and single differ by at most {worst:.1e}")
    return worst <= TOLERANCE


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1]) else "they should agree")
