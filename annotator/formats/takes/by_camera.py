"""A dataset as paths over time: one for each camera of a take, landmark by landmark."""

import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import FormatError
from annotator.domain.takes.take import FILM, TakeSettings, sequence_of
from annotator.formats.base import DatasetFrame, DatasetView, WriteOptions, columns_of


@dataclass(frozen=True, eq=False)
class CameraPaths:
    """What one camera of a take saw, N frames of K landmarks.

    Attributes:
        name: of letters, digits and underscores, another one for each camera. rate: frames a second.
        width, height: px of its frames. items: the N frames in order. numbers: int64 [N]. landmarks: K names.
        xy: float64 [N, K, 2], our convention, NaN where a landmark is missing.
    """

    name: str
    rate: Fraction
    width: int
    height: int
    items: tuple[DatasetFrame, ...]
    numbers: NDArray[np.int64]
    landmarks: tuple[str, ...]
    xy: NDArray[np.float64]

    @property
    def placed(self) -> NDArray[np.bool_]:
        """bool [N, K]."""
        return np.asarray(np.isfinite(self.xy).all(-1))


def by_camera(dataset: DatasetView, options: WriteOptions) -> tuple[list[CameraPaths], dict[str, str]]:
    """The paths of each camera, in the dataset's order, and the frames that are left out (path: why).

    Raises:
        FormatError: frames of one camera have several sizes, so that places in one are none in another.
    """
    columns = columns_of(dataset.scheme, options)
    groups: dict[tuple[str, str, str], list[DatasetFrame]] = {}
    for item in dataset.frames:
        frame = item.frame
        groups.setdefault((frame.subject, frame.take, frame.camera), []).append(item)
    found: list[CameraPaths] = []
    left_out: dict[str, str] = {}
    for key, items in groups.items():
        rate = dataset.rates.get(key[:2], FILM)
        sequence = sequence_of([item.frame for item in items], TakeSettings(rate))
        of_id = {item.frame.id: item for item in items}
        left_out |= {of_id[frame_id].frame.path: why for frame_id, why in sequence.left_out.items()}
        ordered = tuple(of_id[frame_id] for frame_id in sequence.frame_ids.tolist())
        sizes = {(item.frame.width, item.frame.height) for item in ordered}
        if len(sizes) > 1:
            raise FormatError(
                f"the frames of {sequence.name} have several sizes; export them one size at a time"
            )
        ((width, height),) = sizes
        taken = {each.name for each in found}
        xy = np.stack([item.annotation.xy[columns] for item in ordered]).astype(np.float64)
        names = tuple(identifier(dataset.scheme.names[i]) for i in columns)
        found.append(
            CameraPaths(
                _unused(sequence.name, taken), rate, width, height, ordered, sequence.numbers, names, xy
            )
        )
    return found, left_out


def identifier(text: str) -> str:
    """A name of letters, digits and underscores that begins with a letter, as these programs want them."""
    plain = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return plain if plain[:1].isalpha() else f"t_{plain}".rstrip("_")


def _unused(text: str, taken: set[str]) -> str:
    name, count = identifier(text), 2
    while name in taken:
        name, count = f"{identifier(text)}_{count}", count + 1
    return name
