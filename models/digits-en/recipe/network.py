"""wav2vec 2.0 CTC network with a naive hourglass encoder, under Hugging Face tensor names.

All rows of a batch are of one length: training audio is made so, and evaluation reads one utterance at a time.
"""

import ast
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

FRAME_SAMPLES_MIN = 400  # receptive field of the standard extractor


def load_config(folder):
    return json.loads((Path(folder) / "config.json").read_text())


class ConvLayer(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, normalised):
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, stride, bias=False)
        nn.init.kaiming_normal_(self.conv.weight)
        self.layer_norm = nn.GroupNorm(outputs, outputs, eps=1e-5) if normalised else None

    def forward(self, x):
        """x: [batch, inputs, time]."""
        x = self.conv(x)
        return F.gelu(x if self.layer_norm is None else self.layer_norm(x))


class FeatureExtractor(nn.Module):
    def __init__(self, config):
        super().__init__()
        widths = [1] + config["conv_dim"]
        self.conv_layers = nn.ModuleList(
            ConvLayer(widths[i], widths[i + 1], kernel, stride, normalised=i == 0)
            for i, (kernel, stride) in enumerate(zip(config["conv_kernel"], config["conv_stride"]))
        )

    def forward(self, samples):
        """samples: [batch, samples] -> features [batch, frames, channels]."""
        x = samples[:, None]
        for layer in self.conv_layers:
            x = layer(x)
        return x.transpose(1, 2)


class FeatureProjection(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer_norm = nn.LayerNorm(config["conv_dim"][-1], eps=config["layer_norm_eps"])
        self.projection = nn.Linear(config["conv_dim"][-1], config["hidden_size"])

    def forward(self, x):
        return self.projection(self.layer_norm(x))


class PositionalConv(nn.Module):
    """Grouped convolution over time, weight-normalised along the kernel axis (one norm per tap)."""

    class Weights(nn.Module):
        def __init__(self, width, groups, kernel):
            super().__init__()
            self.weight_v = nn.Parameter(torch.randn(width, width // groups, kernel) * math.sqrt(4 / (kernel * width)))
            self.weight_g = nn.Parameter(self.weight_v.detach().norm(dim=(0, 1), keepdim=True))
            self.bias = nn.Parameter(torch.zeros(width))

    def __init__(self, config):
        super().__init__()
        self.groups = config["num_conv_pos_embedding_groups"]
        self.conv = self.Weights(config["hidden_size"], self.groups, config["num_conv_pos_embeddings"])

    def forward(self, x):
        weight = self.conv.weight_v * (self.conv.weight_g / self.conv.weight_v.norm(dim=(0, 1), keepdim=True))
        kernel = weight.shape[2]
        y = F.conv1d(x.transpose(1, 2), weight, self.conv.bias, padding=kernel // 2, groups=self.groups)
        return F.gelu(y[:, :, : x.shape[1]]).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.heads = config["num_attention_heads"]
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        batch, frames, width = x.shape
        q, k, v = (
            projection(x).view(batch, frames, self.heads, width // self.heads).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        scores = q * (width // self.heads) ** -0.5 @ k.transpose(-1, -2)
        y = torch.softmax(scores, dim=-1) @ v
        return self.out_proj(y.transpose(1, 2).reshape(batch, frames, width))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.intermediate_dense = nn.Linear(config["hidden_size"], config["intermediate_size"])
        self.output_dense = nn.Linear(config["intermediate_size"], config["hidden_size"])

    def forward(self, x):
        return self.output_dense(F.gelu(self.intermediate_dense(x)))


class EncoderLayer(nn.Module):
    """Post-norm transformer layer."""

    def __init__(self, config):
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        self.attention = Attention(config)
        self.layer_norm = nn.LayerNorm(width, eps=eps)
        self.feed_forward = FeedForward(config)
        self.final_layer_norm = nn.LayerNorm(width, eps=eps)

    def forward(self, x):
        x = self.layer_norm(x + self.attention(x))
        return self.final_layer_norm(x + self.feed_forward(x))


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        before, (middle, self.factor), after = ast.literal_eval(config["hourglass_transformer"])
        assert config["hourglass_resample"] == "naive" and before + middle + after == config["num_hidden_layers"]
        self.pos_conv_embed = PositionalConv(config)
        self.layer_norm = nn.LayerNorm(config["hidden_size"], eps=config["layer_norm_eps"])
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(before))
        self.hourglass_layers = nn.ModuleList(EncoderLayer(config) for _ in range(middle))
        self.post_layers = nn.ModuleList(EncoderLayer(config) for _ in range(after))

    def forward(self, x):
        x = self.layer_norm(x + self.pos_conv_embed(x))
        for layer in self.layers:
            x = layer(x)
        residual = x
        x = self.pool(x)
        for layer in self.hourglass_layers:
            x = layer(x)
        x = x.repeat_interleave(self.factor, dim=1)[:, : residual.shape[1]] + residual
        for layer in self.post_layers:
            x = layer(x)
        return x

    def pool(self, x):
        """Mean over groups of `factor` frames, zero frames appended."""
        batch, frames, width = x.shape
        groups = -(-frames // self.factor)
        return F.pad(x, (0, 0, 0, groups * self.factor - frames)).view(batch, groups, self.factor, width).mean(2)


class Backbone(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.feature_extractor = FeatureExtractor(config)
        self.feature_projection = FeatureProjection(config)
        self.encoder = Encoder(config)


class HourglassCTC(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.wav2vec2 = Backbone(config)
        self.lm_head = nn.Linear(config["hidden_size"], config["vocab_size"])
        self.apply(initialise_linear)

    def forward(self, samples, feature_mask=None):
        """Log-probabilities [batch, frames, classes] of normalised samples [batch, samples].

        feature_mask: called on the features [batch, frames, channels] in training, to hide parts of them.
        """
        return self.read(self.wav2vec2.feature_extractor(samples), feature_mask)

    def read(self, features, feature_mask=None):
        """As forward, of features [batch, frames, channels] that the extractor has made."""
        x = self.wav2vec2.feature_projection.layer_norm(features)
        if feature_mask is not None:
            x = feature_mask(x)
        x = self.wav2vec2.encoder(self.wav2vec2.feature_projection.projection(x))
        return F.log_softmax(self.lm_head(x).float(), dim=-1)


def initialise_linear(module):
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


def load_model(folder):
    """The network of a model folder, its float16 weights widened to float32."""
    from safetensors.torch import load_file

    model = HourglassCTC(load_config(folder))
    model.load_state_dict({name: tensor.float() for name, tensor in load_file(Path(folder) / "model.safetensors").items()})
    return model.eval()
