"""Frames, filters, places, settings, previews."""

from pathlib import Path

import numpy as np
import pytest
from store_helpers import frame, make_proposal

from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.store.history.changes import Change
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.project_store import ProjectStore


def ids(store: ProjectStore, **conditions: object) -> list[int]:
    return [row.frame.id for row in store.frames.list(where=FrameFilter(**conditions))]  # type: ignore[arg-type]


def edit(store: ProjectStore, frame_id: int, *changes: edits.Edit) -> None:
    before = store.annotations.get(frame_id)
    after = before
    for change in changes:
        after, _ = edits.apply(change, after)
    store.annotations.commit(Change(frame_id, before, after, "test"))


def test_frames_come_in_capture_order_with_numbers_as_numbers(store: ProjectStore) -> None:
    assert ids(store) == [2, 1, 3, 4]
    assert [row.frame.index for row in store.frames.list(subject="ada", camera="left")] == ["9", "10"]


def test_known_paths_are_skipped(store: ProjectStore) -> None:
    assert store.frames.add([frame("bob/left/1.jpg", "bob"), frame("new.jpg"), frame("new.jpg")]) == 1
    assert store.frames.count() == 5
    assert store.frames.by_path()["new.jpg"] == 5
    assert store.frames.get(4).camera == "left"


def test_a_list_slices_and_gives_ids(store: ProjectStore) -> None:
    listed = store.frames.list()
    assert listed.ids.tolist() == [2, 1, 3, 4]
    assert [row.frame.id for row in listed[1:3]] == [1, 3]
    assert listed[-1].frame.subject == "bob"


def test_the_frames_of_a_moment_are_those_of_all_cameras(store: ProjectStore) -> None:
    one = store.frames.get(1)
    other = frame("x.jpg", "bob", "top", one.index)
    store.frames.add([frame("y.jpg", one.subject, "top", one.index), other])
    found = list(store.frames.of_moment(one.subject, one.take, one.index))
    assert [seen.camera for seen in found if seen.camera in (one.camera, "top")] == [one.camera, "top"]
    assert all((seen.subject, seen.take, seen.index) == (one.subject, one.take, one.index) for seen in found)
    assert list(store.frames.of_moment("nobody", "", "")) == []


def test_filters(store: ProjectStore) -> None:
    edit(store, 1, edits.move(range(5), np.full((5, 2), 7)), edits.set_review(ReviewState.APPROVED))
    edit(store, 3, edits.move([4], [[1, 2]]))
    edit(store, 4, edits.set_flags(store.annotations.get(4), [0], Flag.OCCLUDED, True))
    assert ids(store, review=ReviewState.APPROVED) == [1]
    assert ids(store, review=ReviewState.UNREVIEWED) == [2, 3, 4]
    assert ids(store, touched=True) == [1, 3]
    assert ids(store, touched=False) == [2, 4]
    assert ids(store, finished=True) == [1]
    assert ids(store, finished=False) == [2, 3, 4]
    assert ids(store, flagged=True) == [4]
    assert ids(store, text="LEFT/") == [2, 1, 4]
    assert ids(store, text="%") == []
    assert ids(store, subject="ada", touched=True) == [1, 3]


def test_filters_by_what_the_active_model_proposed(store: ProjectStore, scheme: LandmarkScheme) -> None:
    for model in ("a", "b"):
        store.models.add(ModelCard(model, scheme.id, {}), store.path.parent / model)
    store.proposals.save(1, make_proposal(scheme, "a", confidence=0.9))
    store.proposals.save(2, make_proposal(scheme, "a", confidence=0.25))
    store.proposals.save(3, make_proposal(scheme, "b", confidence=0.5))
    assert ids(store, proposed=True) == []
    store.models.activate("a")
    assert ids(store, proposed=True) == [2, 1]
    assert ids(store, proposed=False) == [3, 4]
    assert ids(store, confidence_below=0.5) == [2]
    assert ids(store, least_certain_first=True)[:2] == [2, 1]
    assert store.frames.summary(2).mean_confidence == 0.25
    assert store.frames.summary(3).mean_confidence is None


