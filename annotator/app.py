"""The composition root of the window: application, theme, session and main window."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from annotator.domain.errors import AnnotatorError
from annotator.domain.outside_files import check_regular
from annotator.services.project.sample_project import ensure_sample_project
from annotator.session.faults import Faults, fault_text
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.project.project_lock import ProjectLockedError
from annotator.session.session import Session
from annotator.ui.commands.opening import ask_locked
from annotator.ui.common.garbage import Tidying
from annotator.ui.common.preferences import load_preferences
from annotator.ui.common.saved import saved_text
from annotator.ui.common.theme import apply_theme
from annotator.ui.shell.main_window import MainWindow

_MOST_SETTINGS = 16 << 20
_TOUR_MS = 600  # the first frame is there by then


def make_application(arguments: Sequence[str] = ()) -> QApplication:
    """The application object, themed; an existing one is used again."""
    # The OpenCV wheel points Qt at plugins and fonts of its own; ours and the system's must win.
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(list(arguments))
    application.setApplicationName("annotator")
    application.setDesktopFileName("annotator")  # the window's icon on Wayland, see services/desktop_entry.py
    application.setApplicationDisplayName("Annotator")
    application.setOrganizationName("annotator")
    apply_theme(application)
    return application


def default_settings() -> QSettings:
    """Where the window remembers its layout: an ini file in the user's configuration folder.

    Qt would wait for ever for a pipe in its place, so another name is taken where something else than a file has that one.
    """
    ini, user = QSettings.Format.IniFormat, QSettings.Scope.UserScope
    folder = Path(QSettings(ini, user, "annotator").fileName()).parent / "annotator"
    for name in ("window", "window-2"):
        path = folder / f"{name}.ini"
        with suppress(OSError):
            if not path.exists() or check_regular(path).st_size <= _MOST_SETTINGS:
                return QSettings(ini, user, "annotator", name)
    return QSettings(str(Path(tempfile.mkdtemp()) / "window.ini"), ini)


def run(project: Path | None = None, settings: QSettings | None = None) -> int:
    """Opens the window and returns the exit code when it is closed.

    Args:
        project: the project to open; None opens the one of last time, or the sample project at the first start.
        settings: where the layout is kept; None takes the user's own.
    """
    application = make_application(sys.argv[:1])
    faults = Faults()
    settings = default_settings() if settings is None else settings
    wanted = load_preferences(settings)
    apply_theme(
        application, wanted.scale / 100
    )  # before the window: its rows and icons are as large as the texts
    session = Session(inference=InferenceProcess(device=wanted.device, threads=wanted.threads))
    faults.told.connect(lambda text: session.message.emit("error", text))
    window = MainWindow(session, settings)
    window.show()
    tidying = Tidying(window, session.project_opened)
    # The project opens once the window stands, so that something is seen at once.
    ask = partial(ask_locked, window.desk)
    QTimer.singleShot(0, lambda: open_first(session, settings, project, ask))
    QTimer.singleShot(_TOUR_MS, window.tour_guide.offer)
    try:
        return application.exec()
    finally:
        tidying.end()
        session.shutdown()
        faults.end()


def open_first(
    session: Session,
    settings: QSettings,
    project: Path | None,
    ask: Callable[[Path, ProjectLockedError], None] | None = None,
) -> None:
    """Opens the wanted project, else the one of last time, else the samples; a failure becomes a message.

    `ask`: what to do about a project that is open in another window.
    """
    try:
        path = project or _last_project(settings) or ensure_sample_project()
        try:
            session.open_project(path)
        except ProjectLockedError as error:
            if ask is None:
                raise
            ask(path, error)
    except AnnotatorError as error:
        session.message.emit("error", str(error))
    except Exception as error:  # whatever a file does, the window stands, and says so
        logging.getLogger(__name__).exception("the project could not be opened")
        session.message.emit("error", fault_text(error))


def _last_project(settings: QSettings) -> Path | None:
    stored = saved_text(settings, "project/last")
    with suppress(OSError, ValueError):  # a name that no file can have
        return Path(stored) if stored and Path(stored).is_file() else None
    return None
