"""Proposing a whole project: resume, cancel, failures, and the human layer untouched."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.models.propose import propose_project
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("ibug-68")


class FakePredictor:
    """Puts every landmark at the frame's brightest value; refuses frames that are all 13."""

    batch = 2
    notes = ("ran on a fake",)

    def __init__(self, scheme: str = SCHEME.id) -> None:
        self.card = ModelCard("fake", scheme, {})
        self.calls: list[int] = []

    def propose_many(self, images: Sequence[np.ndarray], heatmaps: bool = False) -> list[Proposal]:
        self.calls.append(len(images))
        if any((image == 13).all() for image in images):
            raise AnnotatorError("this frame is odd")
        return [self._proposal(float(image.max())) for image in images]

    def _proposal(self, value: float) -> Proposal:
        xy = np.full((SCHEME.size, 2), value, np.float32)
        spread = np.tile(np.eye(2, dtype=np.float32), (SCHEME.size, 1, 1))
        sure = np.full(SCHEME.size, 0.5, np.float32)
        return Proposal("fake", SCHEME.id, xy, spread, sure, np.zeros((4, 4), np.float32), xy, spread)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    """Five frames whose brightness is their number; the third file is damaged, the fourth makes the model fail."""
    root = tmp_path / "captures"
    root.mkdir()
    for number in range(1, 6):
        pixels = np.full((24, 32, 3), 13 if number == 4 else number, np.uint8)
        assert cv2.imwrite(str(root / f"{number}.png"), pixels)
    (root / "3.png").write_bytes(b"not a picture")
    with ProjectStore.create(tmp_path / "shots.annotator", SCHEME, root) as opened:
        opened.frames.add(Frame(0, f"{n}.png", "s", "", "", str(n), 32, 24) for n in range(1, 6))
        yield opened


def _ids(store: ProjectStore) -> list[int]:
    return [int(i) for i in store.frames.list().ids]


def test_bad_frames_are_reported_and_the_rest_goes_on(store: ProjectStore) -> None:
    seen: list[tuple[int, int]] = []
    summary = propose_project(
        store, FakePredictor(), progress=lambda done, total, _: seen.append((done, total))
    )
    ids = _ids(store)
    assert store.proposals.frame_ids("fake") == {ids[0], ids[1], ids[4]}
    assert {failure.frame_id for failure in summary.failures} == {ids[2], ids[3]}
    assert any("odd" in failure.message for failure in summary.failures)
    assert (summary.proposed, summary.skipped, summary.stopped) == (3, 0, False)
    assert summary.notes == ["ran on a fake"]
    assert seen[0] == (0, 5)
    assert seen[-1] == (5, 5)
    kept = store.proposals.get(ids[4], "fake")
    assert kept is not None
    assert kept.xy[0, 0] == 5.0


def test_a_file_of_another_size_than_its_frame_is_refused(store: ProjectStore) -> None:
    ids = _ids(store)
    assert cv2.imwrite(str(store.frames.path(ids[0])), np.full((12, 16, 3), 1, np.uint8))
    summary = propose_project(store, FakePredictor(), [ids[0], ids[1]])
    (failure,) = summary.failures
    assert failure.frame_id == ids[0]
    assert "is 16 x 12 now; it was 32 x 24 when it was imported" in failure.message
    assert store.proposals.frame_ids("fake") == {ids[1]}


def test_a_file_that_is_replaced_while_it_is_proposed_is_refused(store: ProjectStore) -> None:
    ids = _ids(store)

    class Replacing(FakePredictor):
        batch = 1

        def propose_many(self, images: Sequence[np.ndarray], heatmaps: bool = False) -> list[Proposal]:
            found = super().propose_many(images, heatmaps)
            assert cv2.imwrite(str(store.frames.path(ids[0])), np.full((24, 32, 3), 99, np.uint8))
            return found

    summary = propose_project(store, Replacing(), [ids[0], ids[1]])
    assert [failure.frame_id for failure in summary.failures] == [ids[0]]
    assert "replaced" in summary.failures[0].message
    assert store.proposals.frame_ids("fake") == {ids[1]}


def test_a_second_run_does_only_what_is_missing(store: ProjectStore) -> None:
    propose_project(store, FakePredictor(), _ids(store)[:2])
    again = FakePredictor()
    summary = propose_project(store, again)
    assert summary.skipped == 2
    assert sum(again.calls) >= 2
    assert propose_project(store, FakePredictor(), _ids(store)[:2], again=True).proposed == 2


def test_stopping_keeps_what_is_done_and_a_later_run_goes_on(store: ProjectStore) -> None:
    answers = iter([False, False, True])
    summary = propose_project(store, FakePredictor(), stop=lambda: next(answers, True))
    assert summary.stopped
    assert store.proposals.frame_ids("fake") == set(_ids(store)[:2])
    assert "stopped" in summary.text()
    assert not propose_project(store, FakePredictor()).stopped


def test_what_a_person_set_stays(store: ProjectStore) -> None:
    first = _ids(store)[0]
    before = store.annotations.get(first)
    after, _ = edits.apply(edits.move([3], [[7.0, 8.0]]), before)
    store.annotations.commit(Change(first, before, after, "Move"))
    propose_project(store, FakePredictor())
    assert store.annotations.get(first) == after
    assert len(store.ledger.entries(first)) == 1


def test_a_model_of_another_scheme_is_refused(store: ProjectStore) -> None:
    with pytest.raises(ModelError, match=r"other@1.*Choose another"):
        propose_project(store, FakePredictor("other@1"))


def test_nothing_to_do_is_no_error(store: ProjectStore) -> None:
    assert propose_project(store, FakePredictor(), []).text() == "0 proposed by fake, 0 already there"
