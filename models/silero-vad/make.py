"""Makes silero_vad_16k.safetensors of the weights of the package silero-vad, unchanged.

    python3 -m venv venv && venv/bin/pip install silero-vad==6.2.3 safetensors
    venv/bin/python models/silero-vad/make.py

The weights are those of its TorchScript network (silero_vad.jit) for 16 kHz; the names are those of the package's own
tinygrad_model.py. The package has a file of this name too, of an earlier network, which says other things of audio than its ONNX and
TorchScript networks do.
"""
import hashlib
import pathlib
import sys

from safetensors.torch import save_file
from silero_vad import load_silero_vad

names = {
    "stft.forward_basis_buffer": "stft_conv.weight",
    "decoder.rnn.weight_ih": "lstm_cell.weight_ih",
    "decoder.rnn.weight_hh": "lstm_cell.weight_hh",
    "decoder.rnn.bias_ih": "lstm_cell.bias_ih",
    "decoder.rnn.bias_hh": "lstm_cell.bias_hh",
    "decoder.decoder.2.weight": "final_conv.weight",
    "decoder.decoder.2.bias": "final_conv.bias",
}
for layer in range(4):
    for part in ("weight", "bias"):
        names[f"encoder.{layer}.reparam_conv.{part}"] = f"conv{layer + 1}.{part}"

stored = load_silero_vad(onnx=False).state_dict()
tensors = {name: stored[f"_model.{source}"].float().contiguous().clone() for source, name in names.items()}
assert sorted(f"_model.{source}" for source in names) == sorted(key for key in stored if key.startswith("_model."))
path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "silero_vad_16k.safetensors"
save_file(tensors, path)
print(hashlib.sha256(path.read_bytes()).hexdigest(), path)
