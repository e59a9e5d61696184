"""What becomes of the networks' answers: calibrated, weighed by what whole faces look like, with the error that is expected."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.faces.confidence import landmark_confidence
from annotator.domain.faces.face_frame import face_size
from annotator.domain.scheme import LandmarkScheme
from annotator.inference.decode import Points
from annotator.inference.face_search import FoundFace
from annotator.inference.options import InferenceOptions
from annotator.inference.regions import Reading, RegionReader, merged
from annotator.inference.test_time_views import FrameViews
from annotator.inference.weighing.rescue import believed, face_groups
from annotator.inference.weighing.shape_prior import ShapePrior
from annotator.inference.weighing.signs import measured_signs

_BLIND = 0.5  # what confidence keeps where a region cannot be read: it is probably covered


@dataclass(frozen=True, eq=False)
class Weighed:
    """What became of a face: its `points` [L] with the covariances that are claimed, those before signs of errors were asked
    (`bare` float64[L,2,2]), the `signs` float64[L,S] (None where they cannot be measured), the `readings` that were used, and the
    titles of regions `astray`, placed by the rest of the face."""

    points: Points
    bare: NDArray[np.float64]
    signs: NDArray[np.float64] | None
    readings: tuple[Reading, ...]
    astray: tuple[str, ...]

    def regions_in_words(self) -> str:
        """What to say of regions that cannot be read, and of those that lie where the face is not; empty for none."""
        blind = [own.region.title for own in self.readings if not own.readable]
        away = [title for title in self.astray if title not in blind]
        unread = f"{', '.join(blind)}: cannot be read, placed by the global network." if blind else ""
        astray = f"{', '.join(away)}: not where the face is, placed by the rest of it." if away else ""
        return " ".join(text for text in (unread, astray) if text)


class Weigher:
    """Turns answers into claims, for one model."""

    def __init__(
        self,
        scheme: LandmarkScheme,
        options: InferenceOptions,
        prior: ShapePrior | None,
        reader: RegionReader,
    ) -> None:
        """`prior`: what the model knows of whole faces, None where it knows nothing."""
        self._scheme, self._options, self._reader = scheme, options, reader
        self._prior = prior if options.shape_prior else None
        self._groups = face_groups(scheme)

    def calibrated(self, points: Points, size: float, readings: Sequence[Reading]) -> Points:
        """Points with the calibration of single landmarks: the least standard deviation, a share of the face's `size`, which is
        left even where every map is sharp and every view agrees, is added to the covariances; factors multiply the sum."""
        read = [own.region.name for own in readings if own.readable]
        floor = self._options.floors(self._scheme, read) * size
        spread = points.covariance + np.eye(2) * (floor**2)[:, None, None]
        factors = self._options.landmark_scale
        return Points(points.xy, spread if factors is None else spread * factors[:, None, None])

    def weighed(
        self,
        frame: FrameViews,
        face: FoundFace,
        readings: Sequence[Reading],
        present: bool,
        again: bool = True,
    ) -> Weighed:
        """What becomes of a face's readings; regions that left it are read `again`. Where no face is `present`, points stay."""
        size = face_size(face.points.xy)

        def gather(own: Sequence[Reading]) -> Points:
            return self.calibrated(merged(face.points, own), size, own)

        def read_again(expected: Points, numbers: Sequence[int]) -> list[Reading]:
            return self._reader.read_again(frame, expected, face.roll, numbers)

        if self._prior is None:
            points = gather(readings)
            return Weighed(points, points.covariance, None, tuple(readings), ())
        found = believed(
            self._prior, self._groups, readings, gather, read_again if present and again else None
        )
        points = self._prior.fused(found.points, found.belief) if present else found.points
        signs = measured_signs(found, face, points, size, self._groups)
        claimed = Points(points.xy, points.covariance * self._factors(signs, present)[:, None, None])
        return Weighed(claimed, points.covariance, signs, found.readings, found.astray if present else ())

    def again(self, points: Points) -> Points:
        """Points [L] of which some were read anew, as an ordinary face's are weighed."""
        if self._prior is None:
            return points
        weighed = self._prior.fused(points)
        return Points(weighed.xy, weighed.covariance * self._factors(None, True)[:, None, None])

    def _factors(self, signs: NDArray[np.float64] | None, present: bool) -> NDArray[np.float64]:
        """float64[L]: on what whole faces leave of the covariances."""
        expected, scale = self._options.expected_error, self._options.shape_scale
        if expected is not None and (signs is not None or present):
            return expected.factors(signs)
        return np.ones(self._scheme.size) if scale is None or not present else scale


def confidence(
    points: Points, size: float, score: float, frame: NDArray[np.uint8], readings: Sequence[Reading] = ()
) -> NDArray[np.float32]:
    """float32[L]: how sure one can be of points in a frame uint8[H,W,3], whose face has a `size` (px) and a `score`; regions that
    could not be read count half."""
    height, width = frame.shape[:2]
    inside = np.asarray(((points.xy >= 0) & (points.xy <= [width, height])).all(axis=-1))
    sure = landmark_confidence(points.covariance, size, score, inside).astype(np.float32)
    for reading in readings:
        if not reading.readable:
            sure[list(reading.region.indices)] *= _BLIND
    return sure
