"""What nobody caught: logged, and told to the artist, while the window goes on."""

import logging
import time

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, qInstallMessageHandler

from annotator.domain.errors import AnnotatorError
from annotator.services.log_file import catch_uncaught, start_log, stop_log

_QT = logging.getLogger("qt")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_AGAIN_SECONDS = 30.0


class Faults(QObject):
    """Takes the exceptions of slots, events and threads, and Qt's own messages, from its making to `end`."""

    told = Signal(str)  # for the artist; always in the window's thread
    _happened = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told_at: dict[str, float] = {}
        self._happened.connect(self.told, Qt.ConnectionType.QueuedConnection)
        start_log()
        self._put_back = catch_uncaught(self._take)
        qInstallMessageHandler(_log_qt)

    def end(self) -> None:
        """Put the handlers back and close the log."""
        qInstallMessageHandler(None)
        self._put_back()
        stop_log()

    def _take(self, error: BaseException) -> None:
        """In any thread. What happens at every mouse move is told now and then, not each time."""
        text = fault_text(error)
        now = time.monotonic()
        if now - self._told_at.get(text, -_AGAIN_SECONDS) < _AGAIN_SECONDS:
            return
        self._told_at[text] = now
        self._happened.emit(text)


def fault_text(error: BaseException) -> str:
    """An error that is meant for the artist in its own words; of any other what it is, and what to do."""
    if isinstance(error, AnnotatorError):
        return str(error)
    said = f": {str(error)[:200]}" if str(error) else ""
    return (
        f"Something went wrong inside the program ({type(error).__name__}{said}). Your work is safe; "
        "please use Help > Report a problem."
    )


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    del context
    _QT.log(_LEVELS.get(kind, logging.WARNING), "%s", text)
