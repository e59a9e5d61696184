"""A model whose answers are known: every landmark is a disc of a colour of its own, and the networks look for colours."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import Landmark, LandmarkScheme, Region
from annotator.domain.schemes.scheme_writer import write_scheme
from annotator.inference import predictor as predictor_module
from annotator.inference.predictor import Predictor
from annotator.nn.adc import AdcConfig, AttentionDrivenCropping

SCHEME = LandmarkScheme(
    "discs",
    1,
    "Discs",
    (
        Landmark("eye_right_outer", "right_eye", "eye_left_outer", 36),
        Landmark("eye_right_inner", "right_eye", "eye_left_inner", 39),
        Landmark("eye_left_inner", "left_eye", "eye_right_inner", 42),
        Landmark("eye_left_outer", "left_eye", "eye_right_outer", 45),
        Landmark("mouth_right", "mouth", "mouth_left", 48),
        Landmark("mouth_left", "mouth", "mouth_right", 54),
        Landmark("chin", None, "chin", 8),
    ),
    (
        Region("right_eye", "Right eye", "#ff0000", (0, 1), "left_eye"),
        Region("left_eye", "Left eye", "#00ff00", (2, 3), "right_eye"),
        Region("mouth", "Mouth", "#0000ff", (4, 5), "mouth"),
    ),
    (),
)
COLOURS = np.array(
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [255, 0, 255], [0, 255, 255], [255, 255, 255]],
    np.float64,
)
FACE = np.array(
    [[0.0, 0.0], [0.35, 0.05], [0.65, 0.05], [1.0, 0.0], [0.25, 0.75], [0.75, 0.75], [0.5, 1.1]], np.float64
)
"""The landmarks of a face one unit wide."""


class ColourNetwork(nn.Module):
    """Logits by nearness of each pixel to each landmark's colour; `gain` 0 makes flat maps."""

    def __init__(self, colours: np.ndarray, gain: float = 5.0) -> None:
        super().__init__()
        self.targets = torch.from_numpy(colours / 127.5 - 1.0).float()
        self.gain = gain

    def forward(self, pixels_B3HW: Tensor) -> tuple[Tensor, ...]:
        """[B, K, H, W]: minus the squared colour distance times the gain."""
        gap = pixels_B3HW[:, None] - self.targets[None, :, :, None, None]
        return (-self.gain * gap.square().sum(2),)


def paint(
    width: int, height: int, corner: tuple[float, float], size: float, radius: float = 0.07, into: Any = None
) -> tuple[np.ndarray, np.ndarray]:
    """A black frame uint8 with one face of `size` pixels at `corner` (added to `into`), and its true points [7, 2]."""
    frame = np.zeros((height, width, 3)) if into is None else into.astype(np.float64)
    points = FACE * size + np.array(corner)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    for point, colour in zip(points, COLOURS, strict=True):
        cover = np.clip(radius * size - np.hypot(x - point[0], y - point[1]) + 0.5, 0, 1)
        frame = frame * (1 - cover[..., None]) + cover[..., None] * colour
    return frame.round().astype(np.uint8), points


def build_module(blind: str = "", mirrored: bool = False) -> AttentionDrivenCropping:
    """The colour model; the region `blind` gives flat maps. With `mirrored` the regional networks look for what their
    landmarks are in a mirror: they read only flipped crops right."""
    config = AdcConfig(regions=tuple(region.indices for region in SCHEME.regions), proxy=64, crop=64)
    regions = iter(SCHEME.regions)

    def regional(_: int) -> nn.Module:
        region = next(regions)
        indices = list(region.indices)
        colours = COLOURS[SCHEME.mirror[indices] if mirrored else indices]
        return ColourNetwork(colours, 0.0 if region.name == blind else 5.0)

    return AttentionDrivenCropping(7, config, lambda _: ColourNetwork(COLOURS), regional).eval()


@pytest.fixture
def make_predictor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Predictor]:
    """Makes a predictor of the colour model; arguments are the module and entries of the card's `preprocessing`."""

    def make(module: AttentionDrivenCropping | None = None, **preprocessing: Any) -> Predictor:
        card = ModelCard("discs-model", SCHEME.id, {"name": "colours"})
        card = replace(card, preprocessing={"mean_shape": FACE.tolist(), **preprocessing})
        (tmp_path / "scheme.toml").write_text(write_scheme(SCHEME), encoding="utf-8")
        monkeypatch.setattr(predictor_module, "load_model", lambda *_: (module or build_module(), card))
        return Predictor(tmp_path, device="cpu")

    return make
