"""Tracked points in the window: over proposals, under people's points, and known as soon as another program tracked them."""

from dataclasses import replace

import numpy as np
from pytestqt.qtbot import QtBot

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.domain.takes.track import Merge, Track, TrackState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.store.sequences.tracks import TrackRun

WAIT = 30_000
M, P, C, K, T = (LandmarkState[n] for n in ("MISSING", "PROPOSED", "CORRECTED", "CONFIRMED", "TRACKED"))


def track_elsewhere(session: Session, landmark: int, xy: tuple[float, float]) -> None:
    """Another program tracks a landmark of frame 1."""
    with ProjectStore.open(session.path) as store:
        nothing = Track.empty(store.scheme)
        places, state, covariance = nothing.xy.copy(), nothing.state.copy(), nothing.covariance.copy()
        places[landmark], state[landmark], covariance[landmark] = xy, TrackState.TRACKED, np.eye(2)
        value = replace(nothing, xy=places, state=state, covariance=covariance)
        store.tracks.write(TrackRun("smoother 1", "ada", "", "left"), {1: value}, Merge.REPLACE)


def test_tracked_points_come_up_are_accepted_and_undone(opened: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: opened.proposals.get(1) is not None, timeout=WAIT)
    track_elsewhere(opened, 3, (40, 41))
    qtbot.waitUntil(lambda: opened.annotations.shown(1).state.tolist() == [P, P, P, T, P], timeout=WAIT)
    assert opened.annotations.shown(1).xy[3].tolist() == [40, 41]
    assert opened.annotations.human(1).state.tolist() == [M] * 5
    opened.annotations.submit(1, edits.accept(opened.annotations.shown(1), [3]))
    assert opened.annotations.human(1).state.tolist() == [M, M, M, K, M]
    assert opened.annotations.human(1).xy[3].tolist() == [40, 41]
    opened.annotations.undo()
    assert opened.annotations.human(1).state.tolist() == [M] * 5
    assert opened.annotations.shown(1).state.tolist() == [P, P, P, T, P]


def test_a_person_s_point_stays_where_it_is_when_it_is_tracked(opened: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: opened.proposals.get(1) is not None, timeout=WAIT)
    opened.annotations.submit(1, edits.move([3], [(7, 8)]))
    track_elsewhere(opened, 3, (40, 41))
    with ProjectStore.open(opened.path) as store:
        qtbot.waitUntil(lambda: opened.annotations.tracks.get(1) is not None, timeout=WAIT)
        assert store.annotations.get(1).xy[3].tolist() == [7, 8]
    assert opened.annotations.shown(1).state.tolist() == [P, P, P, C, P]
    assert opened.annotations.shown(1).xy[3].tolist() == [7, 8]
