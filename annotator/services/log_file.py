"""The log: one file in the user's state folder that keeps what went wrong, crashes included; nothing is ever sent."""

import faulthandler
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import platformdirs

_LOG = logging.getLogger("annotator")
_BYTES, _OLDER = 1 << 20, 3
_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"
Told = Callable[[BaseException], None]
"""Takes an exception that nobody caught, in any thread."""


def log_path() -> Path:
    """Where the log is: `annotator.log` in the user's state folder."""
    return Path(platformdirs.user_state_dir("annotator", appauthor=False)) / "annotator.log"


def log_files(path: Path | None = None) -> list[Path]:
    """The log and the older ones that are kept, the newest first."""
    path = path or log_path()
    names = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, _OLDER + 1))]
    return [file for file in names if file.is_file()]


def start_log(path: Path | None = None) -> Path | None:
    """Keep warnings and worse of this process in the log, and what it does at its last moment if it crashes.

    None, and no log, where the folder cannot be written: the program works without one.
    """
    path = path or log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _Rotating(path, maxBytes=_BYTES, backupCount=_OLDER, encoding="utf-8", errors="replace")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter(_FORMAT))
    stop_log()
    logging.getLogger().addHandler(handler)
    _LOG.setLevel(logging.INFO)
    logging.captureWarnings(True)
    handler.catch_crashes()
    _LOG.info("started: Python %s on %s", sys.version.split()[0], sys.platform)
    return path


def stop_log() -> None:
    """Close the log of this process."""
    root = logging.getLogger()
    for handler in [own for own in root.handlers if isinstance(own, _Rotating)]:
        faulthandler.disable()
        root.removeHandler(handler)
        handler.close()
        logging.captureWarnings(False)


def catch_uncaught(told: Told) -> Callable[[], None]:
    """Log every exception that nobody catches, in any thread, and tell of it; returns what puts things back as they were."""
    before, before_threads = sys.excepthook, threading.excepthook

    def take(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None or not issubclass(kind, Exception):  # Ctrl+C, and what is meant to end the program
            before(kind, error or kind(), trace)
            return
        _LOG.error("an exception that nobody caught", exc_info=(kind, error, trace))
        with suppress(Exception):
            told(error)

    def take_of_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_type is not SystemExit:
            take(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def put_back() -> None:
        sys.excepthook, threading.excepthook = before, before_threads

    sys.excepthook, threading.excepthook = take, take_of_thread
    return put_back


class _Rotating(RotatingFileHandler):
    """A log that starts anew when it is full; the crash handler follows it to the new file."""

    def catch_crashes(self) -> None:
        """Let Python write the stacks of all threads here when it dies of a signal."""
        if self.stream is not None:
            faulthandler.enable(self.stream)

    def doRollover(self) -> None:
        """Start a new file; where another process holds the old one (Windows), go on in it."""
        followed = faulthandler.is_enabled()
        faulthandler.disable()
        try:
            super().doRollover()
        except OSError:
            if self.stream is None:
                self.stream = self._open()
        if followed:
            self.catch_crashes()

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk must not stop the work, nor write to a terminal that nobody sees."""
