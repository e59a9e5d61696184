"""Proposals by MediaPipe's face mesh, for studios that distrust our model or want a second opinion.

MediaPipe runs in a child process of another Python, for it needs NumPy below 2; see `mediapipe_worker.py` for the protocol. It
reports no uncertainty, so that all points get the same: what such meshes differ from hand-set points by.
"""

import contextlib
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.faces.face_frame import face_size
from annotator.domain.faces.mediapipe_mesh import MESH_POINTS, read_mapping
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.proxy import area_resize
from annotator.inference.inputs import frame_pixels

MODEL_ID = "mediapipe"
_LONGEST = 1920  # the mesh reads 192 x 192 pixels of a face; more than this only costs time
_SIGMA = 0.02  # of the face size: the usual distance to hand-set points on portraits
_CONFIDENCE = 0.5
_NO_FACE = "MediaPipe finds no face here."
_WORKER = Path(__file__).with_name("mediapipe_worker.py")


class MediaPipePredictor:
    """Proposes with the face mesh in another process; close it, or use it as a context manager.

    Attributes:
        card: of a model named "mediapipe". scheme: of the landmarks. notes: nothing, it has no fallbacks.
    """

    batch = 1
    device = "cpu"
    notes: tuple[str, ...] = ()

    def __init__(self, interpreter: Path, scheme: LandmarkScheme) -> None:
        """Start the process.

        Args:
            interpreter: a Python that has `mediapipe`. scheme: one that has a mapping file.

        Raises:
            AnnotatorError: no mapping for the scheme, or the interpreter cannot run MediaPipe.
        """
        self.scheme = scheme
        self._first, self._second, self._share = read_mapping(scheme)
        try:
            self._process = subprocess.Popen(
                [str(interpreter), "-u", str(_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise AnnotatorError(
                f"{interpreter} cannot be started: {error}. Name a Python interpreter."
            ) from error
        ready = self._answer()
        if "ready" not in ready:
            self.close()
            raise AnnotatorError(
                f"{interpreter} cannot run MediaPipe: {ready.get('error', 'it ended at once')}."
            )
        version = str(ready["ready"])
        title = f"MediaPipe face mesh {version}"
        self.card = ModelCard(MODEL_ID, scheme.id, {"name": MODEL_ID, "version": version}, title=title)

    def __enter__(self) -> "MediaPipePredictor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def propose(self, image: NDArray[Any], heatmaps: bool = False) -> Proposal:
        """Landmarks of one frame HxWx3 of any depth; there are never heatmaps. Raises AnnotatorError when the process ended."""
        del heatmaps
        pixels = frame_pixels(image)
        height, width = pixels.shape[:2]
        shrink = min(1.0, _LONGEST / max(height, width))
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        small = np.ascontiguousarray(area_resize(pixels, *size) if shrink < 1.0 else pixels)
        faces = self._ask(small)
        scale = np.array([width / small.shape[1], height / small.shape[0]])
        meshes = [np.asarray(face, np.float64) * scale for face in faces]
        return self._proposal(meshes)

    def propose_many(self, images: Sequence[NDArray[Any]], heatmaps: bool = False) -> list[Proposal]:
        """Landmarks of several frames, in order."""
        return [self.propose(image, heatmaps) for image in images]

    def _proposal(self, meshes: list[NDArray[np.float64]]) -> Proposal:
        count = self.scheme.size
        if not meshes:
            xy, size = np.zeros((count, 2)), 1.0
            message = _NO_FACE
        else:
            mesh = meshes[0]
            share = self._share[:, None]
            xy = mesh[self._first] * (1 - share) + mesh[self._second] * share
            size = face_size(xy)
            message = (
                f"{len(meshes)} faces in this frame: the landmarks are on the widest." if meshes[1:] else ""
            )
        spread = np.tile(np.eye(2) * (_SIGMA * size) ** 2, (count, 1, 1)).astype(np.float32)
        sure = np.full(count, _CONFIDENCE if meshes else 0.0, np.float32)
        points = xy.astype(np.float32)
        rois = np.array([self._box(xy, region.indices) for region in self.scheme.regions], np.float32)
        return Proposal(
            MODEL_ID, self.scheme.id, points, spread, sure, rois.reshape(-1, 4), points, spread, message
        )

    def _box(self, xy: NDArray[np.float64], indices: Sequence[int]) -> list[float]:
        """The box of a region's points with a margin of a quarter, at least a pixel wide."""
        own = xy[list(indices)]
        margin = np.maximum(0.25 * np.ptp(own, axis=0), 0.5)
        return [*(own.min(0) - margin), *(own.max(0) + margin)]

    def _ask(self, picture: NDArray[np.uint8]) -> list[Any]:
        stream = self._process.stdin
        header = json.dumps({"width": picture.shape[1], "height": picture.shape[0]}).encode() + b"\n"
        try:
            if stream is None:
                raise BrokenPipeError
            stream.write(header)
            stream.write(picture.tobytes())
            stream.flush()
        except OSError as error:
            raise AnnotatorError("MediaPipe's process has ended; start the command again.") from error
        faces = self._answer().get("faces")
        if not isinstance(faces, list) or any(len(face) != MESH_POINTS for face in faces):
            raise AnnotatorError("MediaPipe's process gave no usable answer; start the command again.")
        return faces

    def _answer(self) -> dict[str, Any]:
        """The next line of the process; empty when it ended or says no JSON."""
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        try:
            answer = json.loads(line)
        except ValueError:
            return {}
        return answer if isinstance(answer, dict) else {}
