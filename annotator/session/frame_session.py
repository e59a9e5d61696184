"""The frames of the open project: the list, the current frame, its pixels."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from annotator.domain.capture import Frame
from annotator.domain.frame_key import FrameKey
from annotator.imaging.preview_mark import mark_of
from annotator.services.project.next_frame import next_uncertain
from annotator.services.project.queues import Queue
from annotator.session.frame_index import FrameIndex
from annotator.session.frame_keys import FrameKeys
from annotator.session.frame_loader import FrameLoader, LoadedFrame
from annotator.session.memory import Cache, MemoryBudget
from annotator.session.project_session import ProjectSession
from annotator.store.errors import StoreWriteError
from annotator.store.frame_filter import FrameFilter
from annotator.store.frame_list import FrameSummary
from annotator.store.project_store import ProjectStore

_CURRENT = "current_frame"
_AHEAD = 2  # frames each way that are read before anyone comes to them


class FrameSession(ProjectSession):
    """Frames and pixels; `Session` adds editing, models and jobs."""

    frames_changed = Signal()  # the listed frames changed (import, filter): re-read `frames`
    frame_changed = Signal(int)  # id of the new current frame, 0 = none
    summary_changed = Signal(int)  # this frame's row in `frames` has new counts, confidence or review state
    image_loaded = Signal(int)  # frame id: `image(frame_id)` has pixels, or better ones than before
    image_failed = Signal(int, str)
    preview_ready = Signal(int)  # frame id: `preview(frame_id)` is there now

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._index: FrameIndex | None = None
        self._filter = FrameFilter()
        self._current = 0
        self._ahead = _AHEAD
        self._companion = 0
        self._current_frame: Frame | None = None  # views ask for it at every move of the pointer
        self.memory = MemoryBudget(self)
        self.keys = FrameKeys(self)  # what every request carries, and every answer is held against
        self._loader = FrameLoader(self.keys, self._preview_of, parent=self, reserved=self.memory.reserved)
        self.memory.add(Cache("frames", lambda: self._loader.nbytes, self._loader.set_budget, None))
        self.keys.replaced.connect(self._file_replaced, Qt.ConnectionType.QueuedConnection)
        self._loader.loaded.connect(self.image_loaded)
        self._loader.failed.connect(self.image_failed)
        self._loader.preview_made.connect(self._save_preview)

    def shutdown(self) -> None:
        """As in `ProjectSession`, and end the decoders."""
        self.keys.attach(None)
        self._loader.shutdown()
        super().shutdown()

    @property
    def frames(self) -> FrameIndex:
        """The listed frames in order: index by row, `row_of(id)`, `ids`. `ProjectError` if no project is open."""
        if self._index is None:
            self._index = FrameIndex(self.store.frames.list(where=self._filter), self.scheme.size)
        return self._index

    @property
    def filter(self) -> FrameFilter:
        """What `frames` lets through."""
        return self._filter

    def set_filter(self, frame_filter: FrameFilter) -> None:
        """List other frames; the current frame stays current even where it is not listed."""
        self._filter = frame_filter
        self.reload_frames()

    def reload_frames(self) -> None:
        """Read the list anew: the project got other frames, or another program changed it."""
        self._index = None
        self.frames_changed.emit()

    def facets(self) -> dict[str, list[str]]:
        """{"subject": [...], "take": [...], "camera": [...]}: the tokens that occur, for the filter boxes."""
        return self.store.frames.facets()

    def row_of(self, frame_id: int) -> int:
        """Row of a frame in `frames`, -1 where it is not listed."""
        return self.frames.row_of(frame_id)

    @property
    def current_id(self) -> int:
        """Id of the current frame, 0 = none."""
        return self._current

    @property
    def current_row(self) -> int:
        """Row of the current frame, -1 where it is not listed."""
        return self.frames.row_of(self._current) if self.is_open else -1

    @property
    def current_frame(self) -> Frame | None:
        """The current frame."""
        return self._current_frame

    def frame_path(self, frame_id: int) -> Path:
        """Absolute path of a frame's file."""
        return self.store.frames.path(frame_id)

    def go_to(self, frame_id: int) -> None:
        """Make a frame the current one; raises `ProjectError` if there is none of that id."""
        if frame_id == self._current:
            return
        self.end_gestures()
        self._current_frame = self.store.frames.get(frame_id) if frame_id else None
        self._current = frame_id
        self._want_pixels()
        self.frame_changed.emit(frame_id)

    def go_to_row(self, row: int) -> None:
        """Make the frame of a row the current one; rows outside the list are ignored."""
        if 0 <= row < len(self.frames):
            self.go_to(int(self.frames.ids[row]))

    def next_frame(self) -> bool:
        """Go one row down; False at the end."""
        return self._step(1)

    def previous_frame(self) -> bool:
        """Go one row up; False at the start."""
        return self._step(-1)

    def next_by_state(self, state: str, backwards: bool = False) -> bool:
        """Go to the next frame in a state, going round; False where there is none.

        `uncertain` follows the queue of that name, other states (`next_frame.STATES`) the list.
        """
        if state == Queue.UNCERTAIN:
            listed = next_uncertain(self.store, self._current, lambda i: self.row_of(i) >= 0, backwards)
            row = self.row_of(listed) if listed else -1
        else:
            row = self.frames.next_by_state(state, self.current_row, backwards)
        self.go_to_row(row)
        return row >= 0

    def camera_before(self, frame_id: int) -> int:
        """The same moment (subject, take, index) by the camera before this one, going round; 0 where there is no other."""
        frame = self.store.frames.get(frame_id)
        taken = self.store.frames.list(where=FrameFilter(subject=frame.subject, take=frame.take))
        moment = sorted((row.frame.camera, row.frame.id) for row in taken if row.frame.index == frame.index)
        ids = [each for _, each in moment]
        return ids[ids.index(frame_id) - 1] if len(ids) > 1 and frame_id in ids else 0

    def set_companion(self, frame_id: int) -> None:
        """A frame that is looked at beside the current one (0: none): its pixels are wanted, too."""
        if frame_id != self._companion:
            self._companion = frame_id
            self._want_pixels()

    # ---- pixels

    def image(self, frame_id: int) -> LoadedFrame | None:
        """The best pixels that are there now: full, else the preview, else None; `image_loaded` tells of better ones."""
        return self._loader.image(frame_id) if self.is_open else None

    def preview(self, frame_id: int) -> bytes | None:
        """The stored preview JPEG (longer side 1024), None while there is none of this file; `preview_ready` tells."""
        return self._preview_of(self.keys.of(frame_id))

    def request_previews(self, frame_ids: Sequence[int]) -> None:
        """Have previews made in idle times, most wanted first, in place of an earlier wish; `preview_ready` tells of each."""
        if self.is_open and not self.store.read_only:
            self._loader.want_previews(frame_ids)

    def set_prefetch(self, ahead: int) -> None:
        """How many frames each way are read before anyone comes to them; 0 for none."""
        self._ahead = ahead

    def set_memory_budget(self, nbytes: int) -> None:
        """Bytes that decoded frames and all other caches of the window may take together."""
        self.memory.set_total(nbytes)

    # ---- for Session

    def _attach(self, store: ProjectStore) -> None:
        """Show a project that was opened, at the frame where it was left."""
        self._index, self._current, self._filter = None, 0, FrameFilter()
        self._current_frame, self._companion = None, 0
        super()._attach(store)
        ids = self.frames.ids
        left = int(store.settings.get(_CURRENT, 0))
        if len(ids):
            self.go_to(left if self.row_of(left) >= 0 else int(ids[0]))
        else:
            self.frame_changed.emit(0)

    def _detach(self) -> None:
        """Forget pixels and frames; remember the frame where the project was left."""
        self._remember_frame(self.store)
        self._loader.clear()
        self._index, self._current, self._current_frame = None, 0, None
        self.frame_changed.emit(0)
        super()._detach()

    def _update_summary(self, summary: FrameSummary) -> None:
        if self.frames.update(summary) >= 0:
            self.summary_changed.emit(summary.frame.id)

    def _neighbours(self) -> Sequence[int]:
        """The current frame, then the next and previous ones, nearest first."""
        ids, row = self.frames.ids, self.current_row
        steps = [sign * distance for distance in range(1, self._ahead + 1) for sign in (1, -1)]
        near = [] if row < 0 else [int(ids[row + step]) for step in steps if 0 <= row + step < len(ids)]
        wanted = [self._current, self._companion, *near]
        return [frame_id for frame_id in dict.fromkeys(wanted) if frame_id]

    def _file_replaced(self, frame_id: int) -> None:
        """Whoever asked saw it first; the pixels follow."""
        if self.is_open and frame_id in self._neighbours():
            self._want_pixels()

    def _want_pixels(self) -> None:
        self._loader.want(self._neighbours())

    def _step(self, count: int) -> bool:
        row = self.current_row + count
        if not 0 <= row < len(self.frames):
            return False
        self.go_to_row(row)
        return True

    def _preview_of(self, key: FrameKey) -> bytes | None:
        """The stored preview unless it says that it was made from another file; where the file is away it will do."""
        jpeg = self.store.previews.get(key.frame_id)
        mark = None if jpeg is None else mark_of(jpeg)
        is_other = mark is not None and key.has_file and mark != (key.nbytes, key.mtime_ns)
        return None if is_other else jpeg

    def _save_preview(self, key: FrameKey, jpeg: bytes) -> None:
        if self._store is not None and not self._store.read_only and self.keys.fits(key):
            try:
                self._store.previews.save(key.frame_id, jpeg)
            except StoreWriteError:
                return  # a full disk is told of where it costs the artist something: at the next edit
            self.preview_ready.emit(key.frame_id)

    def _remember_frame(self, store: ProjectStore) -> None:
        if not store.read_only and self._current:
            try:
                store.settings.set(_CURRENT, self._current)
            except StoreWriteError:
                return  # only a convenience
