"""Frames with open notes, in the order in which they deserve a look, with what the notes say."""

from annotator.domain.note import Note
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.lists.frame_list import FrameSummary
from annotator.store.project_store import ProjectStore

_NOTES_A_FRAME = 4


def noted_frames(store: ProjectStore, limit: int) -> list[tuple[FrameSummary, list[Note]]]:
    """The first `limit` frames with their open notes: those that are for somebody first."""
    by_frame: dict[int, list[Note]] = {}
    for note in store.notes.open(limit * _NOTES_A_FRAME):
        by_frame.setdefault(note.frame_id, []).append(note)
    frames = {row.frame.id: row for row in store.frames.list(where=FrameFilter(noted=True))}
    return [(frames[frame_id], notes) for frame_id, notes in by_frame.items() if frame_id in frames][:limit]
