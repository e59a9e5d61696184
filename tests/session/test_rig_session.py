"""The moment of the shown frame: what its views say, live while a point is held; takes as one step over all frames."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from rig_shoot import Shoot, make_shoot, wait

from annotator.domain import edits
from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.proposal import Proposal
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.rigs.hidden import HiddenPoints
from annotator.session.rigs.rigs import Alone, Rigs
from annotator.session.rigs.takes import Takes
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore


class Silent(InferenceProcess):
    """A model that never answers: proposals are those of the project."""

    def request(self, *_: object) -> None:
        return


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    made = make_shoot(tmp_path)
    size = made.scheme.size
    covariance = np.tile(np.eye(2, dtype=np.float32) * 9, (size, 1, 1))
    with ProjectStore.open(made.path) as store:
        for frame_id, xy in enumerate(made.proposed.astype(np.float32), 1):
            ones, none = np.ones(size, np.float32), np.zeros((0, 4), np.float32)
            store.proposals.save(
                frame_id,
                Proposal(
                    "one", made.scheme.id, xy, covariance, ones, none, xy, covariance, width=640, height=640
                ),
            )
    return made


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    process = Silent()
    made = Session(inference=process)
    yield made
    made.close_project(discard_pending=True)
    made.shutdown()
    process.shutdown()


@pytest.fixture
def rigs(qtbot: QtBot, session: Session, shoot: Shoot) -> Rigs:
    """On frame 1, with what its views say."""
    found = Rigs(session, session)
    session.open_project(shoot.path)
    session.frames.go_to(1)
    wait(qtbot, lambda: found.outlook is not None)
    return found


def wait_for_edit(qtbot: QtBot, rigs: Rigs, work) -> None:
    before = rigs.outlook
    work()
    wait(qtbot, lambda: rigs.outlook is not before and rigs.outlook is not None)


def drag(session: Session, frame_id: int, landmark: int, xy) -> None:
    session.annotations.submit(frame_id, edits.move([landmark], [xy]))


def human(path: Path) -> dict[int, list[int]]:
    with ProjectStore.open(path, read_only=True) as store:
        return {i: np.flatnonzero(value.is_human).tolist() for i, value in store.annotations.items()}


def test_the_views_of_a_moment_tell_where_a_landmark_is(rigs: Rigs, shoot: Shoot) -> None:
    assert rigs.frame_ids() == [1, 2, 3, 4]
    assert rigs.row == 0
    off = np.linalg.norm(rigs.outlook.expected - shoot.truth, axis=-1)
    assert off.mean() < 0.8 * np.linalg.norm(shoot.proposed - shoot.truth, axis=-1).mean()


def test_why_a_frame_is_alone_is_told(qtbot: QtBot, rigs: Rigs, session: Session) -> None:
    session.frames.go_to(5)
    assert rigs.moment is None
    wait(qtbot, lambda: rigs.why_alone is Alone.NO_RIG)
    session.frames.go_to(2)
    wait(qtbot, lambda: rigs.outlook is not None)
    assert (rigs.why_alone, rigs.row) == (None, 1)
    session.close_project()
    assert rigs.why_alone is Alone.NO_PROJECT


def test_another_view_of_the_moment_is_there_at_once(rigs: Rigs, session: Session) -> None:
    outlook = rigs.outlook
    session.frames.go_to(3)
    assert rigs.outlook is outlook
    assert rigs.row == 2


def test_what_is_held_moves_what_the_others_expect(
    qtbot: QtBot, rigs: Rigs, session: Session, shoot: Shoot
) -> None:
    wait_for_edit(qtbot, rigs, lambda: drag(session, 2, 30, shoot.truth[1, 30]))
    before = rigs.outlook.expected.copy()
    with qtbot.waitSignal(rigs.held, timeout=60_000) as caught:
        rigs.hold((30,), shoot.truth[0, [30]])
    assert caught.args == [frozenset({30})]
    now = rigs.outlook.expected
    np.testing.assert_allclose(now[2:, 30], shoot.truth[2:, 30], atol=0.3)
    others = np.arange(89) != 30
    np.testing.assert_array_equal(now[:, others], before[:, others])
    np.testing.assert_allclose(now[0, 30], before[0, 30], atol=1.0)  # it is held against the others alone
    assert human(shoot.path) == {2: [30]}, "nothing of it is written"
    before_release = rigs.outlook
    rigs.hold((), np.empty((0, 2)))
    wait(qtbot, lambda: rigs.outlook is not before_release)
    np.testing.assert_allclose(rigs.outlook.expected, before, atol=1e-9)


def test_a_take_is_one_step_over_all_views_and_spares_what_people_set(
    qtbot: QtBot, rigs: Rigs, session: Session, shoot: Shoot
) -> None:
    for view in (0, 1):
        wait_for_edit(qtbot, rigs, lambda view=view: drag(session, view + 1, 30, shoot.truth[view, 30]))
    takes, steps = Takes(session, rigs), session.annotations.undo_stack.count()
    assert takes.everywhere([30]) == 2
    assert session.annotations.undo_stack.count() == steps + 1
    assert human(shoot.path) == {1: [30], 2: [30], 3: [30], 4: [30]}
    for view in range(4):
        shown = session.annotations.shown(view + 1)
        np.testing.assert_allclose(shown.xy[30], shoot.truth[view, 30], atol=0.3)
        assert shown.state[30] == LandmarkState.CORRECTED
    labels = [entry.label for entry in session.annotations.history(3)]
    assert labels == ["Take 1 landmark from the other views"]
    session.annotations.undo()
    assert session.frames.current_id in (3, 4), "undo goes to a frame that it changes"
    assert human(shoot.path) == {1: [30], 2: [30], 3: [], 4: []}
    session.annotations.redo()
    assert human(shoot.path) == {1: [30], 2: [30], 3: [30], 4: [30]}
    assert takes.everywhere([30]) == 0


def test_undo_stays_at_a_frame_that_it_changes(qtbot: QtBot, rigs: Rigs, session: Session) -> None:
    assert Takes(session, rigs).moment() == 4 * 89
    session.frames.go_to(3)
    session.annotations.undo()
    assert session.frames.current_id == 3
    assert session.annotations.human(1).is_human.sum() == 0


def test_a_take_of_the_face_is_of_this_frame(rigs: Rigs, session: Session, shoot: Shoot) -> None:
    drag(session, 1, 30, [5.0, 6.0])
    assert Takes(session, rigs).here() == 88
    assert {frame: len(found) for frame, found in human(shoot.path).items()} == {1: 89}
    assert session.annotations.human(1).xy[30].tolist() == [5, 6]


def test_taken_points_do_not_vote_until_somebody_agrees_with_them(
    qtbot: QtBot, rigs: Rigs, session: Session, shoot: Shoot
) -> None:
    wait_for_edit(qtbot, rigs, lambda: Takes(session, rigs).moment())
    wait(qtbot, lambda: not rigs.outlook.seen.trusted.any())
    for view in (0, 1):  # two who know better are not outvoted by what was only computed
        wait_for_edit(qtbot, rigs, lambda view=view: drag(session, view + 1, 30, shoot.truth[view, 30] + 10))
    there = rigs.outlook.expected[2:, 30]
    assert np.linalg.norm(there - session.annotations.shown(3).xy[30], axis=-1).min() > 4
    wait_for_edit(
        qtbot, rigs, lambda: session.annotations.submit(3, edits.accept(session.annotations.shown(3), [30]))
    )
    wait(qtbot, lambda: bool(rigs.outlook.seen.trusted[2, 30]))


def test_ones_own_point_goes_where_the_others_see_it_when_asked(
    qtbot: QtBot, rigs: Rigs, session: Session, shoot: Shoot
) -> None:
    for view in (1, 2, 3):
        wait_for_edit(qtbot, rigs, lambda view=view: drag(session, view + 1, 30, shoot.truth[view, 30]))
    wait_for_edit(qtbot, rigs, lambda: drag(session, 1, 30, shoot.truth[0, 30] + 25))
    assert rigs.outlook.apart(0, session.annotations.shown(1).xy)[30] == pytest.approx(25 * 2**0.5, abs=1)
    assert Takes(session, rigs).over_own(30) == 1
    np.testing.assert_allclose(session.annotations.shown(1).xy[30], shoot.truth[0, 30], atol=0.3)


def test_what_a_view_cannot_see_is_marked_when_asked(rigs: Rigs, session: Session) -> None:
    hidden = HiddenPoints(session, rigs)
    wanted = hidden.suggested
    np.testing.assert_array_equal(wanted, np.flatnonzero(rigs.outlook.hidden[0]))
    assert hidden.mark() == len(wanted) > 0
    flags = session.annotations.shown(1).flags & int(Flag.OCCLUDED)
    np.testing.assert_array_equal(np.flatnonzero(flags), wanted)
    assert hidden.mark() == 0


def test_a_disk_that_is_full_keeps_the_whole_take(
    rigs: Rigs, session: Session, shoot: Shoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.store.file.errors import StoreWriteError

    def full(_changes: object) -> None:
        raise StoreWriteError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(session.store.annotations, "commit_guarded", full)
        assert Takes(session, rigs).everywhere([7]) == 4
        assert len(session.annotations.pending) == 4
        assert human(shoot.path) == {}
        assert all(session.annotations.shown(i).state[7] == LandmarkState.CORRECTED for i in (1, 2, 3, 4))
    assert session.annotations.retry()
    assert human(shoot.path) == {i: [7] for i in (1, 2, 3, 4)}


def test_a_frame_of_another_size_is_told_nothing(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    shoot = make_shoot(tmp_path / "b", other_size=True)
    rigs = Rigs(session, session)
    session.open_project(shoot.path)
    for view in (0, 1):
        session.annotations.submit(view + 1, edits.move(range(89), shoot.truth[view]))
    session.frames.go_to(1)
    wait(qtbot, lambda: rigs.outlook is not None and rigs.outlook.seen.trusted[:2].all())
    assert rigs.outlook.fits.tolist() == [True, True, True, False]
    Takes(session, rigs).moment()
    assert sorted(human(shoot.path)) == [1, 2, 3]
