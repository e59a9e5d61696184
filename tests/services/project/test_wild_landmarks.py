"""Coordinates that cannot be meant, at import: told, set out of frame, or left out; and what imported proposals claim."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from project_files import IBUG, L, project

from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.errors import FormatError
from annotator.domain.faces.wild_points import face_sizes_away, far_from_face, look_like_shares, outside
from annotator.services.project.import_annotations import ImportAnnotationsReport, import_annotations
from annotator.store.project_store import ProjectStore

FACE = np.random.default_rng(4).uniform((150, 80), (250, 220), (L, 2))
CHIN = IBUG.index("chin")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    with project(tmp_path) as opened:  # frames of 400 x 300
        yield opened


def _import(
    store: ProjectStore, tmp_path: Path, frames: dict[str, np.ndarray], as_proposals: bool = False
) -> ImportAnnotationsReport:
    rows = ["frame,landmark,x,y"]
    for path, xy in frames.items():
        rows += [f"{path},{IBUG.names[i]},{x},{y}" for i, (x, y) in enumerate(xy.tolist())]
    (tmp_path / "in.csv").write_text("\n".join(rows))
    return import_annotations(store, tmp_path / "in.csv", as_proposals=as_proposals)


def test_points_outside_are_set_out_of_frame_and_told(store: ProjectStore, tmp_path: Path) -> None:
    xy = FACE.copy()
    xy[3], xy[CHIN] = (-40, 100), (200, 1000)
    report = _import(store, tmp_path, {"anna/left.jpg": xy, "anna/right.jpg": FACE})
    assert len(report.warnings) == 1
    assert "2 landmarks of 1 frame lie outside the picture" in report.warnings[0]
    assert f"{IBUG.names[3]} of anna/left.jpg" in report.warnings[0]
    sizes = float(report.warnings[0].split("by up to ")[1].split()[0])
    assert sizes == pytest.approx(700 / 118, rel=0.1)  # the box of the rest is some 100 x 140 px
    annotation = store.annotations.get(store.frames.by_path()["anna/left.jpg"])
    assert np.flatnonzero(annotation.flags & Flag.OUT_OF_FRAME).tolist() == sorted([3, CHIN])
    assert (annotation.state == LandmarkState.CONFIRMED).all()
    other = store.annotations.get(store.frames.by_path()["anna/right.jpg"])
    assert not other.flags.any()


def test_points_far_from_their_face_are_told(store: ProjectStore, tmp_path: Path) -> None:
    xy = FACE.copy()
    xy[CHIN] = (0.5, 0.5)
    report = _import(store, tmp_path, {"anna/left.jpg": xy})
    assert len(report.warnings) == 1
    assert "1 landmark of 1 frame lies far from the rest of the face" in report.warnings[0]
    assert "chin of anna/left.jpg" in report.warnings[0]
    assert report.warnings[0] in report.text
    assert not store.annotations.get(store.frames.by_path()["anna/left.jpg"]).flags.any()


def test_shares_of_the_picture_are_recognised(store: ProjectStore, tmp_path: Path) -> None:
    shares = FACE / [400, 300]
    report = _import(store, tmp_path, {"anna/left.jpg": shares, "anna/right.jpg": FACE})
    assert report.matched == 1
    assert (
        "shares of the picture, not pixels. Multiply x by 400 and y by 300"
        in report.unmatched["anna/left.jpg"]
    )
    assert not store.annotations.get(store.frames.by_path()["anna/left.jpg"]).state.any()
    with pytest.raises(FormatError, match="shares of the picture"):
        _import(store, tmp_path, {"anna/left.jpg": shares})


def test_a_sound_import_warns_of_nothing(store: ProjectStore, tmp_path: Path) -> None:
    at_the_edge = FACE + [149, 0]
    at_the_edge[3] = (400, 150)
    report = _import(store, tmp_path, {"anna/left.jpg": FACE, "anna/right.jpg": at_the_edge})
    assert report.warnings == ()
    assert not store.annotations.get(store.frames.by_path()["anna/right.jpg"]).flags.any()


def test_imported_proposals_claim_neither_certainty_nor_precision(
    store: ProjectStore, tmp_path: Path
) -> None:
    _import(store, tmp_path, {"anna/left.jpg": FACE}, as_proposals=True)
    found = store.proposals.get(store.frames.by_path()["anna/left.jpg"], "import:csv")
    assert found is not None
    assert (found.confidence < 1).all()
    assert (np.linalg.det(found.covariance) > 0).all()
    sigma = np.sqrt(found.covariance[:, 0, 0])
    np.testing.assert_allclose(sigma, 0.02 * 118, rtol=0.1)


def test_a_few_wild_points_do_not_stretch_the_face() -> None:
    xy = FACE.copy()
    xy[:15] = (4000, 4000)
    away = face_sizes_away(xy)
    assert (away[:15] > 20).all()
    assert np.nanmax(away[15:]) < 0.1
    assert far_from_face(xy).nonzero()[0].tolist() == list(range(15))


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_points_tell_nothing(count: int) -> None:
    xy = np.full((L, 2), np.nan)
    xy[:count] = np.array([(5, 5), (900, 3), (20, 700)])[:count]
    assert not far_from_face(xy).any()
    assert not look_like_shares(xy, 400, 300)


def test_places_without_a_size_are_never_outside() -> None:
    assert not outside(np.array([[-5.0, 9e9]]), 0, 0).any()
    assert outside(np.array([[-5.0, 3.0], [np.nan, np.nan], [9.0, 3.0]]), 8, 8).tolist() == [
        True,
        False,
        True,
    ]
