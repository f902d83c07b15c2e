#!/usr/bin/env python3
"""Writes a Hugging Face folder of random weights with the sizes of a published model that reads log-mel features.

    python random_folder.py w2v-bert FOLDER            # w2v-BERT 2.0, 581 million parameters
    python random_folder.py w2v-bert-adapter FOLDER    # the same with its adapter
    python random_folder.py parakeet FOLDER            # Parakeet CTC 0.6B

Speed and memory do not depend on what weights are. `--layers` makes a smaller one.
"""
import argparse
import json
from pathlib import Path

import torch
from transformers import (
    ParakeetCTCConfig, ParakeetFeatureExtractor, ParakeetForCTC, SeamlessM4TFeatureExtractor,
    Wav2Vec2BertConfig, Wav2Vec2BertForCTC,
)

LETTERS = "ETAONIHSRDLUMWCFGYPBVK'XJQZ"


def w2v_bert(folder, layers, has_adapter):
    """Sizes of facebook/w2v-bert-2.0, with a vocabulary of letters as its fine-tunes have."""
    symbols = ["<pad>", "<s>", "</s>", "<unk>", "|", *LETTERS]
    config = Wav2Vec2BertConfig(
        vocab_size=len(symbols), num_hidden_layers=layers or 24, add_adapter=has_adapter, pad_token_id=0,
    )
    Wav2Vec2BertForCTC(config).save_pretrained(folder)
    SeamlessM4TFeatureExtractor(padding_value=1.0).save_pretrained(folder)
    write(folder, "vocab.json", {symbol: index for index, symbol in enumerate(symbols)})
    write(folder, "tokenizer_config.json", {"tokenizer_class": "Wav2Vec2CTCTokenizer", "pad_token": "<pad>"})


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["w2v-bert", "w2v-bert-adapter", "parakeet"])
    parser.add_argument("folder")
    parser.add_argument("--layers", type=int, help="of the encoder, in place of 24")
    arguments = parser.parse_args()
    Path(arguments.folder).mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    if arguments.kind == "parakeet":
        parakeet(arguments.folder, arguments.layers)
    else:
        w2v_bert(arguments.folder, arguments.layers, arguments.kind == "w2v-bert-adapter")


if __name__ == "__main__":
    main()
