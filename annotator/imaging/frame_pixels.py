"""The pixels of a frame that somebody asked for by its key."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.frame_key import FrameKey
from annotator.imaging.reader import read_frame


def pixels_of(key: FrameKey) -> NDArray[Any]:
    """The frame's pixels; raises `AnnotatorError` where the file cannot be read or has another size than the frame."""
    image = read_frame(Path(key.path))
    refusal = key.refusal(image.shape[1], image.shape[0])
    if refusal:
        raise AnnotatorError(refusal)
    return image
