"""300-W and 300-VW by their published protocols, on small folders in their layouts."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from movie_files import number_in, write_movie

from annotator.domain.errors import AnnotatorError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build
from annotator.services.models.protocols import run
from annotator.services.models.protocols.published import CATEGORIES, IN_300VW, IN_300W
from annotator.services.models.protocols.run import ProtocolFigures, ProtocolResult, run_protocol
from annotator.services.models.protocols.sets import read_300vw, read_300w
from annotator.services.models.protocols.videos import movie_picture

SCHEME = load_scheme("ibug-68")
OFF = 2.0


def face(seed: int, size: float = 40.0) -> np.ndarray:
    """68 points with eyes 36..47 in a row, so that inter-ocular and inter-pupil lengths are known."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(30, 30 + size, (68, 2))
    points[36:42] = [50 - 15, 40]  # a whole eye in one place
    points[42:48] = [50 + 15, 40]
    points[36], points[45] = [50 - 20, 40], [50 + 20, 40]
    return points


def write_frame(picture: Path, pts: Path, points: np.ndarray, value: int = 90) -> None:
    for path in (picture, pts):
        path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(picture), np.full((100, 110, 3), value, np.uint8))
    lines = "\n".join(f"{x + 0.5:.4f} {y + 0.5:.4f}" for x, y in points)
    pts.write_text(f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n")


@pytest.fixture
def in_300w(tmp_path: Path) -> Path:
    root = tmp_path / "300w"
    for number, place in enumerate(("helen/testset", "lfpw/testset", "lfpw/testset", "ibug", "afw")):
        write_frame(root / place / f"{number}.jpg", root / place / f"{number}.pts", face(number))
    return root


@pytest.fixture
def in_300vw(tmp_path: Path) -> Path:
    """Two videos of category 1, one of category 3, one for training; frames beside the points, or in a folder of their own."""
    root = tmp_path / "300vw"
    for video, frames in (("114", "114"), ("124", "124/frames"), ("410", "410"), ("001", "001")):
        for number in range(1, 4):
            points = face(number) + number
            write_frame(root / frames / f"{number:06d}.png", root / video / f"annot/{number:06d}.pts", points)
    return root


class Ideal:
    """A model whose answers are told to it."""

    def __init__(self, answers: Callable[[], np.ndarray], scheme: LandmarkScheme = SCHEME) -> None:
        self.card, self.scheme, self.notes = SimpleNamespace(id="ideal"), scheme, ()
        self.seen: list[tuple[int, ...]] = []
        self._answers = answers

    def propose(self, image: np.ndarray, heatmaps: bool = True) -> Proposal:
        self.seen.append(image.shape)
        return SimpleNamespace(xy=self._answers().astype(np.float32))  # type: ignore[return-value]


def measured(
    monkeypatch: pytest.MonkeyPatch, name: str, folder: Path, points: list[np.ndarray], off: list[float]
) -> tuple[ProtocolResult, Ideal]:
    """The protocol with a model that answers each frame's true points, moved to the cut-out and off by so many pixels."""
    queue = iter(zip(points, off, strict=True))

    def answer() -> np.ndarray:
        true, away = next(queue)
        low, high = true.min(0), true.max(0)
        corner = np.floor((low + high) / 2 - 0.75 * (high - low).max())
        return true - corner + [away, 0]

    model = Ideal(answer)
    monkeypatch.setattr(run, "open_models", lambda *_: [model])
    return run_protocol(name, ["ideal"], folder), model


def figure(result: ProtocolResult, name: str, points: int, normaliser: str) -> ProtocolFigures:
    return next(f for f in result.figures if (f.set, f.points, f.normaliser) == (name, points, normaliser))


def test_300w_gives_both_ways_of_the_full_set_and_both_normalisers(
    monkeypatch: pytest.MonkeyPatch, in_300w: Path
) -> None:
    # common: three pictures, off by 2 px; challenging: one, off by 6 px. Outer corners are 40 px apart.
    result, model = measured(
        monkeypatch, "300w", in_300w, [face(n) for n in range(4)], [OFF, OFF, OFF, 3 * OFF]
    )
    assert len(model.seen) == 4
    assert figure(result, "common", 68, "inter-ocular").nme == pytest.approx(5.0, rel=1e-3)
    assert figure(result, "challenging", 68, "inter-ocular").nme == pytest.approx(15.0, rel=1e-3)
    assert figure(result, "full", 68, "inter-ocular").nme == pytest.approx(7.5, rel=1e-3)
    assert figure(result, run.TWICE, 68, "inter-ocular").nme == pytest.approx(25 / 3, rel=1e-3)
    # eye centres, each the mean of its six points
    pupils = np.linalg.norm(face(0)[36:42].mean(0) - face(0)[42:48].mean(0))
    assert figure(result, "common", 51, "inter-pupil").nme == pytest.approx(100 * OFF / pupils, rel=1e-3)
    full = figure(result, "full", 68, "inter-ocular")
    assert full.failures == {"0.08": pytest.approx(25.0), "0.1": pytest.approx(25.0)}
    assert full.auc["0.1"] == pytest.approx(0.75 * 0.5, abs=1e-3)
    assert full.auc["0.08"] == pytest.approx(0.75 * (1 - 5 / 8), abs=1e-3)
    assert result.published is IN_300W
    assert any("554" in note for note in result.notes)
    assert not result.left_out


def test_300w_is_also_read_from_folders_of_the_sets_and_refused_where_one_lacks(
    tmp_path: Path, in_300w: Path
) -> None:
    for name in ("common", "challenging"):
        write_frame(tmp_path / "own" / name / "a.png", tmp_path / "own" / name / "a.pts", face(0))
    sets, _ = read_300w(tmp_path / "own")
    assert [(own.name, len(own.pictures)) for own in sets] == [("common", 1), ("challenging", 1)]
    (in_300w / "ibug").rename(in_300w / "elsewhere")
    with pytest.raises(AnnotatorError, match="ibug"):
        read_300w(in_300w)


def test_300vw_has_three_categories_of_the_published_videos(
    monkeypatch: pytest.MonkeyPatch, in_300vw: Path
) -> None:
    assert [len(numbers) for numbers in CATEGORIES.values()] == [31, 19, 14]
    assert len({number for numbers in CATEGORIES.values() for number in numbers}) == 64
    truth = [face(number) + number for _ in range(3) for number in range(1, 4)]
    result, _ = measured(monkeypatch, "300vw", in_300vw, truth, [OFF] * 6 + [2 * OFF] * 3)
    assert figure(result, "category 1", 68, "inter-ocular").frames == 6
    assert figure(result, "category 1", 68, "inter-ocular").nme == pytest.approx(5.0, rel=1e-3)
    assert figure(result, "category 3", 68, "inter-ocular").nme == pytest.approx(10.0, rel=1e-3)
    assert not any(own.set == "category 2" for own in result.figures)
    assert any(note.startswith("category 2: 0 of its 19") for note in result.notes)
    assert any(note.startswith("category 1: 2 of its 31") for note in result.notes)
    assert result.published is IN_300VW


def test_videos_without_frames_or_a_movie_are_refused(in_300vw: Path) -> None:
    (in_300vw / "410" / "000002.png").unlink()
    with pytest.raises(AnnotatorError, match=r"frame 2 .*no movie"):
        read_300vw(in_300vw)
    with pytest.raises(AnnotatorError, match="no test video"):
        read_300vw(in_300vw / "114")


def test_a_movie_is_read_by_number_or_its_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, in_300vw: Path
) -> None:
    for number in range(1, 4):
        (in_300vw / "410" / f"{number:06d}.png").unlink()
    file = in_300vw / "410" / "vid.avi"
    file.write_bytes(b"no movie")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "av", None)
        with pytest.raises(AnnotatorError, match=r"annotator-landmarks\[movies\]"):
            read_300vw(in_300vw)
    pytest.importorskip("av")
    with pytest.raises(AnnotatorError, match="no readable movie"):
        read_300vw(in_300vw)
    write_movie(file, 3, "mjpeg", "yuvj444p")
    assert [number_in(movie_picture(file, number)) for number in (1, 3, 3, 2)] == [1, 3, 3, 2]
    with pytest.raises(AnnotatorError, match="3 frames now, and no frame 4"):
        movie_picture(file, 4)


