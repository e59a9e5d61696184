"""Reading beside the window: questions to the project that take longer than a frame of the screen, answered from a thread."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from annotator.domain.errors import AnnotatorError
from annotator.store.file.errors import FileLostError
from annotator.store.project_store import ProjectStore

T = TypeVar("T")
Read = Callable[[ProjectStore], T]
"""Asked in the thread, with a read-only store of its own."""
_PAUSE_MS = 100


@dataclass(frozen=True, eq=False)
class _Question:
    """What is asked under a key, as the how manyth, and who gets the answer."""

    key: str
    number: int
    work: Read[Any]
    then: Callable[[Any], None]


class Reader(QObject):
    """One thread that reads; of several questions under one key only the newest is answered.

    Questions are gathered for a moment: a frame that was turned to is painted first, and the project is opened once for all.
    """

    failed = Signal(str)
    _answered = Signal(str, int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="read")
        self._newest: dict[str, int] = {}
        self._count = 0
        self._waiting: dict[str, _Question] = {}
        self._store: ProjectStore | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self._answered.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def read(self, store: ProjectStore, key: str, work: Read[T], then: Callable[[T], None]) -> None:
        """Ask `work` of the project that `store` has open; `then` gets the answer in the caller's thread."""
        if store is not self._store:
            self._ask()  # what waits is of another one
            self._store = store
        self._count += 1
        self._newest[key] = self._count
        self._waiting[key] = _Question(key, self._count, work, then)
        if not self._pause.isActive():
            self._pause.start()

    def forget(self) -> None:
        """Another project, or none: no question asked so far is answered."""
        self._newest.clear()
        self._waiting.clear()
        self._pause.stop()
        self._store = None

    def shutdown(self) -> None:
        """End the thread after the question that it is at."""
        self.forget()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self) -> None:
        self._pause.stop()
        questions, self._waiting = tuple(self._waiting.values()), {}
        if questions and self._store is not None:
            self._pool.submit(self._run, self._store, questions)

    def _run(self, opened: ProjectStore, questions: Sequence[_Question]) -> None:
        """In the thread. A project that was put in the place of the one that was asked about gives no answer."""
        if not any(self._is_newest(each) for each in questions):
            return
        try:
            with opened.again(read_only=True) as store:
                for each in questions:
                    if self._is_newest(each):
                        self._answer(store, each)
        except FileLostError:
            return
        except AnnotatorError as error:  # it could not be opened
            for each in questions:
                self._answered.emit(each.key, each.number, None, str(error))

    def _answer(self, store: ProjectStore, asked: _Question) -> None:
        try:
            result = asked.work(store)
        except FileLostError:
            raise
        except AnnotatorError as error:
            self._answered.emit(asked.key, asked.number, None, str(error))
        except Exception as error:  # a thread must not die without a word
            self._answered.emit(asked.key, asked.number, None, f"{type(error).__name__}: {error}")
        else:
            self._answered.emit(asked.key, asked.number, asked.then, result)

    def _is_newest(self, asked: _Question) -> bool:
        return self._newest.get(asked.key) == asked.number

    @Slot(str, int, object, object)
    def _take(self, key: str, number: int, then: Callable[[Any], None] | None, result: object) -> None:
        if self._newest.get(key) != number:
            return
        if then is None:
            self.failed.emit(str(result))
        else:
            then(result)
