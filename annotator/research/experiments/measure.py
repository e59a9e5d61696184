"""A trained system's points on test frames: the network as published, on the whole square, without the product's other aids."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine
from annotator.domain.errors import ModelError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.evaluation.truth import Predictions
from annotator.files import atomic_file
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.checkpoint import load_model
from annotator.nn.device import choose_device
from annotator.services.models.training.frames_source import FrameWindows

Find = Callable[[NDArray[np.uint8], Affine, int], NDArray[np.floating]]
"""Places landmarks: (uint8 [S, S, 3], frame_from_square, number of the frame) -> [L, 2] in the square's pixels."""


def network(model: Path, device: str) -> Find:
    """A model folder as a `Find`; crops are taken as often as its card says. float32 throughout, so that machines compare."""
    module, card = load_model(model)
    if not isinstance(module, AttentionDrivenCropping):
        raise ModelError(f"{card.id} cannot be measured by this version")
    where = choose_device(device)
    module = module.to(where).eval()
    iterations = int(card.preprocessing.get("iterations", 1))

    def find(square: NDArray[np.uint8], _: Affine, __: int) -> NDArray[np.floating]:
        batch = torch.from_numpy(square).to(where).permute(2, 0, 1)[None]
        with torch.inference_mode():
            return np.asarray(module(batch, iterations=iterations).xy_BL2[0].float().cpu().numpy())

    return find


def predict(
    find: Find, frames: FrameWindows, size: int, name: str, progress: Progress = silent, stop: Stop = never
) -> Predictions:
    """Points on all frames, shown at size x size, in frame pixels; `seconds` leaves reading out."""
    xy = np.full(frames.data.truth.xy.shape, np.nan)
    seconds = np.full(len(frames), np.nan)
    for number in range(len(frames)):
        if stop():
            raise Cancelled("The experiment was stopped.")
        square, frame_from_square = frames.square(number, size)
        start = time.perf_counter()
        found = find(square, frame_from_square, number)
        seconds[number] = time.perf_counter() - start
        xy[number] = apply_affine(frame_from_square, found.astype(np.float64))
        progress(number + 1, len(frames), f"measuring {name}")
    return Predictions(name, xy, None, seconds)


def save_predictions(path: Path, own: Predictions, key: str) -> None:
    """Keep points with a key of what they were made from; replaced as a whole."""
    seconds = own.seconds if own.seconds is not None else np.nan
    with atomic_file(path) as staging, staging.open("wb") as file:
        np.savez(file, xy=own.xy, seconds=seconds, key=np.array(key))


def load_predictions(path: Path, name: str, key: str) -> Predictions | None:
    """Points kept under the same key; None where there are none."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["key"]) == key:
                return Predictions(name, kept["xy"], None, kept["seconds"])
    except (OSError, ValueError, KeyError):
        pass
    return None
