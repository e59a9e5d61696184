"""Networks for other runtimes: the same answers by operations that all of them know and run fast, and as ONNX (extra `onnx`).

Legend: B pictures, C channels, K landmarks, S side of a picture, h x w map cells.
"""

import copy
import importlib.util
import io
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from annotator.domain.errors import AnnotatorError
from annotator.nn.adc import AttentionDrivenCropping, normalise
from annotator.nn.axis_logits import maps
from annotator.nn.soft_argmax import moments

PIXELS = "pixels"
ANSWERS = ("heatmaps", "points", "covariances")


def portable(network: nn.Module) -> nn.Module:
    """A copy of a network, for inference, whose group normalisations are means and products.

    OpenVINO brings a GroupNorm's input into another memory layout and back, which takes longer than the convolutions.
    """
    changed = copy.deepcopy(network).eval()
    for parent in list(changed.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.GroupNorm):
                setattr(parent, name, _GroupNormByMeans(child))
    return changed


def onnx_bytes(network: nn.Module, side: int, outputs: Sequence[str] = ANSWERS) -> bytes:
    """An ONNX file's content: `pixels` float32 [B, 3, side, side] to the network's answers, for any B.

    Raises AnnotatorError where the extra `onnx` is not installed.
    """
    if importlib.util.find_spec("onnx") is None:
        raise AnnotatorError("ONNX is not installed: pip install 'annotator-landmarks[onnx]'")
    file = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # that the exporter is an older one, and that sizes become constants
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, 3, side, side),),
            file,  # type: ignore[arg-type]  # the older exporter takes files
            dynamo=False,
            input_names=[PIXELS],
            output_names=list(outputs),
            dynamic_axes={name: {0: "batch"} for name in (PIXELS, *outputs)},
        )
    return file.getvalue()


class PortableAnswer(nn.Module):
    """A part of a model from pixels to points: [B, 3, S, S] RGB of 0..255 to `heatmaps` [B, K, h, w] before the softmax,
    `points` [B, K, 2] (x, y in 0..1 of the picture) and `covariances` [B, K, 2, 2] of the heatmaps (not calibrated).

    `side` is S in pixels.
    """

    def __init__(self, model: AttentionDrivenCropping, region: int | None = None) -> None:
        """The global network of a model, or the one of a region, which reads the region's upright crop."""
        super().__init__()
        self.side = model.config.proxy if region is None else model.config.crop
        self._region = region
        self._model: Any = portable(model)

    def forward(self, pixels_B3SS: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Heatmaps, points, covariances."""
        if self._region is None:
            logits = maps(self._model.overview(normalise(pixels_B3SS))[-1])
        else:
            box = pixels_B3SS.new_tensor([0.0, 0.0, 1.0, 1.0]).expand(1, 1, 4)
            logits = self._model.forward_crops(pixels_B3SS[:, None], box, [self._region])[0].logits_BKhw
        return logits, *moments(logits)


class LastMaps(nn.Module):
    """A network's last stage alone, as 2D logits."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels_B3SS: Tensor) -> Tensor:
        """Normalised pixels to logits [B, K, h, w]."""
        return maps(self.network(pixels_B3SS)[-1])


class _GroupNormByMeans(nn.Module):
    """What a `GroupNorm` gives, by means over each channel and a product that mixes those of a group.

    Its values are constants and no buffers: of equal buffers torch's ONNX exporter keeps one, and then loses that.
    """

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        group = torch.arange(norm.num_channels) // (norm.num_channels // norm.num_groups)
        same = (group[:, None] == group).to(norm.weight)
        self.same_group = (same / same.sum(1))[:, :, None, None]
        self.weight = norm.weight.detach()[:, None, None].clone()
        self.bias = norm.bias.detach()[:, None, None].clone()
        self.least = norm.eps

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """[B, C, H, W] -> the same."""
        mean = functional.conv2d(x_BCHW.mean((2, 3), keepdim=True), self.same_group)
        square = functional.conv2d((x_BCHW * x_BCHW).mean((2, 3), keepdim=True), self.same_group)
        scale = self.weight * torch.rsqrt((square - mean * mean).clamp_min(0.0) + self.least)
        return x_BCHW * scale + (self.bias - mean * scale)
