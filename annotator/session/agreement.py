"""Proposals that agree, in the window: the cameras of the moment that is shown are asked in a thread whenever it is due."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance, Slot

from annotator.domain.errors import AnnotatorError
from annotator.services.rigs.agreement import ask, proposals_agree, set_proposals_agree
from annotator.services.rigs.moments import moment_of
from annotator.session.editing.annotations import Annotations
from annotator.session.frames import Frames
from annotator.session.proposals import Proposals
from annotator.store.file.errors import FileLostError, StoreWriteError
from annotator.store.project_store import ProjectStore

_LOG = logging.getLogger(__name__)
_REST_MS = 300
"""After the last edit: a hand that goes on to the next landmark does not share the processor with what follows from the last."""


class Shown(Protocol):
    """What of the session it follows, and is shown by."""

    annotations: Annotations
    frames: Frames
    proposals: Proposals
    message: SignalInstance


class Agreement(QObject):
    """Follows edits and proposals, once the hand rests. It is due where what was taken holds no longer and, of the frame that
    is shown, where the project wants it always.

    The model's own points stay in the project, and nothing of it touches what a person set.
    """

    changed = Signal()  # the switch
    _asked = Signal(object, object, str)  # the store it was asked of, frame ids that were written, trouble

    def __init__(self, session: Shown) -> None:
        super().__init__(session if isinstance(session, QObject) else None)
        self._proposals, self._message = session.proposals, session.message
        self._frames = session.frames
        self._store: ProjectStore | None = None
        self._enabled = False
        self._waiting: set[int] = set()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="agree")
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._begin)
        self._untold: list[int] = []  # frames of which something new is to be shown
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._tell_one)
        session.annotations.changed.connect(self.look)
        session.frames.current_changed.connect(self.look)
        self._asked.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def attach(self, store: ProjectStore | None) -> None:
        """Another project (None: none)."""
        self._rest.stop()
        self._untold.clear()
        before, self._store = self._store, None
        self._pool.submit(
            self._waiting.clear
        ).result()  # the project's own connection is the last to leave its file
        if before is not None:
            with suppress(AnnotatorError):  # what it did not tell, it tells when it is open again
                before.consensus.catch_up()
        if store is not None:
            store.consensus.puts_off = not store.read_only
        self._store = store
        self._enabled = store is not None and proposals_agree(store)
        self.changed.emit()

    def shutdown(self) -> None:
        """End the thread after the moment that it is at."""
        self._rest.stop()
        self._store = None
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def enabled(self) -> bool:
        """Whether the project wants it always."""
        return self._enabled

    def set_enabled(self, on: bool, frame_id: int = 0) -> None:
        """Say whether it does, and begin with the moment of a frame. What was taken so far stays."""
        if self._store is None:
            return
        try:
            set_proposals_agree(self._store, on)
        except StoreWriteError as error:
            self._message.emit("error", str(error))
        else:
            self._enabled = on
            self.look(frame_id)
        self.changed.emit()

    def look(self, frame_id: int) -> None:
        """Ask the cameras of a frame's moment in the thread, if that is due, as soon as nothing happened for a moment."""
        if self._store is None or self._store.read_only or not frame_id:
            return
        try:
            if not self._store.rigs.exist():
                return  # nothing of the project is opened once more for nothing
        except AnnotatorError:  # whoever looks after the file tells of it
            return
        self._waiting.add(frame_id)
        self._rest.start()

    def _begin(self) -> None:
        if self._store is not None:
            self._pool.submit(self._run, self._store)

    def _run(self, opened: ProjectStore) -> None:
        """In the thread: all frames that were looked at meanwhile, whose moment is due."""
        written: list[int] = []
        trouble = ""
        try:
            with opened.again() as store:
                while self._waiting and self._store is opened:
                    frame_id = self._waiting.pop()  # what changes from here on is looked at once more
                    wanted = self._enabled and frame_id == self._frames.current_id
                    if model_id := self._proposals.model_id:
                        written += _ask_if_due(store, frame_id, model_id, wanted)
                store.consensus.catch_up()
        except FileLostError:
            self._waiting.clear()  # whoever looks after the file tells of it
        except AnnotatorError as error:
            self._waiting.clear()
            trouble = str(error)
        except Exception as error:  # a thread must not die without a word
            self._waiting.clear()
            _LOG.exception("the cameras could not be asked")
            trouble = f"The cameras could not be asked: {type(error).__name__}: {error}"
        if written or trouble:
            self._asked.emit(opened, written, trouble)

    @Slot(object, object, str)
    def _take(self, opened: ProjectStore, written: Sequence[int], trouble: str) -> None:
        if opened is not self._store:
            return
        if trouble:
            self._message.emit("error", trouble)
        self._untold += [frame_id for frame_id in written if frame_id not in self._untold]
        self._tell_one()

    def _tell_one(self) -> None:
        """A frame a turn of the event loop: all views look at each, and a hand may be dragging again."""
        if self._untold:
            self._proposals.agreed([self._untold.pop(0)])
            self._turn.start()


def _ask_if_due(store: ProjectStore, frame_id: int, model_id: str, wanted: bool) -> list[int]:
    """The frames whose consensus was written or taken away; none where it was not due."""
    frame = store.frames.get(frame_id)
    ids = {other.id for other in store.frames.of_moment(frame.subject, frame.take, frame.index)}
    outdated = store.consensus.frame_ids(model_id, taken=True, stale=True, among=ids)
    holding = store.consensus.frame_ids(model_id, taken=True, among=ids)
    if (not outdated and (holding or not wanted)) or moment_of(store, frame) is None:
        return []
    store.consensus.save_all(ask(store, model_id, [frame], taken=True))
    holds = store.consensus.frame_ids(model_id, among=ids)
    store.consensus.remove(outdated - holds, model_id)
    return sorted(outdated | holds)
