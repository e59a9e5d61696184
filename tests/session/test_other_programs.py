"""Another program changes the open project: the window notices, merges, and asks where both changed the same landmark."""

import numpy as np
import pytest
from other_program import import_places
from pytestqt.qtbot import QtBot

from annotator.domain import edits
from annotator.domain.annotation import Annotation, LandmarkState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

M, P, C, K = LandmarkState.MISSING, LandmarkState.PROPOSED, LandmarkState.CORRECTED, LandmarkState.CONFIRMED


@pytest.fixture
def placed(opened: Session, qtbot: QtBot) -> Session:
    """Frame 1 with all landmarks set by a person: landmark i at (10 i, 10 i)."""
    qtbot.waitUntil(lambda: opened.proposal(1) is not None, timeout=60_000)
    opened.submit(edits.move(range(5), [[10 * i, 10 * i] for i in range(5)]))
    return opened


def on_disk(session: Session, frame_id: int = 1) -> Annotation:
    with ProjectStore.open(session.path, read_only=True) as store:
        return store.annotation(frame_id)


def chain_is_true(session: Session, frame_id: int = 1) -> None:
    """Of each landmark, every entry of the ledger begins where the one before it ended."""
    last: dict[int, list[float]] = {}
    for entry in reversed(session.ledger(frame_id)):
        for k, landmark in enumerate(entry.indices.tolist()):
            was = entry.from_xy[k].tolist() if entry.from_state[k] >= C else [np.nan, np.nan]
            np.testing.assert_array_equal(was, last.get(landmark, [np.nan, np.nan]), str(entry.label))
            last[landmark] = entry.to_xy[k].tolist()


def test_the_window_shows_what_another_program_imported(placed: Session, qtbot: QtBot) -> None:
    told: list[str] = []
    placed.message.connect(lambda _level, text: told.append(text))
    with qtbot.waitSignal(placed.summary_changed, timeout=20_000):
        import_places(placed.path, {1: {0: (100, 101)}, 2: {3: (5, 6)}})
    qtbot.waitUntil(lambda: placed.annotation(1).xy[0].tolist() == [100, 101], timeout=20_000)
    assert placed.human_annotation(2).xy[3].tolist() == [5, 6]
    assert placed.frames[placed.row_of(2)].counts.human == 1
    assert told == ["Another program changed 2 frames"]


def test_a_nudge_never_writes_old_places_back(placed: Session) -> None:
    seen = placed.annotation(1)
    import_places(placed.path, {1: {i: (100 + i, 100) for i in range(5)}})
    placed.submit(edits.nudge(seen, [0, 1, 2, 3, 4], 0.1, 0))
    assert on_disk(placed).xy.tolist() == [[100 + i, 100] for i in range(5)], (
        "theirs stays until a person decides"
    )
    chain_is_true(placed)
