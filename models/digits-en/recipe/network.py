"""wav2vec 2.0 CTC network with a naive hourglass encoder, under Hugging Face tensor names.

Every utterance of a padded batch gets the result it would get alone: GroupNorm statistics over valid frames only, padded
keys masked, padded frames zeroed before the positional convolution and before the hourglass pools them.
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

    def forward(self, x, lengths):
        """x: [batch, inputs, time]; lengths: valid time steps of each row, or None if all are."""
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        x = self.conv(x)
        if lengths is not None:
            lengths = (lengths - kernel).div(stride, rounding_mode="floor") + 1
        if self.layer_norm is not None:
            x = self.layer_norm(x) if lengths is None else masked_group_norm(x, lengths, self.layer_norm)
        return F.gelu(x), lengths


def masked_group_norm(x, lengths, norm):
    """One group a channel, statistics over the valid time steps, applied to all of them."""
    valid = (torch.arange(x.shape[2]) < lengths[:, None])[:, None].to(x.dtype)
    count = lengths[:, None, None].to(x.dtype)
    mean = (x * valid).sum(2, keepdim=True) / count
    variance = (((x - mean) * valid) ** 2).sum(2, keepdim=True) / count
    scale = norm.weight[:, None] * torch.rsqrt(variance + norm.eps)
    return torch.addcmul(norm.bias[:, None] - mean * scale, x, scale)


class FeatureExtractor(nn.Module):
    def __init__(self, config):
        super().__init__()
        widths = [1] + config["conv_dim"]
        self.conv_layers = nn.ModuleList(
            ConvLayer(widths[i], widths[i + 1], kernel, stride, normalised=i == 0)
            for i, (kernel, stride) in enumerate(zip(config["conv_kernel"], config["conv_stride"]))
        )

    def forward(self, samples, lengths):
        """samples: [batch, samples] -> features [batch, frames, channels], frame lengths or None."""
        x = samples[:, None]
        for layer in self.conv_layers:
            x, lengths = layer(x, lengths)
        return x.transpose(1, 2), lengths


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

    def forward(self, x, padding):
        """padding: [batch, frames], true where a key is not to be seen, or None."""
        batch, frames, width = x.shape
        q, k, v = (
            projection(x).view(batch, frames, self.heads, width // self.heads).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        mask = None if padding is None else ~padding[:, None, None, :]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
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
        self.dropout = nn.Dropout(config["hidden_dropout"])

    def forward(self, x, padding):
        x = self.layer_norm(x + self.dropout(self.attention(x, padding)))
        return self.final_layer_norm(x + self.dropout(self.feed_forward(x)))


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
        self.dropout = nn.Dropout(config["hidden_dropout"])

    def forward(self, x, padding):
        x = zeroed(x, padding)
        x = self.dropout(self.layer_norm(x + self.pos_conv_embed(x)))
        for layer in self.layers:
            x = layer(x, padding)
        residual = x
        x, pooled_padding = self.pool(zeroed(x, padding), padding)
        for layer in self.hourglass_layers:
            x = layer(x, pooled_padding)
        x = x.repeat_interleave(self.factor, dim=1)[:, : residual.shape[1]] + residual
        for layer in self.post_layers:
            x = layer(x, padding)
        return x

    def pool(self, x, padding):
        """Mean over groups of `factor` frames, zero frames appended; a group is padding if all of it is."""
        batch, frames, width = x.shape
        groups = -(-frames // self.factor)
        missing = groups * self.factor - frames
        x = F.pad(x, (0, 0, 0, missing)).view(batch, groups, self.factor, width).mean(2)
        if padding is not None:
            padding = F.pad(padding, (0, missing), value=True).view(batch, groups, self.factor).all(2)
        return x, padding


def zeroed(x, padding):
    return x if padding is None else x.masked_fill(padding[:, :, None], 0.0)


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
        self.dropout = nn.Dropout(config["final_dropout"])
        self.apply(initialise_linear)

    def forward(self, samples, lengths=None, feature_mask=None):
        """Log-probabilities of a batch.

        samples: [batch, samples], normalised, zero beyond `lengths` (None: every row is full).
        feature_mask: called on the features [batch, frames, channels] in training, to hide parts of them.
        Returns [batch, frames, classes] and the valid frames of each row.
        """
        x, frames = self.wav2vec2.feature_extractor(samples, lengths)
        padding = None if frames is None else torch.arange(x.shape[1]) >= frames[:, None]
        x = self.wav2vec2.feature_projection.layer_norm(x)
        if feature_mask is not None:
            x = feature_mask(x)
        x = self.dropout(self.wav2vec2.feature_projection.projection(x))
        x = self.wav2vec2.encoder(x, padding)
        if frames is None:
            frames = torch.full((x.shape[0],), x.shape[1])
        return F.log_softmax(self.lm_head(self.dropout(x)), dim=-1), frames


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
