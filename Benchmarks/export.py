#!/usr/bin/env python3
"""Writes a Hugging Face CTC folder as ONNX and, if it reads samples, as OpenVINO IR, both fp32.

    python export.py HF_FOLDER OUT_FOLDER
    python export.py HF_FOLDER OUT_FOLDER --onnx-only

Rows and samples are free dimensions; of log-mel features, the frames are. Each form is run on noise beside the
original; a largest difference of the logits above 1e-3 is an error.
"""
import argparse
from pathlib import Path

import numpy
import onnxruntime
import torch
from engine_transformers import inference_model, reads_features
from transformers import AutoConfig, AutoFeatureExtractor

TOLERANCE = 1e-3


class Logits(torch.nn.Module):
    """[rows, samples], or log-mel features [rows, frames, bins], to [rows, frames, symbols]."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, inputs):
        return self.model(inputs).logits


def export_onnx(model, path, example):
    torch.onnx.export(
        model, (example,), str(path), dynamo=False, opset_version=17,
        input_names=["inputs"], output_names=["logits"],
        dynamic_axes={"inputs": {0: "rows", 1: "length"}, "logits": {0: "rows", 1: "frames"}},
    )


def export_openvino(model, path, example):
    import openvino  # not needed for ONNX alone

    converted = openvino.convert_model(model, example_input=example, input=[-1, -1])
    openvino.save_model(converted, path, compress_to_fp16=False)
    return openvino.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def check(name, logits, expected):
    difference = float(numpy.abs(logits - expected).max())
    print(f"{name}: largest difference of the logits {difference:.1e}, their largest {numpy.abs(expected).max():.1f}")
    if not difference <= TOLERANCE:
        raise SystemExit(f"{name}: above {TOLERANCE}: this export computes something else; do not time it")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--onnx-only", action="store_true", help="no OpenVINO IR")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    model = Logits(inference_model(arguments.model)).eval()
    noise = torch.Generator().manual_seed(1)
    if reads_features(arguments.model):
        AutoFeatureExtractor.from_pretrained(arguments.model).save_pretrained(arguments.out)  # the engine needs it
        bins = feature_bins(arguments.model)
        example, other = (torch.randn(rows, frames, bins, generator=noise) for rows, frames in [(2, 200), (3, 313)])
    else:
        example, other = (torch.randn(rows, samples, generator=noise) for rows, samples in [(2, 32_000), (3, 50_123)])
    with torch.inference_mode():
        expected = model(other).numpy()
    onnx, ir = arguments.out / "model.onnx", arguments.out / "model.xml"
    with torch.no_grad():
        export_onnx(model, onnx, example)
    session = onnxruntime.InferenceSession(onnx)
    check(onnx.name, session.run(None, {"inputs": other.numpy()})[0], expected)
    if not arguments.onnx_only:
        with torch.no_grad():
            compiled = export_openvino(model, ir, example)
        check(ir.name, compiled(other.numpy())[0], expected)


def feature_bins(folder):
    """Log-mel features of one frame, as the encoder takes them."""
    config = AutoConfig.from_pretrained(folder)
    encoder = getattr(config, "encoder_config", None)
    return encoder.num_mel_bins if encoder is not None else config.feature_projection_input_dim


if __name__ == "__main__":
    main()
