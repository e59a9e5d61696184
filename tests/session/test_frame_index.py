"""The listed frames of the window: rows by id, and rows that are brought up to date."""

from pathlib import Path

import numpy as np

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.session.frame_index import FrameIndex
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore


def test_the_index_follows_edits_and_knows_no_other_frames(tmp_path: Path) -> None:
    frames = [Frame(0, f"{s}/{n}.jpg", s, "", "", str(n), 64, 48) for s in ("ben", "ada") for n in (2, 1)]
    with ProjectStore.create(tmp_path / "p.annotator", load_scheme("ibug-68"), tmp_path) as store:
        store.frames.add(frames)
        index = FrameIndex(store.frames.list(subject="ada"), store.scheme.size)
        assert [index.row_of(frame_id) for frame_id in (4, 3, 1, 2, 99, 0)] == [0, 1, -1, -1, -1, -1]
        assert index[1].counts.human == 0
        before = store.annotations.get(3)
        after = edits.apply(edits.move([0, 1], np.full((2, 2), 7.0)), before)[0]
        store.annotations.commit(Change(3, before, after, "test"))
        assert index.update(store.frames.summary(3)) == 1
        assert index[1].counts.corrected == 2
        assert index.next_by_state("untouched", 1) == 0
        assert FrameIndex(store.frames.list(subject="nobody"), 68).row_of(1) == -1
