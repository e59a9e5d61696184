"""Reading beside the window: questions to the project that take longer than a frame of the screen, answered from a thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from annotator.domain.errors import AnnotatorError
from annotator.store.file.errors import FileLostError
from annotator.store.project_store import ProjectStore

T = TypeVar("T")
Read = Callable[[ProjectStore], T]
"""Asked in the thread, with a read-only store of its own."""


class Reader(QObject):
    """One thread that reads; of several questions under one key only the newest is answered."""

    failed = Signal(str)
    _answered = Signal(str, int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="read")
        self._newest: dict[str, int] = {}
        self._count = 0
        self._answered.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def read(self, store: ProjectStore, key: str, work: Read[T], then: Callable[[T], None]) -> None:
        """Ask `work` of the project that `store` has open; `then` gets the answer in the caller's thread."""
        self._count += 1
        number = self._newest[key] = self._count
        self._pool.submit(self._run, store, key, number, work, then)

    def forget(self) -> None:
        """Another project, or none: no question asked so far is answered."""
        self._newest.clear()

    def shutdown(self) -> None:
        """End the thread after the question that it is at."""
        self.forget()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(
        self, opened: ProjectStore, key: str, number: int, work: Read[Any], then: Callable[[Any], None]
    ) -> None:
        """In the thread. A project that was put in the place of the one that was asked about gives no answer."""
        if self._newest.get(key) != number:
            return
        try:
            with opened.again(read_only=True) as store:
                result = work(store)
        except FileLostError:
            return
        except AnnotatorError as error:
            self._answered.emit(key, number, None, str(error))
        except Exception as error:  # a thread must not die without a word
            self._answered.emit(key, number, None, f"{type(error).__name__}: {error}")
        else:
            self._answered.emit(key, number, then, result)

    @Slot(str, int, object, object)
    def _take(self, key: str, number: int, then: Callable[[Any], None] | None, result: object) -> None:
        if self._newest.get(key) != number:
            return
        if then is None:
            self.failed.emit(str(result))
        else:
            then(result)
