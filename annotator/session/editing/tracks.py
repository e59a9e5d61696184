"""What was tracked of the frames that are shown, read once."""

from annotator.domain.takes.track import Track
from annotator.store.project_store import ProjectStore

_KEPT = 512


class Tracks:
    """The track layer of the open project; without one nothing was tracked."""

    def __init__(self) -> None:
        self._store: ProjectStore | None = None
        self._known: dict[int, Track | None] = {}

    def attach(self, store: ProjectStore | None) -> None:
        """Work on another project (None: on none)."""
        self._store = store
        self._known.clear()

    def get(self, frame_id: int) -> Track | None:
        """What was tracked of a frame, None for nothing."""
        if self._store is None:
            return None
        if frame_id not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[frame_id] = self._store.tracks.get(frame_id)
        return self._known[frame_id]

    def forget(self) -> None:
        """Read the layer anew: somebody tracked. Whoever shows frames must be told by `Annotations.changed`."""
        self._known.clear()
