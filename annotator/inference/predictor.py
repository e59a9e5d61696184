"""A model with a numpy face: frames in, proposals out.

    frame -> network pixels -> proxy -> global network -> face -> boxes -> crops of the ORIGINAL pixels -> regional networks

Coordinates that a proposal holds are frame pixels throughout; only `decode`, `views` and `regional` know of proxies and crops.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.face_frame import face_size
from annotator.domain.proposal import Heatmap, Proposal
from annotator.inference.decode import Points, humbled
from annotator.inference.face_search import FaceFinder, Look
from annotator.inference.inputs import checked_boxes, frame_pixels, scheme_of_model
from annotator.inference.options import GLOBAL, Changes, InferenceOptions
from annotator.inference.other_faces import other_faces, several_faces
from annotator.inference.regions import Reading, RegionReader, drawn_affines, merged, regional_points
from annotator.inference.runner import Runner
from annotator.inference.sanity import CLEAR, PRESENT, check_face, landmark_confidence, roll_of
from annotator.inference.shape_prior import load_shapes
from annotator.inference.test_time_views import FrameViews, grid_affine, tilt
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.checkpoint import load_model
from annotator.nn.device import choose_device

NO_FACE = "No clear face: there is none, there are several, or this model cannot read it."
_GPU_BATCH = 4
_BLIND = 0.5  # what confidence keeps where a region cannot be read: it is probably covered


class Predictor:
    """Loads a model folder and proposes landmarks. Use it from one thread at a time.

    Attributes:
        card: the model's card. scheme: its landmarks. shapes: what it knows of whole faces, or None. device: where it runs
        now, such as "cuda". notes: what went otherwise than asked for, such as a fall back to the CPU.
    """

    def __init__(
        self,
        folder: Path,
        device: str = "auto",
        threads: int | None = None,
        precise: bool = False,
        changes: Changes | None = None,
        compiled: bool = False,
    ) -> None:
        """Load a model.

        Args:
            folder: holds `weights.safetensors` and `model.toml`, and `scheme.toml` if its scheme is not a shipped one.
            device: "auto", "cuda", "cuda:1", "mps" or "cpu". threads: CPU threads of this process (None: as it is).
            precise: float32 throughout, also where bfloat16 convolutions are faster.
            changes: looks, passes, flip and shapes in place of the card's.
            compiled: translate the networks by torch.compile: the first frames wait for it, the others are faster.

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
        self.scheme = scheme_of_model(self.card.scheme, Path(folder), module)
        options = InferenceOptions.from_card(self.card.preprocessing, self.scheme)
        self._options = options.changed(changes or Changes())
        self._runner = Runner(module, where, 1 if where.type == "cpu" else _GPU_BATCH, precise, compiled)
        self._regions = self.scheme.regions if module.regions else ()
        self._reader = RegionReader(self._runner, self.scheme, self._options)
        reader = self._reader if self._regions else None
        self._finder = FaceFinder(
            self._runner, self._options, module.config.proxy, self.scheme.mirror, reader
        )
        self.shapes = load_shapes(Path(folder), self.scheme)

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
        boxes = None if rois is None else checked_boxes(rois, len(self._regions))
        return self._propose([image], heatmaps, boxes)[0]

    def propose_many(self, images: Sequence[NDArray[Any]], heatmaps: bool = False) -> list[Proposal]:
        """Landmarks of several frames, in order; the networks run on batches of them."""
        return self._propose(list(images), heatmaps, None)

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
        roll = 0.0 if shape is None else roll_of(proposal.global_xy.astype(np.float64), shape)
        reading = self._reader.read_affines([pixels], [drawn_affines(boxes, tilt(roll))], [number])[0][0]
        points = Points(proposal.xy.astype(np.float64), proposal.covariance.astype(np.float64))
        indices = list(reading.region.indices)
        fresh = Points(points.xy.copy(), points.covariance.copy())
        reading.place(fresh)
        fresh = self._humbled(fresh, proposal.global_xy.astype(np.float64), [reading])
        if NO_FACE not in proposal.message:
            fresh = self._shaped(fresh)
        points.xy[indices], points.covariance[indices] = fresh.xy[indices], fresh.covariance[indices]
        sure = _confidence(points, face_size(proposal.global_xy.astype(np.float64)), 1.0, pixels)
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

    def _propose(
        self, images: list[NDArray[Any]], heatmaps: bool, boxes: NDArray[np.float64] | None
    ) -> list[Proposal]:
        """Proposals of frames; `boxes` [R,4] are read in each of them instead of the networks' own."""
        frames = [frame_pixels(image) for image in images]
        views = [FrameViews(frame) for frame in frames]
        looks = self._finder.find(views)
        if not self._regions:
            readings: list[list[Reading]] = [[] for _ in frames]
        elif boxes is not None:
            readings = self._reader.read_affines(
                frames, [drawn_affines(boxes, tilt(look.roll)) for look in looks]
            )
        else:
            readings = self._read(frames, looks)
            for number, look in enumerate(looks if self._options.search else []):
                if look.doubt <= CLEAR and self._score(look, readings[number]) < PRESENT:
                    looks[number] = self._finder.find_elsewhere(views[number], look)
                    readings[number] = self._read([frames[number]], [looks[number]])[0]
        proposals = [self._proposal(*one, heatmaps) for one in zip(views, looks, readings, strict=True)]
        if boxes is None:
            return proposals
        return [replace(own, rois=boxes.astype(np.float32)) for own in proposals]

    def _read(self, frames: Sequence[NDArray[np.uint8]], looks: Sequence[Look]) -> list[list[Reading]]:
        return self._reader.read(frames, [look.points for look in looks], [tilt(look.roll) for look in looks])

    def _score(self, look: Look, readings: Sequence[Reading]) -> float:
        """How much a look is a face, 0..1, in the eyes of the regional networks, too."""
        regional = regional_points(readings, look.points)
        checks = check_face(look.points.xy, look.points.covariance, self._options.mean_shape, regional.xy)
        return checks.score(self._options.limits)

    def _proposal(self, views: FrameViews, look: Look, readings: list[Reading], heatmaps: bool) -> Proposal:
        score = self._score(look, readings)
        overview = self._humbled(look.points, look.points.xy, [])
        points = self._humbled(merged(look.points, readings), look.points.xy, readings)
        if score >= PRESENT:
            points = self._shaped(points)
        confidence = _confidence(points, face_size(look.points.xy), score, views.pixels)
        for reading in readings:
            if not reading.readable:
                confidence[list(reading.region.indices)] *= _BLIND
        others = other_faces(self._finder, views, look) if self._options.search and score >= PRESENT else []
        maps = (_global_heatmap(look), *(own.heatmap() for own in readings)) if heatmaps else ()
        return Proposal(
            model_id=self.card.id,
            scheme_id=self.scheme.id,
            xy=points.xy.astype(np.float32),
            covariance=points.covariance.astype(np.float32),
            confidence=confidence,
            rois=np.array([own.box for own in readings], np.float32).reshape(-1, 4),
            global_xy=overview.xy.astype(np.float32),
            global_covariance=overview.covariance.astype(np.float32),
            message=_message(score, readings, several_faces(look.points.xy, others)),
            heatmaps=maps,
        )

    def _humbled(self, points: Points, face: NDArray[np.float64], readings: Sequence[Reading]) -> Points:
        """Points with what calibration found for single landmarks; `face` [L,2] tells the face's size."""
        factors = self._options.landmark_scale
        read = [own.region.name for own in readings if own.readable]
        floor = self._options.floors(self.scheme, read) * face_size(face)
        return humbled(points, np.ones(len(points.xy)) if factors is None else factors, floor)

    def _shaped(self, points: Points) -> Points:
        """Points [L] weighed by what whole faces look like, where the model knows it."""
        if self.shapes is None or not self._options.shapes:
            return points
        weighed, scale = self.shapes.fused(points), self._options.shape_scale
        return weighed if scale is None else Points(weighed.xy, weighed.covariance * scale[:, None, None])


def _confidence(points: Points, size: float, score: float, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = frame.shape[:2]
    inside = np.asarray(((points.xy >= 0) & (points.xy <= [width, height])).all(axis=-1))
    return landmark_confidence(points.covariance, size, score, inside).astype(np.float32)


def _message(score: float, readings: Sequence[Reading], several: str) -> str:
    if score < PRESENT:
        return NO_FACE
    blind = [own.region.title for own in readings if not own.readable]
    unread = f"{', '.join(blind)}: cannot be read, placed by the global network." if blind else ""
    return " ".join(text for text in (several, unread) if text)


def _global_heatmap(look: Look) -> Heatmap:
    logits = look.maps.logits.cpu().numpy()
    affine = grid_affine(look.view.frame_from_unit, logits.shape[2], logits.shape[1])
    indices = np.arange(len(logits), dtype=np.int64)
    return Heatmap(GLOBAL, indices, logits, affine, look.view.pixels, look.view.frame_from_proxy)
