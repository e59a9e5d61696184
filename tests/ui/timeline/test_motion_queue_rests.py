"""How frames move is asked once the hand rests: an edit does not wait for it, and no project is closed without it."""

from pathlib import Path

import pytest
from moving_take import moving_take, proposal, truth
from pytestqt.qtbot import QtBot

from annotator.domain import edits
from annotator.services.project.queue.queues import Queue, read_queue
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

JUMPS, LANDMARK = 6, 4


@pytest.fixture
def jumping(tmp_path: Path, session: Session) -> Session:
    """Twelve frames whose ids are their numbers; in the sixth one landmark's proposal jumps."""
    path = moving_take(tmp_path, 12)
    with ProjectStore.open(path) as store:
        xy = truth(JUMPS) + (3.0, 0.0)
        xy[LANDMARK] += (20, 0)
        store.proposals.save(JUMPS, proposal(xy))
    session.open_project(path)
    return session


def listed(store: ProjectStore) -> list[int]:
    return [item.frame.id for item in read_queue(store, Queue.MOTION).items]


def mend(session: Session) -> None:
    session.annotations.submit(JUMPS, edits.move([LANDMARK], [truth(JUMPS)[LANDMARK] + (3.0, 0.0)]))


def test_a_mended_frame_leaves_the_queue_when_the_hand_rests(jumping: Session, qtbot: QtBot) -> None:
    assert listed(jumping.store) == [JUMPS]
    mend(jumping)
    qtbot.waitUntil(lambda: listed(jumping.store) == [])


def test_closing_the_project_does_not_wait_for_that(jumping: Session) -> None:
    path = jumping.path
    mend(jumping)
    jumping.close_project()
    with ProjectStore.open(path) as store:
        assert listed(store) == []
