"""A model with a numpy face: frames in, proposals out.

    frame -> network pixels -> proxy -> global network -> face -> boxes -> crops of the ORIGINAL pixels -> regional networks

Coordinates that a proposal holds are frame pixels throughout; only `decode`, `test_time_views` and `regions` know of proxies
and crops.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.faces.confidence import landmark_confidence
from annotator.domain.faces.face_frame import face_size
from annotator.domain.proposal import Heatmap, Proposal
from annotator.inference.decode import Points
from annotator.inference.face_search import FaceSearch, FoundFace
from annotator.inference.inputs import checked_boxes, frame_pixels, scheme_of_model
from annotator.inference.no_face import is_no_face, why_no_face
from annotator.inference.options import GLOBAL, InferenceOptions, OptionChanges
from annotator.inference.other_faces import other_faces, several_faces
from annotator.inference.regions import Reading, RegionReader, drawn_affines, merged
from annotator.inference.rescue import Believed, believed, face_groups
from annotator.inference.runner import Runner
from annotator.inference.sanity import CLEAR, PRESENT, roll_of
from annotator.inference.shape_fit import Trust
from annotator.inference.shape_prior import load_shape_prior
from annotator.inference.test_time_views import FrameViews, ViewWindow, face_window, grid_affine, tilt
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.checkpoint import load_model
from annotator.nn.device import choose_device
from annotator.nn.heatmap_tracker import TrackState

_GPU_BATCH = 4
_BLIND = 0.5  # what confidence keeps where a region cannot be read: it is probably covered


class Predictor:
    """Loads a model folder and proposes landmarks. Use it from one thread at a time.

    Attributes:
        folder: the model's. card: its card. scheme: its landmarks. shape_prior: what it knows of whole faces, or None. device:
        where it runs now, such as "cuda". notes: what went otherwise than asked for, such as a fall back to the CPU.
    """

    def __init__(
        self,
        folder: Path,
        device: str = "auto",
        threads: int | None = None,
        precise: bool = False,
        changes: OptionChanges | None = None,
        compiled: bool = False,
    ) -> None:
        """Load a model.

        Args:
            folder: holds `weights.safetensors` and `model.toml`, and `scheme.toml` if its scheme is not a shipped one.
            device: "auto", "cuda", "cuda:1", "mps" or "cpu". threads: CPU threads of this process (None: as it is).
            precise: float32 throughout, also where bfloat16 convolutions are faster.
            changes: what to do otherwise than the card says.
            compiled: translate the networks by torch.compile: the first frames wait for it, later ones are faster.

        Raises:
            ModelError: the folder cannot be used, or there is no compiler. AnnotatorError: the device is not there.
        """
        if threads is not None:
            torch.set_num_threads(max(1, threads))
        where = choose_device(device)
        module, self.card = load_model(Path(folder), "cpu")
        if not isinstance(module, AttentionDrivenCropping):
            raise ModelError(
                f"{folder} holds a {type(module).__name__}, which cannot propose landmarks here."
            )
        self.folder = Path(folder)
        self.scheme = scheme_of_model(self.card.scheme, Path(folder), module)
        options = InferenceOptions.from_card(self.card.preprocessing, self.scheme)
        self._options = options.changed(changes or OptionChanges())
        self._runner = Runner(module, where, 1 if where.type == "cpu" else _GPU_BATCH, precise, compiled)
        self._regions = self.scheme.regions if module.regions else ()
        self._reader = RegionReader(self._runner, self.scheme, self._options)
        reader = self._reader if self._regions else None
        self._search = FaceSearch(
            self._runner, self._options, module.config.proxy, self.scheme.mirror, reader
        )
        self.shape_prior = load_shape_prior(Path(folder), self.scheme)

    @property
    def device(self) -> str:
        """Where it runs now."""
        return str(self._runner.device)

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked for, in words for the artist."""
        return tuple(self._runner.notes)

    @property
    def batch(self) -> int:
        """Frames that it takes at a time with profit."""
        return self._runner.batch

    def propose(
        self, image: NDArray[Any], heatmaps: bool = True, rois: NDArray[np.floating] | None = None
    ) -> Proposal:
        """Landmarks of one frame.

        Args:
            image: HxWx3 RGB, uint8, uint16, float16 or float32. heatmaps: keep the latent heatmaps and crops.
            rois: boxes [R,4] in frame pixels to read instead of those that the global network gives.

        Raises:
            AnnotatorError: the pixels or boxes cannot be used, or memory ran out even on the CPU.
        """
        return self.propose_many([image], heatmaps, rois)[0]

    def propose_many(
        self,
        images: Sequence[NDArray[Any]],
        heatmaps: bool = False,
        rois: NDArray[np.floating] | None = None,
    ) -> list[Proposal]:
        """Landmarks of several frames, in order, as `propose` gives them one by one; the networks run on batches of them."""
        boxes = None if rois is None else checked_boxes(rois, len(self._regions))
        frames = [FrameViews(frame_pixels(image)) for image in images]
        faces = self._search.find(frames)
        if not self._regions:
            readings: list[list[Reading]] = [[] for _ in frames]
        elif boxes is not None:
            affines = [drawn_affines(boxes, face.roll) for face in faces]
            readings = self._reader.read_affines([own.pixels for own in frames], affines)
        else:
            readings = self._read(frames, faces)
            for number, face in enumerate(faces if self._options.search else []):
                if face.doubt <= CLEAR and self._search.score(face, readings[number]) < PRESENT:
                    faces[number] = self._search.find_elsewhere(frames[number], face)
                    readings[number] = self._read([frames[number]], [faces[number]])[0]
        proposals = [self._proposal(*one, heatmaps) for one in zip(frames, faces, readings, strict=True)]
        if boxes is None:
            return proposals
        return [replace(own, rois=boxes.astype(np.float32)) for own in proposals]

    def rerun_region(
        self,
        image: NDArray[Any],
        region: str,
        box: NDArray[np.floating],
        proposal: Proposal,
        heatmaps: bool = True,
    ) -> Proposal:
        """`proposal` with one region read again in a box that a person drew.

        Args:
            image: the frame. region: its name in the scheme. box: x0 y0 x1 y1 in frame pixels.
            proposal: this model's proposal for the frame; points, box and heatmap of the region are replaced.
            heatmaps: keep the heatmaps that the proposal has.

        Raises:
            AnnotatorError: no such region, an empty box, or a proposal of another model.
        """
        names = [own.name for own in self._regions]
        if region not in names:
            raise AnnotatorError(
                f"This model reads no region '{region}'; it reads: {', '.join(names) or 'none'}."
            )
        if proposal.model_id != self.card.id:
            raise AnnotatorError("The proposal is another model's: propose the frame with this model first.")
        number = names.index(region)
        boxes = checked_boxes(box, 1)
        pixels = frame_pixels(image)
        shape = self._options.mean_shape
        global_xy = proposal.global_xy.astype(np.float64)
        roll = 0.0 if shape is None else roll_of(global_xy, shape)
        reading = self._reader.read_affines([pixels], [drawn_affines(boxes, roll)], [number])[0][0]
        points = Points(proposal.xy.astype(np.float64), proposal.covariance.astype(np.float64))
        indices = list(reading.region.indices)
        fresh = Points(points.xy.copy(), points.covariance.copy())
        reading.place(fresh)
        fresh = self._calibrated(fresh, face_size(global_xy), [reading])
        if not is_no_face(proposal.message):
            fresh = self._weighed(fresh)
        points.xy[indices], points.covariance[indices] = fresh.xy[indices], fresh.covariance[indices]
        sure = _confidence(points, face_size(global_xy), 1.0, pixels)
        rois, confidence = proposal.rois.copy(), proposal.confidence.copy()
        rois[number] = boxes[0]
        confidence[indices] = sure[indices] if reading.readable else 0.0
        kept = tuple(reading.heatmap() if heat.name == region else heat for heat in proposal.heatmaps)
        return replace(
            proposal,
            xy=points.xy.astype(np.float32),
            covariance=points.covariance.astype(np.float32),
            confidence=confidence,
            rois=rois,
            heatmaps=kept if heatmaps else (),
        )

    @property
    def looks_back(self) -> bool:
        """Whether its network is a tracker's, which `follow` asks for."""
        return self._runner.looks_back

    def window_round(self, xy: NDArray[np.floating]) -> ViewWindow | None:
        """The window in which its network sees a face at points [L,2] best; None where they are no face."""
        points = np.asarray(xy, np.float64)
        shape = self._options.mean_shape
        roll = 0.0 if shape is None else tilt(roll_of(points, shape))
        return face_window(points, self._options.face_fill, roll)

    def follow(
        self, image: NDArray[Any], window: ViewWindow, before: TrackState | None
    ) -> tuple[Proposal, TrackState]:
        """Landmarks of a take's next frame in a window of it, and the state for the frame after it; nothing is searched.

        Args:
            image: as for `propose`. window: where the face is. before: the state after the frame before, as this window sees it;
                None where a take or a shot begins.

        Raises:
            ValueError: the network does not look back. AnnotatorError: as `propose`.
        """
        views = FrameViews(frame_pixels(image))
        view = views.view(window, self._search.proxy)
        maps, state = self._runner.track(view.pixels, before)
        return self._proposal(views, self._search.judged(view, maps), [], False, alone=True), state

    def _read(self, frames: Sequence[FrameViews], faces: Sequence[FoundFace]) -> list[list[Reading]]:
        pixels = [own.pixels for own in frames]
        return self._reader.read(pixels, [face.points for face in faces], [face.roll for face in faces])

    def _proposal(
        self,
        views: FrameViews,
        face: FoundFace,
        readings: list[Reading],
        heatmaps: bool,
        alone: bool = False,
    ) -> Proposal:
        """The proposal of a face; `alone` looks for no others."""
        score = self._search.score(face, readings)
        size = face_size(face.points.xy)
        global_points = self._calibrated(face.points, size, [])
        others = other_faces(self._search, views, face) if self._options.search and not alone else []
        if score >= PRESENT:
            found = self._believed(views, face, readings, size)
            readings, points = list(found.readings), self._weighed(found.points, found.trust)
            message = _message(found, several_faces(face.points.xy, others))
        else:
            points = self._calibrated(merged(face.points, readings), size, readings)
            message = why_no_face(face, readings, others, self._options.limits.agreement)
        confidence = _confidence(points, size, score, views.pixels)
        for reading in readings:
            if not reading.readable:
                confidence[list(reading.region.indices)] *= _BLIND
        maps = (_global_heatmap(face), *(own.heatmap() for own in readings)) if heatmaps else ()
        return Proposal(
            model_id=self.card.id,
            scheme_id=self.scheme.id,
            xy=points.xy.astype(np.float32),
            covariance=points.covariance.astype(np.float32),
            confidence=confidence,
            rois=np.array([own.box for own in readings], np.float32).reshape(-1, 4),
            global_xy=global_points.xy.astype(np.float32),
            global_covariance=global_points.covariance.astype(np.float32),
            message=message,
            heatmaps=maps,
        )

    def _calibrated(self, points: Points, size: float, readings: Sequence[Reading]) -> Points:
        """Points with the calibration of single landmarks: the least standard deviation, a share of the face's `size`, which is
        left even where every map is sharp and every view agrees, is added to the covariances; factors multiply the sum."""
        read = [own.region.name for own in readings if own.readable]
        floor = self._options.floors(self.scheme, read) * size
        spread = points.covariance + np.eye(2) * (floor**2)[:, None, None]
        factors = self._options.landmark_scale
        return Points(points.xy, spread if factors is None else spread * factors[:, None, None])

    def _believed(
        self, views: FrameViews, face: FoundFace, readings: Sequence[Reading], size: float
    ) -> Believed:
        """What the networks found, and how far to believe it where the model knows what whole faces look like."""

        def gather(own: Sequence[Reading]) -> Points:
            return self._calibrated(merged(face.points, own), size, own)

        def read_again(expected: Points, numbers: Sequence[int]) -> list[Reading]:
            return self._reader.read_again(views.pixels, expected, face.roll, numbers)

        if self.shape_prior is None or not self._options.shape_prior:
            return Believed(gather(readings), tuple(readings), None)
        return believed(self.shape_prior, face_groups(self.scheme), readings, gather, read_again)

    def _weighed(self, points: Points, trust: Trust | None = None) -> Points:
        """Points [L] weighed by what whole faces look like, where the model knows it; `trust`: how far to believe them."""
        if self.shape_prior is None or not self._options.shape_prior:
            return points
        weighed, scale = self.shape_prior.fused(points, trust), self._options.shape_scale
        return weighed if scale is None else Points(weighed.xy, weighed.covariance * scale[:, None, None])


def _confidence(points: Points, size: float, score: float, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = frame.shape[:2]
    inside = np.asarray(((points.xy >= 0) & (points.xy <= [width, height])).all(axis=-1))
    return landmark_confidence(points.covariance, size, score, inside).astype(np.float32)


def _message(found: Believed, several: str) -> str:
    """What to say of other faces, of regions that cannot be read, and of those that lie where the face is not."""
    blind = [own.region.title for own in found.readings if not own.readable]
    unread = f"{', '.join(blind)}: cannot be read, placed by the global network." if blind else ""
    away = [title for title in found.astray if title not in blind]
    astray = f"{', '.join(away)}: not where the face is, placed by the rest of it." if away else ""
    return " ".join(text for text in (several, unread, astray) if text)


def _global_heatmap(face: FoundFace) -> Heatmap:
    logits = face.maps.logits.cpu().numpy()
    affine = grid_affine(face.view.frame_from_unit, logits.shape[2], logits.shape[1])
    indices = np.arange(len(logits), dtype=np.int64)
    return Heatmap(GLOBAL, indices, logits, affine, face.view.pixels, face.view.frame_from_proxy)
