#!/usr/bin/env python3
"""Writes a Hugging Face wav2vec 2.0 CTC folder as ONNX and as OpenVINO IR, both fp32.

    python export.py HF_FOLDER OUT_FOLDER

Rows and samples are free dimensions. Each form is run on noise beside the original; a largest
difference of the logits above 1e-3 is an error.
"""
import argparse
from pathlib import Path

import numpy
import onnxruntime
import openvino
import torch
from engine_transformers import inference_model

TOLERANCE = 1e-3


class Logits(torch.nn.Module):
    """[rows, samples] to [rows, frames, symbols]."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, samples):
        return self.model(samples).logits


def export_onnx(model, path, example):
    torch.onnx.export(
        model, (example,), path, dynamo=False, opset_version=17,
        input_names=["samples"], output_names=["logits"],
        dynamic_axes={"samples": {0: "rows", 1: "samples"}, "logits": {0: "rows", 1: "frames"}},
    )


def export_openvino(model, path, example):
    converted = openvino.convert_model(model, example_input=example, input=[-1, -1])
    openvino.save_model(converted, path, compress_to_fp16=False)


def check(name, logits, expected):
    difference = float(numpy.abs(logits - expected).max())
    print(f"{name}: largest difference of the logits {difference:.1e}, their largest {numpy.abs(expected).max():.1f}")
    if not difference <= TOLERANCE:
        raise SystemExit(f"{name}: above {TOLERANCE}: this export computes something else; do not time it")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    model = Logits(inference_model(arguments.model)).eval()
    noise = torch.Generator().manual_seed(1)
    example = torch.randn(2, 32_000, generator=noise)
    other = torch.randn(3, 50_123, generator=noise)
    onnx, ir = arguments.out / "model.onnx", arguments.out / "model.xml"
    with torch.inference_mode():
        expected = model(other).numpy()
    with torch.no_grad():
        export_onnx(model, onnx, example)
        export_openvino(model, ir, example)

    session = onnxruntime.InferenceSession(onnx)
    check(onnx.name, session.run(None, {"samples": other.numpy()})[0], expected)
    compiled = openvino.compile_model(ir, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    check(ir.name, compiled(other.numpy())[0], expected)


if __name__ == "__main__":
    main()
