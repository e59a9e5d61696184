"""A project that is open in this process stays locked against others, whatever else here looks at it."""

import subprocess
import sys
from pathlib import Path

from annotator.domain.annotation import Annotation
from annotator.domain.edits import apply, move
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

_VISIT = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('select * from frame').fetchall(); c.close()"


def test_a_second_look_here_and_a_visit_from_elsewhere_leave_the_open_project_whole(
    store: ProjectStore,
) -> None:
    """On POSIX, closing any handle of a file drops all locks of the process: then the visitor would take the log away."""
    frame = store.frames.list()[0].frame.id
    before = store.annotations.get(frame)
    after = apply(move([0], [[5.0, 6.0]]), before)[0]
    store.annotations.commit(Change(frame, before, after, "Move"))
    with ProjectStore.open(store.path, read_only=True) as second:
        assert second.annotations.get(frame) == after
    subprocess.run([sys.executable, "-c", _VISIT, str(store.path)], check=True)
    assert Path(f"{store.path}-wal").exists(), "the visitor was not the last to leave"
    again: Annotation = apply(move([1], [[7.0, 8.0]]), after)[0]
    store.annotations.commit(Change(frame, after, again, "Move"))
    with ProjectStore.open(store.path, read_only=True) as other:
        assert other.annotations.get(frame) == again
