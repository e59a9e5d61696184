"""What may go into a predictor: frames, boxes, and a scheme that fits the network; anything else is refused in plain words."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.model_card import SCHEME_FILE
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import SchemeError, load_scheme, read_scheme
from annotator.imaging.proxy import network_pixels
from annotator.nn.adc import AttentionDrivenCropping


def frame_pixels(image: NDArray[Any]) -> NDArray[np.uint8]:
    """A frame HxWx3 of any supported depth as the networks see it; raises AnnotatorError for anything else."""
    if image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < 1:
        raise AnnotatorError(f"A frame must be height x width x 3, not {image.shape}.")
    try:
        return network_pixels(image)
    except TypeError as error:
        raise AnnotatorError(f"The frame cannot be used: {error}.") from error


def checked_boxes(boxes: NDArray[np.floating], count: int) -> NDArray[np.float64]:
    """Boxes x0 y0 x1 y1 as float64 [count, 4]; raises AnnotatorError when they are not that, or smaller than a pixel."""
    values = np.asarray(boxes, np.float64)
    if values.size != 4 * count:
        raise AnnotatorError(f"Boxes must be {count} times x0 y0 x1 y1, not of shape {values.shape}.")
    values = values.reshape(count, 4)
    if not np.isfinite(values).all() or (values[:, 2:] - values[:, :2] < 1.0).any():
        raise AnnotatorError("Each box must be at least one frame pixel wide and high.")
    return values


def scheme_of_model(scheme_id: str, folder: Path, module: AttentionDrivenCropping) -> LandmarkScheme:
    """The scheme in the model's folder, or the shipped one of that id; raises ModelError where the network does not fit it."""
    own = folder / SCHEME_FILE
    try:
        scheme = read_scheme(own) if own.is_file() else load_scheme(scheme_id)
    except SchemeError as error:
        raise ModelError(f"{folder}: the scheme {scheme_id} cannot be loaded: {error}") from error
    regions = tuple(region.indices for region in scheme.regions)
    if scheme.id != scheme_id or module.landmarks != scheme.size or module.regions not in ((), regions):
        raise ModelError(
            f"{folder}: the network does not fit the scheme {scheme.id}. Copy the whole model folder again."
        )
    return scheme
