"""Cameras that agree, in the session: asked in a thread, shown with the heatmaps that there are, never over a person's points."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hurried import looked
from pytestqt.qtbot import QtBot
from session_files import HEIGHT, WIDTH, write_frame

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.domain.scheme import LandmarkScheme
from annotator.services.rigs.agreement import agree
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

WAIT = 60_000
CAMERAS = ("left", "middle", "right")


def _rig() -> Rig:
    """Cameras side by side, 100 apart, that look along z; what is 1500 away moves by 20 px from one to the next."""
    matrix = np.array([[300.0, 0, WIDTH / 2], [0, 300, HEIGHT / 2], [0, 0, 1]])
    return Rig(
        "row",
        {
            name: CameraModel(
                name, WIDTH, HEIGHT, matrix, np.zeros(5),
                np.concatenate([np.eye(3), [[100.0 * (1 - at)], [0], [1500]]], axis=1),
            )
            for at, name in enumerate(CAMERAS)
        },
    )  # fmt: skip


@pytest.fixture
def moment(tmp_path: Path, scheme: LandmarkScheme) -> Path:
    """One moment in three cameras (frames 1 to 3, of grey 41, 21, 1: the fake model is 20 px apart in each), and another."""
    captures = tmp_path / "captures"
    frames = []
    for index in ("1", "2"):
        for at, camera in enumerate(CAMERAS):
            name = f"ada/{camera}/{index}.jpg"
            write_frame(captures / name, 41 - 20 * at)
            frames.append(Frame(0, name, "ada", "", camera, index, WIDTH, HEIGHT))
    path = tmp_path / "rig.annotator"
    with ProjectStore.create(path, scheme, captures) as store:
        store.frames.add(frames)
        store.rigs.add(_rig())
        store.models.add(ModelCard("one", scheme.id, {}), tmp_path / "one")
        store.models.activate("one")
    return path


def _see(session: Session, qtbot: QtBot, moment: Path, switch: bool = True) -> None:
    """The three frames are looked at, one after another."""
    session.open_project(moment)
    if switch:
        session.agreement.set_enabled(True, session.frames.current_id)
    for frame_id in (1, 2, 3):
        session.frames.go_to(frame_id)
        qtbot.waitUntil(lambda: session.proposals.get(session.frames.current_id) is not None, timeout=WAIT)


def _is_shown(session: Session, frame_id: int) -> Callable[[], bool]:
    """Whether the session shows of a frame what the cameras say, and the project holds it."""

    def told() -> bool:
        together = session.store.consensus.get(frame_id, "one")
        shown = session.proposals.get(frame_id)
        if together is None or shown is None or not together.stands_in.any():
            return False
        here = together.stands_in
        return bool((shown.xy[here] == together.xy[here]).all())

    return told


def test_once_their_proposals_have_come_the_cameras_are_asked(
    session: Session, qtbot: QtBot, moment: Path
) -> None:
    _see(session, qtbot, moment)
    for frame_id in (1, 2, 3):
        qtbot.waitUntil(_is_shown(session, frame_id), timeout=WAIT)
    own = dict(session.store.proposals.own_items([3], "one"))[3]
    assert session.proposals.get(3).heatmaps  # of the model, as they were
    assert session.proposals.get(3).xy.tolist() != own.xy.tolist()


def test_without_the_switch_nobody_is_asked(session: Session, qtbot: QtBot, moment: Path) -> None:
    _see(session, qtbot, moment, switch=False)
    session.agreement.attach(session.store)  # waits for the thread
    assert session.store.consensus.frame_ids("one") == set()


def test_an_edit_in_one_view_is_told_to_the_others_and_stays_itself(
    session: Session, qtbot: QtBot, moment: Path
) -> None:
    _see(session, qtbot, moment)
    qtbot.waitUntil(_is_shown(session, 1), timeout=WAIT)
    before = session.proposals.get(1).xy[0].copy()
    session.annotations.submit(3, edits.move([0], [[60.0, 50.0]]))
    qtbot.waitUntil(lambda: session.proposals.get(1).xy[0].tolist() != before.tolist(), timeout=WAIT)
    qtbot.waitUntil(_is_shown(session, 1), timeout=WAIT)
    assert session.annotations.shown(3).xy[0].tolist() == [60, 50]
    assert not session.store.consensus.get(3, "one").stands_in[0]


def test_what_was_taken_without_the_switch_is_kept_up_after_an_edit(
    session: Session, qtbot: QtBot, moment: Path
) -> None:
    _see(session, qtbot, moment, switch=False)
    with session.store.again() as store:
        agree(store, "one", [1])
    session.annotations.submit(3, edits.move([0], [[60.0, 50.0]]))
    qtbot.waitUntil(_is_shown(session, 1), timeout=WAIT)
    assert session.store.consensus.frame_ids("one", stale=True) == set()


def _is_as_stored(session: Session, frame_id: int) -> bool:
    """Whether the session shows of a frame what the project holds, with the model's heatmaps."""
    shown, stored = session.proposals.get(frame_id), session.store.proposals.usable(frame_id, "one")
    assert shown is not None
    assert stored is not None
    return bool(shown.heatmaps) and np.array_equal(shown.xy, stored.xy)


