"""The rows of the contact sheet: which cells there are, and in which order."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.project import contact_sheet
from annotator.services.project.contact_sheet import SheetOrder, read_sheet
from annotator.services.project.queue.queues import Queue
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = load_scheme("studio-89")
L, MOUTH = SCHEME.size, SCHEME.index("mouth_left")
IDS = [1, 2, 3, 4]


def face(confidence: float, apart: float = 0.0) -> Proposal:
    """On a grid of 800 x 480, sigma 5; the global network is `apart` px off everywhere."""
    place = np.arange(L)
    xy = np.stack([80.0 * (place % 11), 60.0 * (place // 11)], 1).astype(np.float32)
    covariance = np.tile(np.eye(2) * 25, (L, 1, 1)).astype(np.float32)
    boxes = np.zeros((len(SCHEME.regions), 4), np.float32)
    sure = np.full(L, confidence, np.float32)
    return Proposal("m", SCHEME.id, xy, covariance, sure, boxes, xy + np.float32(apart), covariance)


@pytest.fixture
def store(tmp_path: Path) -> ProjectStore:
    with ProjectStore.create(tmp_path / "p.annotator", SCHEME, tmp_path) as made:
        made.frames.add(Frame(0, f"{n}.jpg", "ada", "", "c", str(n), 2000, 2000) for n in range(4))
        made.models.add(ModelCard("m", SCHEME.id, {}), tmp_path)
        made.models.activate("m")
        made.proposals.save_all([(1, face(0.9)), (2, face(0.2, apart=3)), (3, face(0.6, apart=12))])
        yield made


def test_disagreement_puts_the_farthest_first_and_the_unplaced_nowhere(store: ProjectStore) -> None:
    before = store.annotations.get(1)
    place = face(0.9).xy[MOUTH] + [40, 0]
    store.annotations.commit(Change(1, before, edits.apply(edits.move([MOUTH], [place]), before)[0], "Move"))
    sheet = read_sheet(store, [MOUTH], SheetOrder.DISAGREEMENT, IDS)
    assert [cell.frame.id for cell in sheet.cells] == [1, 3, 2]  # frame 4 has no point at all
    first, second, _ = sheet.cells
    assert (first.state, second.state) == (LandmarkState.CORRECTED, LandmarkState.PROPOSED)
    np.testing.assert_allclose(first.xy, place)
    own = (0.003**2) * first.size**2
    assert first.apart == pytest.approx(40 / np.sqrt(25 + own), rel=1e-4)
    assert second.apart == pytest.approx(12 * np.sqrt(2) / np.sqrt(50 + own), rel=1e-3)


def test_the_other_orders(store: ProjectStore) -> None:
    def ids(order: SheetOrder) -> list[int]:
        return [cell.frame.id for cell in read_sheet(store, [MOUTH], order, IDS, Queue.UNCERTAIN).cells]

    assert ids(SheetOrder.UNCERTAINTY) == [2, 3, 1]
    assert ids(SheetOrder.CAPTURE) == [1, 2, 3]
    assert ids(SheetOrder.QUEUE) == [2, 3, 1]


def test_a_region_gives_a_cell_a_landmark_and_many_frames_are_thinned(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = SCHEME.region("mouth").indices
    sheet = read_sheet(store, region, SheetOrder.CAPTURE, IDS)
    assert len(sheet.cells) == 3 * len(region)
    monkeypatch.setattr(contact_sheet, "MOST_FRAMES", 2)
    thin = read_sheet(store, [MOUTH], SheetOrder.CAPTURE, IDS[:3])
    assert ([cell.frame.id for cell in thin.cells], thin.frames, thin.of_frames) == ([1, 3], 2, 3)


def test_without_a_model_what_people_set_is_shown(tmp_path: Path) -> None:
    with ProjectStore.create(tmp_path / "bare.annotator", SCHEME, tmp_path) as bare:
        bare.frames.add([Frame(0, "a.jpg", "", "", "", "", 100, 100)])
        before = bare.annotations.get(1)
        after = edits.apply(edits.move([0, MOUTH], [[1, 2], [3, 4]]), before)[0]
        bare.annotations.commit(Change(1, before, replace(after), "Move"))
        (cell,) = read_sheet(bare, [MOUTH], SheetOrder.DISAGREEMENT, [1]).cells
        assert cell.xy.tolist() == [3, 4]
        assert np.isnan(cell.apart)
