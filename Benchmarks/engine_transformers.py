"""Hugging Face transformers: the folder as it is."""
import torch
from torch.nn.utils import parametrize
from transformers import AutoConfig, AutoFeatureExtractor, AutoModelForCTC

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
# Models that read log-mel features, by config.json's model_type.
LOG_MEL = {"wav2vec2-bert", "parakeet_ctc"}


def reads_features(folder):
    return AutoConfig.from_pretrained(folder).model_type in LOG_MEL


def inference_model(folder):
    """The model with its weight normalisation multiplied out, once instead of in every forward pass."""
    model = AutoModelForCTC.from_pretrained(folder).eval()
    for module in list(model.modules()):
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    return model


def load(folder, precision, threads, streams):
    """A function from a batch [rows, samples] to its symbols [rows, frames], for `streams` threads at once."""
    model = inference_model(folder).to(TYPES[precision])
    extractor = AutoFeatureExtractor.from_pretrained(folder) if reads_features(folder) else None
    torch.set_num_threads(threads // streams)

    def inputs(batch):
        if extractor is None:
            return {"input_values": torch.from_numpy(batch).to(model.dtype)}
        features = extractor(list(batch), sampling_rate=16_000, return_tensors="pt")
        return {**features, "input_features": features["input_features"].to(model.dtype)}

    def symbols(batch):
        torch.set_num_threads(threads // streams)  # also a setting of the calling thread
        with torch.inference_mode():
            return model(**inputs(batch)).logits.argmax(-1).numpy()

    return symbols