def test_counts_follow_edits(store: ProjectStore) -> None:
    edit(store, 2, edits.move([0, 1], [[1, 2], [3, 4]]))
    edit(store, 2, edits.accept(store.annotations.get(2), [1]))
    counts = store.frames.summary(2).counts
    assert (counts.corrected, counts.confirmed, counts.missing, counts.human, counts.total) == (1, 1, 3, 2, 5)


def test_unknown_frames_are_named(store: ProjectStore) -> None:
    for ask in (store.frames.get, store.frames.summary, store.frames.path):
        with pytest.raises(ProjectError, match="99"):
            ask(99)
    empty = Annotation.empty(store.scheme)
    after, _ = edits.apply(edits.move([0], [[1, 1]]), empty)
    with pytest.raises(ProjectError, match="FOREIGN KEY"):
        store.annotations.commit(Change(99, empty, after, "nowhere"))


def test_captures_may_move_with_the_project_or_alone(store: ProjectStore, tmp_path: Path) -> None:
    assert store.frames.path(4) == tmp_path / "captures" / "bob/left/1.jpg"
    store.close()
    moved = tmp_path.rename(tmp_path.with_name(tmp_path.name + "-moved"))
    with ProjectStore.open(moved / "show.annotator") as again:
        assert again.frames.path(4) == moved / "captures" / "bob/left/1.jpg"
        elsewhere = moved / "other"
        elsewhere.mkdir()
        again.frames.relink(elsewhere)
        with pytest.raises(ProjectError, match="not a folder"):
            again.frames.relink(moved / "nowhere")
    with ProjectStore.open(moved / "show.annotator") as again:
        assert again.frames.path(4) == elsewhere / "bob/left/1.jpg"


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.jpg", "a/../../b.jpg", "C:/x.jpg", "..\\x.jpg"])
def test_a_forged_path_never_leaves_the_capture_root(store: ProjectStore, path: str) -> None:
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE frame SET path = ? WHERE id = 1", (path,))
    with pytest.raises(ProjectError, match="must"):
        store.frames.path(1)
    with pytest.raises(ProjectError, match="must"):
        store.frames.summary(1)


def test_a_forged_capture_root_never_leaves_the_project_folder(store: ProjectStore) -> None:
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE project SET capture_root = '../..'")
    with pytest.raises(ProjectError, match="outside"):
        ProjectStore.open(store.path)


def test_settings_and_previews(store: ProjectStore) -> None:
    assert store.settings.get("view", "none") == "none"
    store.settings.set("view", {"zoom": [1, 2.5, None]})
    store.settings.set("view", {"zoom": [1, 2.5, None], "on": True})
    assert store.settings.get("view") == {"zoom": [1, 2.5, None], "on": True}
    assert store.previews.get(1) is None
    store.previews.save(1, b"old")
    store.previews.save(1, b"new")
    assert store.previews.get(1) == b"new"


def test_what_cannot_be_made_or_opened_says_so(store: ProjectStore, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="exists already"):
        ProjectStore.create(store.path, store.scheme, tmp_path)
    with pytest.raises(ProjectError, match="not a folder"):
        ProjectStore.create(tmp_path / "no" / "x.annotator", store.scheme, tmp_path)
    with pytest.raises(ProjectError, match="cannot be opened"):
        ProjectStore.open(tmp_path / "missing.annotator")
    assert not (tmp_path / "missing.annotator").exists()


def test_a_list_of_many_reads_only_the_pages_that_are_looked_at(
    tmp_path: Path, scheme: LandmarkScheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProjectStore.create(tmp_path / "many.annotator", scheme, tmp_path) as store:
        store.frames.add(frame(f"{number:04d}.jpg") for number in range(1000))
        edit(store, 701, edits.move(range(5), np.full((5, 2), 7)))
        reads: list[int] = []
        read = store.frames._summaries
        monkeypatch.setattr(
            store.frames, "_summaries", lambda ids, model_id: (reads.append(len(ids)), read(ids, model_id))[1]
        )
        listed = store.frames.list()
        assert (len(listed), reads) == (1000, [])
        assert listed.human[700] == 5
        assert listed[700].counts.corrected == 5
        assert [row.frame.path for row in listed[998:]] == ["0998.jpg", "0999.jpg"]
        assert sum(reads) <= 512 + 2
        with pytest.raises(IndexError):
            _ = listed[1000]
