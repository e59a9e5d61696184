"""The figures of the dashboard, by hand: working time, corrections, seconds a frame, errors and honesty of the proposals."""

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.edits import Edit
from annotator.domain.layers import displayed
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.import_annotations import import_annotations
from annotator.services.project.model_accuracy import LEVELS
from annotator.services.project.take_back import take_back
from annotator.services.project.work_statistics import work_statistics
from annotator.store.history.changes import Change, Origin
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("studio-89")
L = SCHEME.size
RIGHT, LEFT, MOUTH = SCHEME.ibug68[36], SCHEME.ibug68[45], SCHEME.index("mouth_left")
START = datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC)


def proposal() -> Proposal:
    """Everything at (500, 500) but for the outer eye corners, which are 200 px apart; sigma 10."""
    xy = np.full((L, 2), 500, np.float32)
    xy[RIGHT], xy[LEFT] = (400, 400), (600, 400)
    covariance = np.tile(np.eye(2) * 100, (L, 1, 1)).astype(np.float32)
    boxes = np.zeros((len(SCHEME.regions), 4), np.float32)
    return Proposal("m", SCHEME.id, xy, covariance, np.full(L, 0.9, np.float32), boxes, xy, covariance)


class Artist:
    """Makes edits at times of her own, as the window would commit them."""

    def __init__(self, store: ProjectStore) -> None:
        self.store = store

    def edit(
        self,
        frame_id: int,
        edit: Edit,
        at: float,
        seconds: float = 1.0,
        model: str | None = "m",
        user: str = "ann",
        origin: Origin = Origin.PERSON,
    ) -> Annotation:
        stored = self.store.annotations.get(frame_id)
        found = self.store.proposals.get(frame_id, model) if model else None
        before = displayed(stored, found)
        after = edits.apply(edit, before)[0]
        when = (START + datetime.timedelta(seconds=at)).isoformat(timespec="milliseconds")
        self.store.annotations.commit_all(
            [Change(frame_id, before, after, edit.label, seconds, model, user, origin, at=when)]
        )
        return after


@pytest.fixture
def artist(tmp_path: Path) -> Artist:
    with ProjectStore.create(tmp_path / "p.annotator", SCHEME, tmp_path) as store:
        store.frames.add(Frame(0, f"{n}.jpg", "ada", "", "c", str(n), 1000, 1000) for n in range(6))
        store.models.add(ModelCard("m", SCHEME.id, {}), tmp_path)
        store.models.activate("m")
        store.proposals.save_all((n, proposal()) for n in (1, 2))
        yield Artist(store)


def accept(landmarks: range) -> Edit:
    value = proposal()
    empty = displayed(Annotation.empty(SCHEME), value)
    return replace(edits.accept(empty, landmarks), label="Accept frame")


def test_without_work_there_is_only_progress(artist: Artist) -> None:
    found = work_statistics(artist.store)
    assert (found.edits, found.models, found.frames_a_minute) == (0, (), None)
    assert [(row.token, row.touched, row.frames) for row in found.progress["subject"]] == [("ada", 0, 6)]


def test_working_time_leaves_out_pauses_and_imports(artist: Artist) -> None:
    move = edits.move([0], [[1.0, 1.0]])
    artist.edit(1, move, 0, seconds=6)  # nobody before: its own six seconds
    artist.edit(2, move, 60, seconds=2)  # 60 s after the last
    artist.edit(3, move, 1000, seconds=4, model=None)  # after a pause: four seconds
    artist.edit(4, move, 1030, seconds=30, model=None, user="bob")  # another person: 30
    artist.edit(5, move, 1031, seconds=0, model=None, origin=Origin.IMPORT)
    found = work_statistics(artist.store)
    assert found.minutes == pytest.approx((6 + 60 + 4 + 30) / 60)
    assert (found.edits, found.frames) == (4, 4)
    assert found.frames_a_minute == pytest.approx(4 / (100 / 60))
    assert [one.began for one in found.work] == pytest.approx([0, 6 / 60, 66 / 60, 70 / 60])


def test_corrections_count_each_point_once_and_accepted_ones_not(artist: Artist) -> None:
    artist.edit(1, edits.move([MOUTH], [[510, 500]]), 0)
    artist.edit(1, edits.move([MOUTH], [[520, 500]]), 5)
    artist.edit(1, accept(range(10)), 9)
    artist.edit(2, accept(range(10)), 12)
    found = work_statistics(artist.store)
    assert [one.moved for one in found.work] == [1, 0]
    assert found.corrections_a_frame == pytest.approx(0.5)


