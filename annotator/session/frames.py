"""The frames of the open project: the list, the current frame, its pixels."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from PySide6.QtCore import QObject, Qt, Signal

from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.domain.frame_key import FrameKey
from annotator.imaging.preview_mark import mark_of
from annotator.services.project.next_frame import next_uncertain
from annotator.services.project.queue.queues import Queue
from annotator.session.frame_index import FrameIndex
from annotator.session.frame_keys import FrameKeys
from annotator.session.pixels.frame_loader import FrameLoader, LoadedFrame
from annotator.session.pixels.memory import Cache, MemoryBudget
from annotator.store.file.errors import FileLostError, StoreWriteError
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.lists.frame_list import FrameSummary, summarise
from annotator.store.project_store import ProjectStore

_CURRENT = "current_frame"
_AHEAD = 2  # frames each way that are read before anyone comes to them
_WISHED = 60  # previews that are looked for where somebody else writes: about what is in sight


class Frames(QObject):
    """Frames and pixels of the project that is attached."""

    list_changed = Signal()  # the listed frames changed (import, filter): re-read `listed`
    current_changed = Signal(int)  # id of the new current frame, 0 = none
    summary_changed = Signal(int)  # this frame's row in `listed` has new counts, confidence or review state
    image_loaded = Signal(int)  # frame id: `image(frame_id)` has pixels, or better ones than before
    image_failed = Signal(int, str)
    preview_ready = Signal(int)  # frame id: `preview(frame_id)` is there now

    def __init__(
        self,
        keys: FrameKeys,
        memory: MemoryBudget,
        leaving: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """`leaving` is called before another frame becomes the current one."""
        super().__init__(parent)
        self._keys, self._leaving = keys, leaving
        self._store: ProjectStore | None = None
        self._index: FrameIndex | None = None
        self._filter = FrameFilter()
        self._current = 0
        self._ahead = _AHEAD
        self._companion = 0
        self._beside: tuple[int, ...] = ()
        self._without_preview: set[int] = set()  # of the last wish
        self._current_value: Frame | None = None  # views ask for it at every move of the pointer
        self._loader = FrameLoader(keys, self._preview_of, parent=self, reserved=memory.reserved)
        memory.add(Cache("frames", lambda: self._loader.nbytes, self._loader.set_budget, None))
        keys.replaced.connect(self._file_replaced, Qt.ConnectionType.QueuedConnection)
        self._loader.loaded.connect(self.image_loaded)
        self._loader.failed.connect(self.image_failed)
        self._loader.preview_made.connect(self._save_preview)

    def shutdown(self) -> None:
        """End the decoders."""
        self._loader.shutdown()

    @property
    def listed(self) -> FrameIndex:
        """The listed frames in order: index by row, `row_of(id)`, `ids`. `ProjectError` if no project is open."""
        if self._index is None:
            store = self._open_store()
            self._index = FrameIndex(store.frames.list(where=self._filter), store.scheme.size)
        return self._index

    @property
    def filter(self) -> FrameFilter:
        """What `listed` lets through."""
        return self._filter

    def set_filter(self, frame_filter: FrameFilter) -> None:
        """List other frames; the current frame stays current even where it is not listed."""
        self._filter = frame_filter
        self.reload()

    def reload(self) -> None:
        """Read the list anew: the project got other frames, or another program changed it."""
        self._index = None
        self.list_changed.emit()

    @property
    def current_id(self) -> int:
        """Id of the current frame, 0 = none."""
        return self._current

    @property
    def current_row(self) -> int:
        """Row of the current frame, -1 where it is not listed."""
        return -1 if self._store is None else self.listed.row_of(self._current)

    @property
    def current(self) -> Frame | None:
        """The current frame."""
        return self._current_value

    def go_to(self, frame_id: int) -> None:
        """Make a frame the current one; raises `ProjectError` if there is none of that id."""
        if frame_id == self._current:
            return
        self._leaving()
        self._current_value = self._open_store().frames.listed(frame_id) if frame_id else None
        self._current = frame_id
        self._want_pixels()
        self.current_changed.emit(frame_id)

    def go_to_one_of(self, frame_ids: Sequence[int]) -> None:
        """Make the first of some frames the current one, unless one of them is."""
        if self._current not in frame_ids:
            self.go_to(frame_ids[0])

    def go_to_row(self, row: int) -> None:
        """Make the frame of a row the current one; rows outside the list are ignored."""
        if 0 <= row < len(self.listed):
            self.go_to(int(self.listed.ids[row]))

    @property
    def ahead_id(self) -> int:
        """The frame after the current one in the list, 0 where there is none."""
        ahead = self.current_row + 1
        return int(self.listed.ids[ahead]) if 0 < ahead < len(self.listed) else 0

    def next(self) -> bool:
        """Go one row down; False at the end."""
        return self._step(1)

    def previous(self) -> bool:
        """Go one row up; False at the start."""
        return self._step(-1)

    def next_by_state(self, state: str, backwards: bool = False) -> bool:
        """Go to the next frame in a state, going round; False where there is none.

        `uncertain` follows the queue of that name, other states (`next_frame.STATES`) the list.
        """
        if state == Queue.UNCERTAIN:
            listed = next_uncertain(
                self._open_store(), self._current, lambda i: self.listed.row_of(i) >= 0, backwards
            )
            row = self.listed.row_of(listed) if listed else -1
        else:
            row = self.listed.next_by_state(state, self.current_row, backwards)
        self.go_to_row(row)
        return row >= 0

    def camera_before(self, frame_id: int) -> int:
        """The same moment (subject, take, index) by the camera before this one, going round; 0 where there is no other."""
        frame = self._open_store().frames.listed(frame_id)
        taken = self._open_store().frames.list(where=FrameFilter(subject=frame.subject, take=frame.take))
        moment = sorted((row.frame.camera, row.frame.id) for row in taken if row.frame.index == frame.index)
        ids = [each for _, each in moment]
        return ids[ids.index(frame_id) - 1] if len(ids) > 1 and frame_id in ids else 0

    def set_companion(self, frame_id: int) -> None:
        """A frame that is looked at beside the current one (0: none): its pixels are wanted, too."""
        if frame_id != self._companion:
            self._companion = frame_id
            self._want_pixels()

    def set_beside(self, frame_ids: Sequence[int]) -> None:
        """Frames that are looked at closely beside the current one, such as those of other cameras: as `set_companion`."""
        if tuple(frame_ids) != self._beside:
            self._beside = tuple(frame_ids)
            self._want_pixels()

    # ---- pixels

    def image(self, frame_id: int) -> LoadedFrame | None:
        """The best pixels that are there now: full, else the preview, else None; `image_loaded` tells of better ones."""
        return None if self._store is None else self._loader.image(frame_id)

    def preview(self, frame_id: int) -> bytes | None:
        """The stored preview JPEG (longer side 1024), None while there is none of this file; `preview_ready` tells."""
        return self._preview_of(self._keys.of(frame_id))

    def request_previews(self, frame_ids: Sequence[int], ahead: bool = False) -> None:
        """Have previews made in idle times, most wanted first, in place of an earlier wish; `preview_ready` tells of each.

        `ahead`: of frames that may pass by later, a wish of its own.
        """
        if not ahead:
            self._without_preview = set(frame_ids[:_WISHED])
        if self._store is not None and not self._store.read_only:
            self._loader.want_previews(frame_ids, ahead)

    def look_for_previews(self) -> None:
        """Somebody wrote to the project: perhaps previews that were wished for, as a farm makes them."""
        if self._store is None or not self._without_preview:
            return
        with suppress(ProjectError):  # whoever reads next tells of it
            lacking = self._store.previews.lacking(sorted(self._without_preview))
            for frame_id in sorted(self._without_preview.difference(lacking)):
                if self.preview(frame_id) is not None:
                    self._tell_preview(frame_id)

    def set_prefetch(self, ahead: int) -> None:
        """How many frames each way are read before anyone comes to them; 0 for none."""
        self._ahead = ahead

    # ---- for Session

    def attach(self, store: ProjectStore) -> None:
        """Work on a project; no frame is current until `go_where_left`."""
        self._store = store
        self._index, self._current, self._filter = None, 0, FrameFilter()
        self._current_value, self._companion, self._beside = None, 0, ()
        self._without_preview.clear()

    def go_where_left(self) -> None:
        """Make the frame the current one at which the project was left."""
        store, ids = self._open_store(), self.listed.ids
        kept = store.settings.get(_CURRENT, 0)
        left = kept if isinstance(kept, int) else 0
        if len(ids):
            self.go_to(left if self.listed.row_of(left) >= 0 else int(ids[0]))
        else:
            self.current_changed.emit(0)

    def detach(self) -> None:
        """Forget pixels and frames; the project keeps the frame where it was left."""
        self._remember_frame(self._open_store())
        self._loader.clear()
        self._index, self._current, self._current_value = None, 0, None
        self.current_changed.emit(0)
        self._store = None

    def forget_pixels(self) -> None:
        """The captures lie elsewhere now, or have another size: read again what is looked at."""
        self._loader.clear()
        if self._current:
            self._current_value = self._open_store().frames.get(self._current)
        self._want_pixels()
        if self._current:
            self.current_changed.emit(self._current)

    def update_summary(self, summary: FrameSummary) -> None:
        """A frame's row has new values."""
        if self.listed.update(summary) >= 0:
            self.summary_changed.emit(summary.frame.id)

    def read_row(self, frame_id: int) -> None:
        """A frame's row is another one in the project, as a model proposed it."""
        if self._store is not None:
            try:
                self.update_summary(self._store.frames.summary(frame_id))
            except ProjectError as error:
                if not isinstance(error, FileLostError):  # whoever looks after the file tells of it
                    self._store.left_out.add(error)

    def count_anew(self, frame_id: int, annotation: Annotation) -> None:
        """People set something else in a frame, on disk or not yet: its row tells."""
        row = self.listed.row_of(frame_id)
        if row >= 0:
            with suppress(ProjectError):  # its row stays as it is
                self.update_summary(summarise(self.listed[row], annotation))

    def _neighbours(self) -> Sequence[int]:
        """The current frame, then the next and previous ones, nearest first."""
        ids, row = self.listed.ids, self.current_row
        steps = [sign * distance for distance in range(1, self._ahead + 1) for sign in (1, -1)]
        near = [] if row < 0 else [int(ids[row + step]) for step in steps if 0 <= row + step < len(ids)]
        wanted = [self._current, self._companion, *self._beside, *near]
        return [frame_id for frame_id in dict.fromkeys(wanted) if frame_id]

    def _file_replaced(self, frame_id: int) -> None:
        """Whoever asked saw it first; the pixels follow."""
        if self._store is not None and frame_id in self._neighbours():
            self._want_pixels()

    def _want_pixels(self) -> None:
        self._loader.want(self._neighbours())

    def _step(self, count: int) -> bool:
        row = self.current_row + count
        if not 0 <= row < len(self.listed):
            return False
        self.go_to_row(row)
        return True

    def _preview_of(self, key: FrameKey) -> bytes | None:
        """The stored preview unless it says that it was made from another file; where the file is away it will do."""
        jpeg = self._open_store().previews.get(key.frame_id)
        mark = None if jpeg is None else mark_of(jpeg)
        is_other = mark is not None and key.has_file and mark != (key.nbytes, key.mtime_ns)
        return None if is_other else jpeg

    def _save_preview(self, key: FrameKey, jpeg: bytes) -> None:
        if self._store is not None and not self._store.read_only and self._keys.fits(key):
            try:
                self._store.previews.save(key.frame_id, jpeg)
            except StoreWriteError:
                return  # a full disk is told of where it costs the artist something: at the next edit
            self._tell_preview(key.frame_id)

    def _tell_preview(self, frame_id: int) -> None:
        self._without_preview.discard(frame_id)
        self.preview_ready.emit(frame_id)

    def _remember_frame(self, store: ProjectStore) -> None:
        if not store.read_only and self._current:
            try:
                store.settings.set(_CURRENT, self._current)
            except StoreWriteError:
                return  # only a convenience

    def _open_store(self) -> ProjectStore:
        if self._store is None:
            raise ProjectError("no project is open")
        return self._store