def test_a_picture_that_cannot_be_read_is_left_out_and_told(
    monkeypatch: pytest.MonkeyPatch, in_300w: Path
) -> None:
    (in_300w / "lfpw/testset/1.jpg").write_bytes(b"none")
    result, _ = measured(monkeypatch, "300w", in_300w, [face(n) for n in (0, 2, 3)], [OFF, OFF, OFF])
    assert result.left_out
    assert figure(result, "full", 68, "inter-ocular").frames == 3
    assert any("1.pts" in note for note in result.notes)


def test_a_tracker_follows_each_video_from_its_first_true_box(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, in_300vw: Path
) -> None:
    small = {"hourglass": {"channels": 8, "depth": 2, "stride": 4}}
    description = architecture("heatmap-1d-tracker", SCHEME, proxy=64, overview=small)
    card = ModelCard("follower", SCHEME.id, description, preprocessing={"search": False})
    save_model(tmp_path / "follower", build(description), card)
    begun = []
    real = run.TakeTracker.begin
    monkeypatch.setattr(
        run.TakeTracker, "begin", lambda self, box=None: (begun.append(box is not None), real(self, box))[1]
    )
    result = run_protocol("300vw", [str(tmp_path / "follower")], in_300vw, tmp_path / "report", device="cpu")
    assert begun.count(True) == 3  # one a video
    assert figure(result, "full", 68, "inter-ocular").frames == 9
    assert result.page is not None
    assert "category 3" in result.page.read_text(encoding="utf-8")


def test_all_names_of_the_papers_tables_have_their_columns() -> None:
    assert IN_300W[68]["ADC"] == {"common": 2.83, "challenging": 7.04, run.TWICE: 4.23}
    assert IN_300VW[68]["TSTN"]["category 3"] == 12.84
    assert pytest.approx(4.23, abs=0.005) == (2 * 2.83 + 7.04) / 3
