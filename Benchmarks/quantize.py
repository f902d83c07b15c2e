#!/usr/bin/env python3
"""Makes the int8 forms of the files that export.py wrote.

    python quantize.py FOLDER --manifest ROWS.jsonl [--rows 16] [--preset mixed] [--onnx-only]

ONNX Runtime: dynamic quantisation of the matrix products (model-int8.onnx). OpenVINO: NNCF's
post-training quantisation for transformers, its ranges measured on rows spread over the manifest
(model-int8.xml). Prints how many frames of the other rows get the same symbol as in fp32.
"""
import argparse
from pathlib import Path

import numpy
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic
from rows import read_clips


def quantize_onnx(fp32, int8):
    # MatMul alone: ONNX Runtime has fast int8 matrix products, but no fast int8 convolution of free length.
    quantize_dynamic(fp32, int8, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8, per_channel=True)


def quantize_openvino(fp32, int8, clips, preset):
    import nncf  # neither is needed for ONNX alone
    import openvino

    model = openvino.Core().read_model(fp32)
    quantized = nncf.quantize(
        model, nncf.Dataset([clip[None] for clip in clips]), subset_size=len(clips),
        model_type=nncf.ModelType.TRANSFORMER, preset=nncf.QuantizationPreset(preset),
    )
    openvino.save_model(quantized, int8, compress_to_fp16=False)


def onnx_symbols(path, clips):
    session = onnxruntime.InferenceSession(path)
    return numpy.concatenate([session.run(None, {"inputs": clip[None]})[0].argmax(-1)[0] for clip in clips])


def openvino_symbols(path, clips):
    import openvino

    compiled = openvino.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return numpy.concatenate([compiled(clip[None])[0].argmax(-1)[0] for clip in clips])


def report(name, symbols, expected):
    print(f"{name}: {(symbols == expected).mean():.1%} of {len(expected)} frames have the symbol of fp32", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--manifest", required=True, type=Path)
    parser.add_argument("--rows", type=int, default=16, help="rows that calibrate, spread over the manifest")
    parser.add_argument("--preset", choices=["performance", "mixed"], default="mixed")
    parser.add_argument("--onnx-only", action="store_true", help="not OpenVINO's; for models that read samples")
    arguments = parser.parse_args()

    clips = read_clips(arguments.manifest)
    step = max(1, len(clips) // arguments.rows)
    calibration, unseen = clips[::step][: arguments.rows], clips[step // 2 :: step][:8]

    onnx, onnx_int8 = arguments.folder / "model.onnx", arguments.folder / "model-int8.onnx"
    quantize_onnx(onnx, onnx_int8)
    report(onnx_int8.name, onnx_symbols(onnx_int8, unseen), onnx_symbols(onnx, unseen))
    if arguments.onnx_only:
        return

    ir, ir_int8 = arguments.folder / "model.xml", arguments.folder / "model-int8.xml"
    quantize_openvino(ir, ir_int8, calibration, arguments.preset)
    report(ir_int8.name, openvino_symbols(ir_int8, unseen), openvino_symbols(ir, unseen))


if __name__ == "__main__":
    main()
