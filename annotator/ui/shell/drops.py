"""What is dropped on the window: a project, a folder of captures, some frames, or a file of annotations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QTimer
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from annotator.domain.errors import AnnotatorError
from annotator.domain.takes.movie_path import is_movie
from annotator.formats.registry import formats
from annotator.imaging.probe import FRAME_EXTENSIONS
from annotator.ui.commands.desk import Desk
from annotator.ui.commands.opening import open_path
from annotator.ui.commands.rows.file_commands import ask_layer, import_captures, new_project
from annotator.ui.dialogs.new_project import SUFFIX

_ENTERS = (QEvent.Type.DragEnter, QEvent.Type.DragMove)


class Drops(QObject):
    """Takes drops anywhere on the window; the question that follows stands once the hand has let go."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        parent.setAcceptDrops(True)
        for view in parent.findChildren(QGraphicsView):  # they would swallow the drag
            view.viewport().setAcceptDrops(False)
            view.setAcceptDrops(False)
        parent.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Drags with files that can be taken, and their drop."""
        if not isinstance(event, QDropEvent):
            return False
        paths = _paths(event.mimeData())
        if not paths:
            return False
        event.acceptProposedAction()
        if event.type() not in _ENTERS:
            # the other program waits for the drop to end: ask afterwards
            QTimer.singleShot(0, self, partial(self._desk.guarded, partial(self.take, paths)))
        return True

    def take(self, paths: Sequence[Path]) -> None:
        """Does what the dropped files are for. Raises `AnnotatorError` where they are nothing that is known here."""
        desk = self._desk
        desk.session.end_gestures()
        first, suffix = paths[0], paths[0].suffix.lower()
        frames = [path for path in paths if _is_capture(path) and path.is_file()]
        if suffix == SUFFIX and first.is_file():
            open_path(desk, first)
        elif frames:
            _import(desk, Path(os.path.commonpath([path.parent for path in frames])), frames)
        elif first.is_dir():
            _import(desk, first, ())
        elif desk.session.is_open and any(suffix in known.extensions for known in formats().values()):
            ask_layer(desk, first)
        else:
            raise AnnotatorError(
                f"{first.name} is no project, folder, picture, movie or file of annotations that can be taken here."
            )


def _import(desk: Desk, folder: Path, frames: Sequence[Path]) -> None:
    """Frames come in as they are; of a folder it is shown first what would come in."""
    if not desk.session.is_open and not new_project(desk, folder, then_import=False):
        return
    if frames:
        only = frozenset(path.relative_to(folder).as_posix() for path in frames)
        desk.session.jobs.start_import_captures(folder, only=only)
    else:
        import_captures(desk, folder)


def _is_capture(path: Path) -> bool:
    return path.suffix.lower() in FRAME_EXTENSIONS or is_movie(path)


def _paths(dropped: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in dropped.urls() if url.isLocalFile()]
