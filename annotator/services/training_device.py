"""What a recipe becomes on the device at hand, alike for projects and for dataset folders."""

from dataclasses import replace

from annotator.inference.device import choose_device, fast_type
from annotator.training.config import TrainingConfig


def fitting(config: TrainingConfig, device: str) -> TrainingConfig:
    """The configuration in float32 where the device only emulates narrow floats, which takes many times longer."""
    return replace(config, precision="32-true") if fast_type(choose_device(device)) is None else config