def test_what_a_removed_rig_said_is_shown_no_longer(session: Session, qtbot: QtBot, moment: Path) -> None:
    _see(session, qtbot, moment)
    for frame_id in (1, 2, 3):
        qtbot.waitUntil(_is_shown(session, frame_id), timeout=WAIT)
    looked(session, qtbot)
    with ProjectStore.open(moment) as store:
        store.rigs.remove("row")
    qtbot.waitUntil(lambda: all(_is_as_stored(session, i) for i in (1, 2, 3)), timeout=WAIT)
    own = dict(session.store.proposals.own_items([3], "one"))[3]
    assert session.annotations.shown(3).xy.tolist() == own.xy.tolist()


def test_what_another_program_let_the_cameras_say_is_shown(
    session: Session, qtbot: QtBot, moment: Path
) -> None:
    _see(session, qtbot, moment, switch=False)
    looked(session, qtbot)
    with ProjectStore.open(moment) as store:
        agree(store, "one", [1])
    for frame_id in (1, 2, 3):
        qtbot.waitUntil(_is_shown(session, frame_id), timeout=WAIT)
    assert _is_as_stored(session, 3)


def test_the_project_keeps_the_switch(session: Session, moment: Path) -> None:
    session.open_project(moment)
    assert not session.agreement.enabled
    session.agreement.set_enabled(True)
    session.close_project()
    assert not session.agreement.enabled
    session.open_project(moment)
    assert session.agreement.enabled


def test_a_project_that_is_closed_right_after_an_edit_tells_its_queues(
    session: Session, qtbot: QtBot, moment: Path
) -> None:
    _see(session, qtbot, moment, switch=False)
    with session.store.again() as store:
        agree(store, "one", [1])
        taken = {own.frame.id: own.mean_confidence for own in store.frames.list()}
    session.annotations.submit(3, edits.move([0], [[60.0, 50.0]]))
    session.close_project()
    with ProjectStore.open(moment) as store:
        told = {own.frame.id: own.mean_confidence for own in store.frames.list()}
        assert store.consensus.frame_ids("one", stale=True) == {1, 2, 3}
        assert told[1] != taken[1]
        store.consensus.catch_up()  # nothing is left to be told
        assert {own.frame.id: own.mean_confidence for own in store.frames.list()} == told


def test_edits_close_to_each_other_ask_the_cameras_once(
    session: Session, qtbot: QtBot, moment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _see(session, qtbot, moment)
    qtbot.waitUntil(_is_shown(session, 1), timeout=WAIT)
    begun: list[str] = []
    run = session.agreement._run
    monkeypatch.setattr(session.agreement, "_run", lambda store: (begun.append("run"), run(store)))
    for x in (60.0, 61.0, 62.0):
        session.annotations.submit(3, edits.move([0], [[x, 50.0]]))
    qtbot.waitUntil(lambda: bool(begun), timeout=WAIT)
    qtbot.waitUntil(lambda: session.store.consensus.frame_ids("one", taken=True) == {1, 2, 3}, timeout=WAIT)
    assert begun == ["run"]


def test_a_session_that_ends_amid_the_news_tells_no_more_of_it(
    session: Session, qtbot: QtBot, moment: Path
) -> None:
    _see(session, qtbot, moment)
    qtbot.waitUntil(_is_shown(session, 1), timeout=WAIT)
    told: list[int] = []
    session.proposals.arrived.connect(told.append)
    session.proposals.arrived.connect(lambda _frame: session.shutdown())
    session.annotations.submit(3, edits.move([0], [[60.0, 50.0]]))
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT)
    qtbot.waitUntil(lambda: not session.agreement._turn.isActive(), timeout=WAIT)
    assert len(told) == 1
    assert not session.is_open
