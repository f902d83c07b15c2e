"""Hugging Face transformers: the folder as it is."""
import torch
from torch.nn.utils import parametrize
from transformers import Wav2Vec2ForCTC

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def inference_model(folder):
    """The model with its weight normalisation multiplied out, once instead of in every forward pass."""
    model = Wav2Vec2ForCTC.from_pretrained(folder).eval()
    parametrize.remove_parametrizations(model.wav2vec2.encoder.pos_conv_embed.conv, "weight")
    return model


def load(folder, precision, threads, streams):
    """A function from a batch [rows, samples] to its symbols [rows, frames], for `streams` threads at once."""
    model = inference_model(folder).to(TYPES[precision])
    torch.set_num_threads(threads // streams)

    def symbols(batch):
        torch.set_num_threads(threads // streams)  # also a setting of the calling thread
        with torch.inference_mode():
            return model(torch.from_numpy(batch).to(model.dtype)).logits.argmax(-1).numpy()

    return symbols
