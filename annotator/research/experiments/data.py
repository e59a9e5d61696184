"""What experiments learn from: a dataset folder as it is, or the frames that they would be measured on."""

from pathlib import Path

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.dataset_folder import ANNOTATIONS
from annotator.services.models.training.frames_source import FramesSource, evaluation_frames
from annotator.training.dataset_folder import ZOOM, PictureFolder
from annotator.training.source import SampleSource

_MEMORY = 4 << 30


def training_source(folder: Path, scheme: LandmarkScheme, size: int, cut_out: bool) -> SampleSource:
    """Samples of a folder for pictures of `size`: a dataset folder as it is, anything else as `evaluation_frames` shows it.

    Raises AnnotatorError where there is nothing to learn from.
    """
    longest = round(size * ZOOM)
    lines = folder / ANNOTATIONS.replace(".json", ".jsonl")
    if not cut_out and (lines.is_file() or (folder / ANNOTATIONS).is_file()):
        source: SampleSource = PictureFolder(folder, scheme, longest, _MEMORY)
    else:
        source = FramesSource(evaluation_frames(folder, scheme, cut_out), longest)
    if not len(source):
        raise AnnotatorError(f"{folder} holds no annotated picture to learn from.")
    return source
