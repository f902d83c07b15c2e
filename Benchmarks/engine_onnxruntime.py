"""ONNX Runtime: model.onnx, or for int8 model-int8.onnx."""
from pathlib import Path

import onnxruntime
from transformers import AutoFeatureExtractor

FILES = {"fp32": "model.onnx", "int8": "model-int8.onnx"}


def load(folder, precision, threads, streams):
    """A function from a batch [rows, samples] to its symbols [rows, frames], for `streams` threads at once."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads // streams
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(
        Path(folder) / FILES[precision], options, providers=["CPUExecutionProvider"])
    reads_features = (Path(folder) / "preprocessor_config.json").exists()  # export.py wrote it for such models alone
    extractor = AutoFeatureExtractor.from_pretrained(folder) if reads_features else None

    def symbols(batch):
        if extractor is not None:
            batch = extractor(list(batch), sampling_rate=16_000, return_tensors="np")["input_features"]
        return session.run(None, {"inputs": batch})[0].argmax(-1)

    return symbols
