#!/usr/bin/env python3
"""Writes a Hugging Face folder of random weights with the sizes of a published model.

    python random_folder.py hubert-large FOLDER        # HuBERT Large, 317 million parameters
    python random_folder.py mms-1b FOLDER              # MMS 1B with one language's adapter
    python random_folder.py w2v-bert FOLDER            # w2v-BERT 2.0, 581 million
    python random_folder.py w2v-bert-adapter FOLDER    # the same with its adapter
    python random_folder.py parakeet FOLDER            # Parakeet CTC 0.6B

Speed and memory do not depend on what weights are. `--layers` makes a smaller one.
"""
import argparse
import json
from pathlib import Path

import torch
from transformers import (
    HubertConfig, HubertForCTC, ParakeetCTCConfig, ParakeetFeatureExtractor, ParakeetForCTC,
    SeamlessM4TFeatureExtractor, Wav2Vec2BertConfig, Wav2Vec2BertForCTC, Wav2Vec2Config,
    Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC,
)

SYMBOLS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
# What the large models that read samples have in common.
LARGE = {
    "feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True,
    "vocab_size": len(SYMBOLS), "pad_token_id": 0,
}


def hubert_large(folder, layers):
    """Sizes of facebook/hubert-large-ls960-ft."""
    config = HubertConfig(
        hidden_size=1024, intermediate_size=4096, num_attention_heads=16, num_hidden_layers=layers or 24, **LARGE)
    HubertForCTC(config).save_pretrained(folder)
    write_letters_and_samples(folder)


def mms_1b(folder, layers):
    """Sizes of facebook/mms-1b-all, its adapters those of one language with a vocabulary of letters."""
    config = Wav2Vec2Config(
        hidden_size=1280, intermediate_size=5120, num_attention_heads=16, num_hidden_layers=layers or 48,
        adapter_attn_dim=16, **LARGE)
    Wav2Vec2ForCTC(config).save_pretrained(folder)
    write_letters_and_samples(folder)


def write_letters_and_samples(folder):
    """The vocabulary of letters, and what says that samples are normalised."""
    Wav2Vec2FeatureExtractor(do_normalize=True, return_attention_mask=True).save_pretrained(folder)
    write_letters(folder)


def write_letters(folder):
    write(folder, "vocab.json", {symbol: index for index, symbol in enumerate(SYMBOLS)})
    write(folder, "tokenizer_config.json", {"tokenizer_class": "Wav2Vec2CTCTokenizer", "pad_token": "<pad>"})


def w2v_bert(folder, layers, has_adapter):
    """Sizes of facebook/w2v-bert-2.0, with a vocabulary of letters as its fine-tunes have."""
    config = Wav2Vec2BertConfig(
        vocab_size=len(SYMBOLS), num_hidden_layers=layers or 24, add_adapter=has_adapter, pad_token_id=0,
    )
    Wav2Vec2BertForCTC(config).save_pretrained(folder)
    SeamlessM4TFeatureExtractor(padding_value=1.0).save_pretrained(folder)
    write_letters(folder)


def parakeet(folder, layers):
    """Sizes of nvidia/parakeet-ctc-0.6b, with 1,024 pieces that mean nothing."""
    config = ParakeetCTCConfig(
        vocab_size=1025, pad_token_id=1024, encoder_config={"num_hidden_layers": layers or 24},
    )
    ParakeetForCTC(config).save_pretrained(folder)
    ParakeetFeatureExtractor().save_pretrained(folder)
    pieces = ["<unk>", *(f"▁{number}" for number in range(1, 1024))]
    write(folder, "tokenizer.json", {
        "version": "1.0",
        "added_tokens": [{"id": 1024, "content": "<pad>", "special": True}],
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": [[piece, 0.0] for piece in pieces]},
    })


def write(folder, name, value):
    Path(folder, name).write_text(json.dumps(value), encoding="utf-8")


KINDS = {
    "hubert-large": hubert_large,
    "mms-1b": mms_1b,
    "w2v-bert": lambda folder, layers: w2v_bert(folder, layers, has_adapter=False),
    "w2v-bert-adapter": lambda folder, layers: w2v_bert(folder, layers, has_adapter=True),
    "parakeet": parakeet,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("folder")
    parser.add_argument("--layers", type=int, help="of the encoder, in place of the published number")
    arguments = parser.parse_args()
    Path(arguments.folder).mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    KINDS[arguments.kind](arguments.folder, arguments.layers)


if __name__ == "__main__":
    main()