def test_seconds_a_frame_by_hand_and_with_proposals(artist: Artist) -> None:
    half = range(L // 2 + 1)
    artist.edit(1, accept(range(L)), 0, seconds=20)
    artist.edit(2, accept(half), 30, seconds=40)
    found = work_statistics(artist.store)
    assert found.with_proposals == replace(found.with_proposals, seconds=30.0, frames=2, estimated=False)
    assert found.by_hand is None
    artist.edit(3, edits.move([MOUTH], [[1.0, 1.0]]), 60, seconds=90, model="m")
    assert work_statistics(artist.store).by_hand is None, "to find what is wrong is not to place a point"
    for number in range(10):
        artist.edit(4, edits.move([number], [[1.0, 1.0 + number]]), 70 + 4 * number, seconds=3, model=None)
    estimated = work_statistics(artist.store).by_hand
    assert (estimated.seconds, estimated.frames, estimated.estimated) == (3 * L, 10, True)
    assert work_statistics(artist.store).seconds_saved is None, "two frames with proposals say little"
    artist.edit(5, accept(range(L)), 200, seconds=30)
    assert work_statistics(artist.store).seconds_saved == pytest.approx(3 * L - 30)
    artist.edit(4, edits.move(half, np.ones((len(half), 2))), 300, seconds=60, model=None)
    found = work_statistics(artist.store)
    assert found.by_hand.seconds == pytest.approx(90 / len(half) * L)
    assert found.seconds_saved is None, "nor does one by hand"


def test_an_import_is_no_correction_however_often_it_is_undone_and_redone(
    artist: Artist, tmp_path: Path
) -> None:
    store = artist.store
    everything = edits.move(range(L), np.ones((L, 2)) * 7)
    artist.edit(3, everything, 0, model=None)
    export_dataset(store, tmp_path / "out.csv")
    artist.edit(3, edits.clear(range(L)), 20, model=None)
    before = work_statistics(store)
    written: list[int] = []
    import_annotations(store, tmp_path / "out.csv", written=written)
    for again in (False, True, False, True):
        take_back(store, written, again)
    found = work_statistics(store)
    assert (found.edits, found.minutes) == (before.edits, before.minutes)
    assert found.corrections_a_frame in (None, 0.0)
    artist.edit(3, edits.move([MOUTH], [[50.0, 60.0]]), 60, seconds=2, model=None)
    found = work_statistics(store)
    assert [(one.moved, one.landmarks) for one in found.work] == [(1, 1)]
    assert found.corrections_a_frame == 1.0


def test_a_correction_that_was_undone_is_none(artist: Artist) -> None:
    artist.edit(1, edits.move([MOUTH], [[510, 500]]), 0)
    artist.edit(1, edits.clear([MOUTH]), 5)
    artist.edit(1, accept(range(L)), 9)
    assert [one.moved for one in work_statistics(artist.store).work] == [0]


def test_a_converted_project_has_no_work_of_its_own(artist: Artist) -> None:
    artist.edit(1, accept(range(L)), 0, origin=Origin.IMPORT)
    assert work_statistics(artist.store).edits == 0


def test_errors_and_honesty_of_the_proposals_that_were_shown(artist: Artist) -> None:
    artist.edit(1, edits.move([MOUTH], [[515, 520]]), 0)  # 25 px = 2.5 sigma; eye corners 200 px apart
    artist.edit(1, accept(range(3)), 4)
    artist.edit(3, edits.move([MOUTH], [[1.0, 1.0]]), 9, model=None)
    (model,) = work_statistics(artist.store).models
    assert (model.model_id, model.frames, model.points) == ("m", 1, 4)
    assert model.nme == pytest.approx(25 / 200 / 4)
    assert model.moved_nme == pytest.approx(25 / 200)
    assert model.moved == model.touched == pytest.approx(1 / 4)
    assert model.regions["mouth"] == pytest.approx(25 / 200)
    assert np.isnan(model.regions["nose"])
    assert (model.within_one, model.within_two) == (0.75, 0.75)
    # The ellipse that reaches 2.5 sigmas should hold 1 - exp(-2.5^2 / 2) = 95.6 %: only the whole plane holds all.
    assert model.reliability[LEVELS <= 0.95].max() == 0.75
    assert model.reliability[-1] == 1
    # Sigma is 10 px of 200 everywhere; of the four points, each a bin of its own, one was moved by 25 px.
    np.testing.assert_allclose(model.sigma, [0.05] * 4)
    np.testing.assert_allclose(sorted(model.correction), [0, 0, 0, 25 / 200 / np.sqrt(2)])


def test_a_point_moved_along_its_curve_did_not_need_it(tmp_path: Path) -> None:
    scheme = load_scheme("studio-89@2")
    jaw = [scheme.index(name) for name in ("chin", "jaw_left_1", "jaw_left_2", "jaw_left_3", "jaw_left_4")]
    xy = np.full((scheme.size, 2), 500, np.float32)
    xy[scheme.ibug68[36]], xy[scheme.ibug68[45]] = (400, 400), (600, 400)
    xy[jaw] = [(500 + 20 * n, 700) for n in range(5)]  # level, so that along is x
    own = replace(proposal(), scheme_id=scheme.id, xy=xy)
    with ProjectStore.create(tmp_path / "p.annotator", scheme, tmp_path) as store:
        store.frames.add([Frame(0, "1.jpg", "ada", "", "c", "1", 1000, 1000)])
        store.models.add(ModelCard("m", scheme.id, {}), tmp_path)
        store.models.activate("m")
        store.proposals.save_all([(1, own)])
        artist = Artist(store)
        artist.edit(1, edits.move([jaw[1]], [xy[jaw[1]] + (6, 0)]), 0)
        artist.edit(1, edits.move([jaw[3]], [xy[jaw[3]] + (0, 4)]), 4)
        artist.edit(1, edits.move([jaw[0]], [xy[jaw[0]] + (3, 0)]), 8)  # the chin is an anchor
        artist.edit(1, edits.accept(displayed(store.annotations.get(1), own), [jaw[4]]), 12)
        (model,) = work_statistics(store).models
    assert model.moved == pytest.approx(3 / 4)
    assert model.touched == pytest.approx(2 / 4)
    assert (model.across, model.along) == pytest.approx((2 / 200, 3 / 200))
