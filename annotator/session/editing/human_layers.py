"""What people set in the frames that were looked at last, edits that wait for the disk included."""

from collections.abc import Iterable

from cachetools import LRUCache

from annotator.domain.annotation import Annotation
from annotator.domain.errors import ProjectError
from annotator.session.editing.pending import PendingEdits
from annotator.store.project_store import ProjectStore

_KEPT = 512


class HumanLayers:
    """Reads a frame's human layer once, and keeps it until another one is put in its place."""

    def __init__(self, pending: PendingEdits) -> None:
        self._pending = pending
        self._kept: LRUCache[int, Annotation] = LRUCache(_KEPT)

    def of(self, store: ProjectStore, frame_id: int) -> Annotation:
        """The layer of a frame of the open project."""
        value = self._kept.get(frame_id)
        if value is None:
            value = self._kept[frame_id] = self.with_waiting(frame_id, _stored(store, frame_id))
        return value

    def put(self, frame_id: int, value: Annotation) -> bool:
        """Keep what a frame holds now; whether that is news."""
        is_news = self._kept.get(frame_id) != value
        self._kept[frame_id] = value
        return is_news

    def forget(self, frame_ids: Iterable[int] | None = None) -> None:
        """Read some frames anew (None: all)."""
        if frame_ids is None:
            self._kept.clear()
        else:
            for frame_id in frame_ids:
                self._kept.pop(frame_id, None)

    def with_waiting(self, frame_id: int, value: Annotation) -> Annotation:
        """What a frame holds, once that is written which waits for the disk."""
        for change in self._pending.waiting:
            if change.frame_id == frame_id:
                value = change.applied_to(value)
        return value


def _stored(store: ProjectStore, frame_id: int) -> Annotation:
    """What the project holds; nothing where its row is damaged, which is told. The project refuses edits of such a frame, so
    that nothing is written over what may be repaired."""
    try:
        return store.annotations.get(frame_id)
    except ProjectError as error:
        store.left_out.add(error)
        return Annotation.empty(store.scheme)
