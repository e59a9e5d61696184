"""The keys of the open project's frames: what requests carry, and what answers are held against."""

from collections import OrderedDict

from PySide6.QtCore import QObject, Signal

from annotator.domain.errors import ProjectError
from annotator.domain.frame_key import FrameKey
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore

_KEPT = 4096


class FrameKeys(QObject):
    """Each frame's key as it was last looked at; a request looks, everything else goes by what it saw."""

    replaced = Signal(int)  # frame id: its file is another one than when it was last looked at

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store: ProjectStore | None = None
        self._known: OrderedDict[int, FrameKey] = OrderedDict()

    @property
    def project(self) -> str:
        """Identity of the open project, empty while there is none."""
        return "" if self._store is None else self._store.identity

    def attach(self, store: ProjectStore | None) -> None:
        """Another project (None: none)."""
        self._store = store
        self._known.clear()

    def forget(self) -> None:
        """The captures lie elsewhere now."""
        self._known.clear()

    def of(self, frame_id: int) -> FrameKey:
        """The key as it was last looked at; raises `ProjectError` if there is no such frame."""
        return self._known.get(frame_id) or self.look(frame_id)

    def look(self, frame_id: int) -> FrameKey:
        """The key with the frame's file as it is now; raises `ProjectError` if there is no such frame."""
        if self._store is None:
            raise ProjectError("no project is open")
        known = self._known.pop(frame_id, None)
        key = self._known[frame_id] = (known or frame_key(self._store, frame_id)).now()
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        if known is not None and known != key:
            self.replaced.emit(frame_id)
        return key

    def size_of(self, frame_id: int) -> tuple[int, int] | None:
        """Width and height in px that a frame had when it was last looked at; None where it was not."""
        known = self._known.get(frame_id)
        return None if known is None else (known.width, known.height)

    def fits(self, key: FrameKey) -> bool:
        """Whether an answer under that key is for the open project, and for the file that was last seen."""
        try:
            return key.project == self.project and self.of(key.frame_id) == key
        except ProjectError:
            return False  # the project has no such frame any more
