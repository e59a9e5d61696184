"""dlib's shape predictor (Kazemi and Sullivan, CVPR 2014) as a baseline, trained on the same pictures. Needs the extra `dlib`.

It does not look for faces: it is given the box of the true landmarks, moved and scaled a little, as a face detector's would
be. The networks get no such help. dlib answers in whole pixels, so its pictures are enlarged twofold.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, bounding_box, invert_affine
from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_file
from annotator.imaging.proxy import area_resize
from annotator.research.experiments.measure import Find
from annotator.services.models.training.frames_source import FrameWindows
from annotator.training.augment import plain
from annotator.training.source import SampleSource

MODEL = "shape.dat"
_FINER = 2
_MOVED, _SCALED = 0.03, 0.05  # standard deviations of the boxes, shares of their size


def available() -> bool:
    """Whether dlib is installed."""
    try:
        _dlib()
    except AnnotatorError:
        return False
    return True


def train_dlib(
    source: SampleSource,
    scheme: LandmarkScheme,
    size: int,
    folder: Path,
    seed: int,
    trees: int = 500,
    starts: int = 20,
) -> Path:
    """Train on every sample at size x size and return the model's file, which is only there when it is whole.

    Args:
        trees: of each of the ten cascades. starts: shapes that each picture begins from. Both defaults are dlib's own.

    Raises:
        AnnotatorError: dlib is not installed.
    """
    dlib = _dlib()
    pictures, shapes = [], []
    for number in range(len(source)):
        item = plain(source[number], size)
        known = np.isfinite(item.xy).all(-1)
        if known.sum() < max(3, scheme.size // 2):
            continue
        pictures.append(_enlarged(item.image))
        box = _rectangle(dlib, item.xy[known], seed, number)
        points = [_point(dlib, xy) for xy in item.xy]
        shapes.append([dlib.full_object_detection(box, points)])
    options = dlib.shape_predictor_training_options()
    options.num_trees_per_cascade_level = trees
    options.oversampling_amount = starts
    options.random_seed = str(seed)
    options.num_threads = 1
    options.be_verbose = False
    predictor = dlib.train_shape_predictor(pictures, shapes, options)
    with atomic_file(folder / MODEL) as staging:
        predictor.save(str(staging))
    return folder / MODEL


def dlib_network(folder: Path, frames: FrameWindows, seed: int) -> Find:
    """A trained predictor as a `Find` on the given frames, whose true landmarks say where each face is."""
    dlib = _dlib()
    predictor = dlib.shape_predictor(str(folder / MODEL))

    def find(square: NDArray[np.uint8], frame_from_square: Affine, number: int) -> NDArray[np.floating]:
        true = apply_affine(invert_affine(frame_from_square), frames.data.truth.xy[number])
        known = true[np.isfinite(true).all(-1)]
        shape = predictor(_enlarged(square), _rectangle(dlib, known, seed, number))
        parts = [(shape.part(i).x, shape.part(i).y) for i in range(shape.num_parts)]
        return (np.array(parts, np.float64) + 0.5) / _FINER

    return find


def _dlib() -> Any:
    try:
        import dlib
    except ImportError as error:
        raise AnnotatorError(
            "dlib is not installed: pip install 'annotator-landmarks[dlib]', or leave it out with --only"
        ) from error
    return dlib


def _enlarged(square: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = square.shape[0] * _FINER
    return np.ascontiguousarray(area_resize(square, side, side))


def _point(dlib: Any, xy: NDArray[np.floating]) -> Any:
    """A landmark in dlib's pixels, whose centres lie at whole numbers; a missing one as dlib marks it."""
    if not np.isfinite(xy).all():
        return dlib.point(0x7FFFFFFF, 0x7FFFFFFF)  # OBJECT_PART_NOT_PRESENT
    x, y = (round(float(v) * _FINER - 0.5) for v in xy)
    return dlib.point(x, y)


def _rectangle(dlib: Any, xy: NDArray[np.floating], seed: int, number: int) -> Any:
    """The box of points, moved and scaled by a noise that depends on seed and number alone."""
    x0, y0, x1, y1 = bounding_box(xy)
    noise = np.random.default_rng((seed, number)).normal(size=4)
    size = np.array([x1 - x0, y1 - y0]) * np.exp(_SCALED * noise[:2])
    centre = np.array([x0 + x1, y0 + y1]) / 2 + size * _MOVED * noise[2:]
    low, high = (np.rint((centre + sign * size / 2) * _FINER).astype(int).tolist() for sign in (-1, 1))
    return dlib.rectangle(low[0], low[1], high[0], high[1])
