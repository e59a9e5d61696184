"""Pictures that commands draw, written as files."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.files import write_whole
from annotator.imaging.opencv import cv2

Picture = NDArray[np.uint8]
"""RGB [H, W, 3]."""


def write_picture(picture: Picture, path: Path) -> None:
    """Write as JPEG or PNG, by the file's ending; raises AnnotatorError for others."""
    if path.suffix.lower() not in (".jpg", ".jpeg", ".png"):
        raise AnnotatorError(f"{path.name}: pictures are written as .jpg or .png.")
    done, data = cv2.imencode(path.suffix, picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 86])
    if not done:
        raise AnnotatorError(f"{path} cannot be encoded.")
    write_whole(path, data.tobytes())
