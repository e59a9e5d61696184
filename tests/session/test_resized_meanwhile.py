"""A picture gets another size while an edit of it waits for the disk: its places mean nothing any more, and are not written."""

import sqlite3
from contextlib import closing

from pytestqt.qtbot import QtBot
from session_files import HEIGHT, WIDTH

from annotator.domain import edits
from annotator.session.session import Session

WAIT = 30_000


def test_an_edit_that_waited_is_refused_and_told(placed: Session, qtbot: QtBot) -> None:
    """As where `annotator update` writes at the moment at which a drag ends."""
    before = placed.store.annotations.get(1)
    refused: list[str] = []
    placed.annotations.refused.connect(refused.append)
    with closing(sqlite3.connect(placed.path, isolation_level=None, timeout=5)) as other:
        other.execute("begin immediate")
        placed.annotations.submit(1, edits.move([0], [[300.0, 200.0]]))
        placed.annotations.submit(2, edits.move([0], [[30.0, 20.0]]))
        assert len(placed.annotations.pending) == 2
        other.execute("update frame set width = ?, height = ? where id = 1", (WIDTH // 2, HEIGHT // 2))
        other.execute("commit")
    qtbot.waitUntil(lambda: not len(placed.annotations.pending), timeout=WAIT)
    assert placed.store.annotations.get(1) == before
    assert placed.store.annotations.get(2).xy[0].tolist() == [30, 20]
    assert refused == ["Another program gave ada / left / 1 another size just now: look at it again first"]
    qtbot.waitUntil(lambda: placed.annotations.human(1) == before, timeout=WAIT)
    assert not placed.annotations.conflicts
