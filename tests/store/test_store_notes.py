"""Notes of a project: kept, settled, taken back, listed for queues and filters."""

import sqlite3
from contextlib import closing

import pytest

from annotator.domain.note import Note, NoteKind
from annotator.services.project.queue.queues import Queue, read_queue
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.project_store import ProjectStore


def test_notes_are_kept_settled_and_taken_back(store: ProjectStore) -> None:
    first, second = (row.frame.id for row in list(store.frames.list())[:2])
    name = store.scheme.names[1]
    ours = store.notes.add(Note(first, "too high", name), "ann")
    theirs = store.notes.add(Note(second, "mouth", kind=NoteKind.NEEDS_WORK, assignee="Ben"), "ann")
    assert [(note.line, note.settled) for note in store.notes.of_frame(first)] == [
        (f"{name}: too high (ann)", "")
    ]
    assert [note.id for note in store.notes.open(9)] == [theirs, ours], "those for somebody come first"
    assert store.notes.words() == (["Ben"], [])
    store.notes.settle(theirs)
    assert store.notes.frames_open() == 1
    store.notes.settle(theirs, False)
    store.notes.remove(ours)
    assert [note.id for note in store.notes.open(9)] == [theirs]


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ({"noted": True}, [0, 1]),
        ({"assigned": "ben"}, [1]),
        ({"assigned": ""}, [1]),
        ({"assigned": "zoe"}, []),
    ],
)
def test_frames_are_filtered_by_open_notes(
    store: ProjectStore, wanted: dict[str, object], rows: list[int]
) -> None:
    ids = [row.frame.id for row in store.frames.list()]
    store.notes.add(Note(ids[0], "look"))
    store.notes.add(Note(ids[1], "look", assignee="Ben"))
    found = [row.frame.id for row in store.frames.list(where=FrameFilter(**wanted))]
    assert found == [ids[row] for row in rows]


def test_the_queue_of_notes_says_what_they_say(store: ProjectStore) -> None:
    assert read_queue(store, Queue.NOTES).why == "No frame has an open note."
    first, second = (row.frame.id for row in list(store.frames.list())[:2])
    store.notes.add(Note(first, "too high", store.scheme.names[1]), "ann")
    store.notes.add(Note(second, "redo", assignee="Ben"), "ann")
    page = read_queue(store, Queue.NOTES)
    assert [item.frame.id for item in page.items] == [second, first]
    assert page.items[0].reason == "for Ben · redo (ann)"
    assert page.items[1].landmarks == (1,)
    assert page.total == 2


def test_a_damaged_note_is_left_out(store: ProjectStore) -> None:
    frame_id = store.frames.list()[0].frame.id
    store.notes.add(Note(frame_id, "fine"))
    with closing(sqlite3.connect(store.path)) as raw, raw:
        raw.execute("INSERT INTO review_note VALUES (9, ?, '', '', '', 77, 'x', '', NULL)", (frame_id,))
    assert [note.text for note in store.notes.of_frame(frame_id)] == ["fine"]
