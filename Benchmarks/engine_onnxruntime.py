"""ONNX Runtime: model.onnx, or for int8 model-int8.onnx."""
from pathlib import Path

import onnxruntime

FILES = {"fp32": "model.onnx", "int8": "model-int8.onnx"}


def load(folder, precision, threads, streams):
    """A function from a batch [rows, samples] to its symbols [rows, frames], for `streams` threads at once."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads // streams
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(
        Path(folder) / FILES[precision], options, providers=["CPUExecutionProvider"])
    return lambda batch: session.run(None, {"samples": batch})[0].argmax(-1)
