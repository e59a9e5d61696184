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
from annotator.domain.faces.face_frame import face_size
from annotator.domain.proposal import Heatmap, Proposal
from annotator.inference.decode import Points
from annotator.inference.face_search import FaceSearch, FoundFace
from annotator.inference.inputs import checked_boxes, frame_pixels, scheme_of_model
from annotator.inference.no_face import is_no_face, why_no_face
from annotator.inference.openvino_networks import place
from annotator.inference.options import FULL, GLOBAL, InferenceOptions, OptionChanges
from annotator.inference.other_faces import other_faces, several_faces
from annotator.inference.regions import Reading, RegionReader, drawn_affines
from annotator.inference.runner import Runner
from annotator.inference.sanity import CLEAR, PRESENT, roll_of
from annotator.inference.test_time_views import FrameViews, ViewWindow, face_window, grid_affine, tilt
from annotator.inference.weighing.shape_prior import load_shape_prior
from annotator.inference.weighing.weigher import Weighed, Weigher, confidence
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.checkpoint import load_model
from annotator.nn.heatmap_tracker import TrackState

_GPU_BATCH, _CPU_BATCH = 4, 3  # pictures; on CPUs more than three at once are no faster


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
            device: "auto", "cuda", "cuda:1", "mps", "openvino" (the CPU by OpenVINO) or "cpu"; "auto" takes OpenVINO where there
                is no GPU, it is installed and it answers as torch does. threads: CPU threads (None: as it is).
            precise: float32 throughout, also where bfloat16 convolutions are faster.
            changes: what to do otherwise than the card says.
            compiled: translate the networks by torch.compile: the first frames wait for it, later ones are faster.

        Raises:
            ModelError: the folder cannot be used, or there is no compiler. AnnotatorError: the device is not there.
        """
        if threads is not None:
            torch.set_num_threads(max(1, threads))
        module, self.card = load_model(Path(folder), "cpu")
        if not isinstance(module, AttentionDrivenCropping):
            raise ModelError(
                f"{folder} holds a {type(module).__name__}, which cannot propose landmarks here."
            )
        self.folder = Path(folder)
        self.scheme = scheme_of_model(self.card.scheme, Path(folder), module)
        options = InferenceOptions.from_card(self.card.preprocessing, self.scheme)
        self._options = options.changed(changes or OptionChanges())
        where, self._by, notes = place(module, device, precise, compiled)
        batch = _CPU_BATCH if where.type == "cpu" else _GPU_BATCH
        self._runner = Runner(module, where, batch, precise, compiled)
        self._runner.notes += notes
        if not self._runner.one_by_one:  # views are read together there, and a second look costs little
            self._options = replace(self._options, effort=FULL)
        self._regions = self.scheme.regions if module.regions else ()
        self._reader = RegionReader(self._runner, self.scheme, self._options)
        reader = self._reader if self._regions else None
        self._search = FaceSearch(
            self._runner, self._options, module.config.proxy, self.scheme.mirror, reader
        )
        self.shape_prior = load_shape_prior(Path(folder), self.scheme)
        self._weigher = Weigher(self.scheme, self._options, self.shape_prior, self._reader)

    @property
    def device(self) -> str:
        """Where it runs now."""
        return f"{self._runner.device}{self._by}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked for, in words for the artist."""
        return tuple(self._runner.notes)

    @property
    def batch(self) -> int:
        """Frames that it takes at a time with profit."""
        return 1 if self._runner.one_by_one else self._runner.batch

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
        looked = zip(frames, *self._looked(frames, boxes), strict=True)
        proposals = [self._proposal(*one, heatmaps, boxes is None) for one in looked]
        if boxes is None:
            return proposals
        return [replace(own, rois=boxes.astype(np.float32)) for own in proposals]

    def weighed(self, image: NDArray[Any]) -> Weighed:
        """What becomes of the answers for one frame, with what tells of their errors: what calibration learns from.

        Raises:
            AnnotatorError: as `propose`.
        """
        frames = [FrameViews(frame_pixels(image))]
        (face,), (readings,) = self._looked(frames, None)
        present = self._search.score(face, readings) >= PRESENT
        return self._weigher.weighed(frames[0], face, readings, present)

    def _looked(
        self, frames: Sequence[FrameViews], boxes: NDArray[np.float64] | None
    ) -> tuple[list[FoundFace], list[list[Reading]]]:
        """The face of each frame and its regions, read in given boxes or where the face has them."""
        faces = self._search.find(frames)
        if not self._regions:
            readings: list[list[Reading]] = [[] for _ in frames]
        elif boxes is not None:
            affines = [drawn_affines(boxes, face.roll) for face in faces]
            readings = self._reader.read_affines(frames, affines)
        else:
            readings = self._read(frames, faces)
            for number, face in enumerate(faces if self._options.search else []):
                if face.doubt <= CLEAR and self._search.score(face, readings[number]) < PRESENT:
                    faces[number] = self._search.find_elsewhere(frames[number], face)
                    readings[number] = self._read([frames[number]], [faces[number]])[0]
        return faces, readings

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
        affines = drawn_affines(boxes, roll)
        reading = self._reader.read_affines([FrameViews(pixels)], [affines], [number])[0][0]
        points = Points(proposal.xy.astype(np.float64), proposal.covariance.astype(np.float64))
        indices = list(reading.region.indices)
        fresh = Points(points.xy.copy(), points.covariance.copy())
        reading.place(fresh)
        fresh = self._weigher.calibrated(fresh, face_size(global_xy), [reading])
        if not is_no_face(proposal.message):
            fresh = self._weigher.again(fresh)
        points.xy[indices], points.covariance[indices] = fresh.xy[indices], fresh.covariance[indices]
        fresh_sure = confidence(points, face_size(global_xy), 1.0, pixels)
        rois, sure = proposal.rois.copy(), proposal.confidence.copy()
        rois[number] = boxes[0]
        sure[indices] = fresh_sure[indices] if reading.readable else 0.0
        kept = tuple(reading.heatmap() if heat.name == region else heat for heat in proposal.heatmaps)
        return replace(
            proposal,
            xy=points.xy.astype(np.float32),
            covariance=points.covariance.astype(np.float32),
            confidence=sure,
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
        return self._proposal(views, self._search.judged(view, maps), [], False, False, alone=True), state

    def _read(self, frames: Sequence[FrameViews], faces: Sequence[FoundFace]) -> list[list[Reading]]:
        points, rolls = [face.points for face in faces], [face.roll for face in faces]
        if self._options.is_adaptive and not any(face.score >= PRESENT for face in faces):
            return [self._reader.glance(*one) for one in zip(frames, points, rolls, strict=True)]
        return self._reader.read(frames, points, rolls)

    def _proposal(
        self,
        views: FrameViews,
        face: FoundFace,
        readings: list[Reading],
        heatmaps: bool,
        again: bool,
        alone: bool = False,
    ) -> Proposal:
        """The proposal of a face; `again`: regions that left it are read again, `alone`: no others are looked for."""
        score = self._search.score(face, readings)
        size = face_size(face.points.xy)
        global_points = self._weigher.calibrated(face.points, size, [])
        weighed = self._weigher.weighed(views, face, readings, score >= PRESENT, again)
        points, used = weighed.points, weighed.readings
        others = other_faces(self._search, views, face) if self._options.search and not alone else []
        if score >= PRESENT:
            several = several_faces(face.points.xy, others)
            message = " ".join(text for text in (several, weighed.regions_in_words()) if text)
        else:
            message = why_no_face(face, used, others, self._options.limits.agreement)
        maps = (_global_heatmap(face), *(own.heatmap() for own in used)) if heatmaps else ()
        return Proposal(
            model_id=self.card.id,
            scheme_id=self.scheme.id,
            xy=points.xy.astype(np.float32),
            covariance=points.covariance.astype(np.float32),
            confidence=confidence(points, size, score, views.pixels, used),
            rois=np.array([own.box for own in used], np.float32).reshape(-1, 4),
            global_xy=global_points.xy.astype(np.float32),
            global_covariance=global_points.covariance.astype(np.float32),
            message=message,
            heatmaps=maps,
        )


def _global_heatmap(face: FoundFace) -> Heatmap:
    logits = face.maps.logits.cpu().numpy()
    affine = grid_affine(face.view.frame_from_unit, logits.shape[2], logits.shape[1])
    indices = np.arange(len(logits), dtype=np.int64)
    return Heatmap(GLOBAL, indices, logits, affine, face.view.pixels, face.view.frame_from_proxy)
