"""The mapping from MediaPipe's mesh, and the protocol with a worker that is not MediaPipe."""

import sys
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference import mediapipe
from annotator.inference.mediapipe import MESH_POINTS, MediaPipePredictor, read_mapping

from .conftest import SCHEME

WORKER = """
import json, sys
print(json.dumps({"ready": "9.9"}), flush=True)
while True:
    line = sys.stdin.buffer.readline()
    if not line:
        break
    size = json.loads(line)
    data = sys.stdin.buffer.read(size["width"] * size["height"] * 3)
    faces = data[0]
    if faces == 9:
        sys.exit(1)
    mesh = [[size["width"] * i / 478, size["height"] * (1 - i / 478)] for i in range(478)]
    print(json.dumps({"faces": [mesh] * faces}), flush=True)
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worker that tells of as many faces as the first byte says, each a diagonal line of points."""
    path = tmp_path / "worker.py"
    path.write_text(WORKER, encoding="utf-8")
    monkeypatch.setattr(mediapipe, "_WORKER", path)
    return path


@pytest.mark.parametrize("name", ["studio-89@1", "studio-89@2", "ibug-68"])
def test_the_mapping_has_each_landmark_once_and_keeps_left_and_right(name: str) -> None:
    scheme = load_scheme(name)
    first, second, share = read_mapping(scheme)
    assert len(first) == len(second) == len(share) == scheme.size
    assert len({*zip(first, second, share, strict=True)}) == scheme.size
    right, left = first[[scheme.ibug68[36]]], first[[scheme.ibug68[45]]]
    assert (right.item(), left.item()) == (33, 263)
    paired = np.flatnonzero(scheme.mirror != np.arange(scheme.size))
    assert np.array_equal(share[paired], share[scheme.mirror[paired]])


def test_a_scheme_without_a_mapping_is_refused() -> None:
    with pytest.raises(AnnotatorError, match="no mapping from MediaPipe to discs@1"):
        read_mapping(SCHEME)


def test_points_come_back_in_frame_pixels(worker: Path) -> None:
    scheme = load_scheme("studio-89")
    first, second, share = read_mapping(scheme)
    at = (first * (1 - share) + second * share) / MESH_POINTS
    with MediaPipePredictor(Path(sys.executable), scheme) as predictor:
        assert (predictor.card.id, predictor.card.scheme) == ("mediapipe", scheme.id)
        for width, height in ((300, 200), (4000, 3001)):
            frame = np.full((height, width, 3), 1, np.uint8)
            proposal = predictor.propose(frame)
            wanted = np.stack([at * width, (1 - at) * height], axis=-1)
            assert proposal.xy == pytest.approx(wanted, abs=1e-3 * width)
            assert proposal.message == ""
            assert proposal.heatmaps == ()
            assert np.linalg.eigvalsh(proposal.covariance).min() > 0
            assert (proposal.rois[:, 2:] > proposal.rois[:, :2]).all()


def test_no_face_several_faces_and_a_dead_process_are_told(worker: Path) -> None:
    with MediaPipePredictor(Path(sys.executable), load_scheme("ibug-68")) as predictor:
        none, two = predictor.propose_many([np.full((20, 30, 3), count, np.uint8) for count in (0, 2)])
        assert "no face" in none.message
        assert none.confidence.max() == 0.0
        assert "2 faces" in two.message
        with pytest.raises(AnnotatorError, match="no usable answer"):
            predictor.propose(np.full((20, 30, 3), 9, np.uint8))


def test_an_interpreter_without_mediapipe_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scheme = load_scheme("ibug-68")
    with pytest.raises(AnnotatorError, match="cannot be started"):
        MediaPipePredictor(tmp_path / "python", scheme)
    broken = tmp_path / "worker.py"
    broken.write_text('print(\'{"error": "no such library"}\')', encoding="utf-8")
    monkeypatch.setattr(mediapipe, "_WORKER", broken)
    with pytest.raises(AnnotatorError, match="no such library"):
        MediaPipePredictor(Path(sys.executable), scheme)
