"""Spoilt sets: every frame once, with something before its face, and the truth as it was."""

from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from face_pictures import SCHEME, face_picture, upright_face

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled
from annotator.evaluation.truth import GroundTruth
from annotator.services.models.evaluation_sets import EvaluationSet, load_set
from annotator.services.models.spoil import KINDS, Marked, spoil_face, spoil_set

COUNT, SIDE = 6, 200


@pytest.fixture
def data(tmp_path: Path) -> EvaluationSet:
    """Six frames of six subjects, each wider than high."""
    paths = []
    for number in range(COUNT):
        picture = np.concatenate([face_picture(SIDE, number)] * 2, axis=1)[:, : SIDE + 40]
        paths.append(tmp_path / f"{number}.jpg")
        paths[-1].write_bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(picture), 95, "RGB", "444"))
    names = tuple(path.stem for path in paths)
    xy = np.stack([upright_face(SIDE)] * COUNT)
    xy[0, 5] = np.nan
    hidden = np.zeros((COUNT, SCHEME.size), bool)
    hidden[:, 7] = True
    return EvaluationSet("faces", GroundTruth(SCHEME, names, names, xy, hidden), tuple(paths))


def test_a_spoilt_set_keeps_the_truth_and_says_what_is_covered(data: EvaluationSet, tmp_path: Path) -> None:
    assert spoil_set(data, tmp_path / "out") == COUNT
    found = load_set(tmp_path / "out", SCHEME)
    order = [int(path.name[:5]) for path in found.paths]
    assert sorted(order) == list(range(COUNT))
    assert np.allclose(found.truth.xy, data.truth.xy[order], atol=1e-3, equal_nan=True)
    assert {own["covered by"] for own in found.attributes} == set(KINDS)
    assert set(found.truth.subjects) == set(data.truth.subjects)
    assert found.truth.occluded[:, 7].all(), "what was hidden before still is"
    assert found.truth.occluded.sum() > COUNT
    assert found.picture(0).shape == (SIDE, SIDE + 40, 3)


def test_the_same_seed_gives_the_same_pictures_and_another_one_other_kinds(
    data: EvaluationSet, tmp_path: Path
) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        spoil_set(data, tmp_path / name, seed)
    a, b, c = ({p.name: p.read_bytes() for p in (tmp_path / name).rglob("*.jpg")} for name in "abc")
    assert a == b
    assert a.keys() != c.keys()


def test_a_second_face_covers_nothing_that_it_does_not_touch() -> None:
    own = Marked(face_picture(SIDE, 1), upright_face(SIDE))
    other = Marked(face_picture(SIDE, 2), upright_face(SIDE))
    for seed in range(5):
        after, hidden = spoil_face("second face", np.random.default_rng(seed), own, other, SCHEME)
        assert (after != own.picture).any()
        assert not hidden[SCHEME.index("nose_tip")]


def test_a_frame_without_a_face_stays_as_it_is() -> None:
    own = Marked(face_picture(SIDE, 1), np.full((SCHEME.size, 2), np.nan))
    for kind in KINDS:
        after, hidden = spoil_face(kind, np.random.default_rng(0), own, own, SCHEME)
        assert np.array_equal(after, own.picture)
        assert not hidden.any()


def test_bad_input_writes_nothing(data: EvaluationSet, tmp_path: Path) -> None:
    with pytest.raises(AnnotatorError, match=r"as 'veil' would: hand,"):
        spoil_set(data, tmp_path / "out", kinds=["hand", "veil"])
    with pytest.raises(Cancelled):
        spoil_set(data, tmp_path / "out", stop=lambda: True)
    assert not (tmp_path / "out").exists()
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    with pytest.raises(AnnotatorError, match="not empty"):
        spoil_set(data, full)
    assert [path.name for path in full.iterdir()] == ["mine.txt"]
