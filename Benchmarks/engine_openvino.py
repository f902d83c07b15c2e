"""OpenVINO: model.xml, or for int8 model-int8.xml, compiled for free shapes."""
import threading
from pathlib import Path

import openvino

FILES = {"fp32": "model.xml", "bf16": "model.xml", "int8": "model-int8.xml"}
# The hint is for what is not int8 in a quantised model: bf16 is faster there than f32.
HINTS = {"fp32": "f32", "bf16": "bf16", "int8": "bf16"}


def load(folder, precision, threads, streams):
    """A function from a batch [rows, samples] to its symbols [rows, frames], for `streams` threads at once."""
    model = openvino.compile_model(Path(folder) / FILES[precision], "CPU", {
        "PERFORMANCE_HINT": "LATENCY" if streams == 1 else "THROUGHPUT",
        "INFERENCE_PRECISION_HINT": HINTS[precision],
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": streams,
    })
    requests = threading.local()

    def symbols(batch):
        if not hasattr(requests, "own"):
            requests.own = model.create_infer_request()
        return requests.own.infer([batch], share_inputs=True, share_outputs=True)[0].argmax(-1)

    return symbols
