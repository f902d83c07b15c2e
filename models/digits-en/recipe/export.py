"""Writing a model folder: float16 safetensors and the Hugging Face side files."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

from vocabulary import INDEX

SIDE_FILES = {
    "vocab.json": INDEX,
    "preprocessor_config.json": {
        "feature_extractor_type": "Wav2Vec2FeatureExtractor",
        "feature_size": 1,
        "sampling_rate": 16000,
        "padding_side": "right",
        "padding_value": 0.0,
        "do_normalize": True,
        "return_attention_mask": False,
    },
    "tokenizer_config.json": {
        "tokenizer_class": "Wav2Vec2CTCTokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "word_delimiter_token": "|",
        "do_lower_case": False,
    },
    "special_tokens_map.json": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"},
}


def export(state, config_file, folder):
    """state: tensor name -> tensor."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "config.json").exists() or not Path(config_file).samefile(folder / "config.json"):
        shutil.copy(config_file, folder / "config.json")
    for name, content in SIDE_FILES.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n")
    tensors = {name: tensor.detach().to(torch.float16).contiguous() for name, tensor in state.items()}
    partial = folder / "model.safetensors.part"
    save_file(tensors, partial, metadata={"format": "pt"})
    partial.chmod(0o644)
    partial.rename(folder / "model.safetensors")
