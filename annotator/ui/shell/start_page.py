"""What stands in the frame's place while there is no frame: where to begin, and the projects of the last days."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from annotator.session.session import Session
from annotator.ui.common.plain import plain
from annotator.ui.common.recent import forget_lost_projects
from annotator.ui.common.theme import icon, label, scaled

_BEGIN = (("new_project", "plus", "New project…"), ("open_project", "folder-open", "Open project…"))
_TRY = ("open_samples", "sparkle", "Open the sample project")
_IMPORT = ("import_captures", "download-simple", "Import captures…")
_WIDTH = 440


class StartPage(QFrame):
    """Lies over the frame panel, and is hidden as soon as a frame is shown."""

    wanted = Signal(str)  # id of a command
    project_wanted = Signal(Path)

    def __init__(self, session: Session, settings: QSettings, over: QWidget) -> None:
        super().__init__(over)
        self._session, self._settings = session, settings
        self.setObjectName("panel")
        self.setAccessibleName("Start")
        self.setAutoFillBackground(True)
        self.buttons: dict[str, QPushButton] = {}
        self.recent: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.setSpacing(8)
        over.installEventFilter(self)
        for changed in (session.project_opened, session.project_closed, session.frames.list_changed):
            changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows what can be begun now, or nothing where there are frames."""
        is_open = self._session.is_open
        on = not is_open or not self._session.store.frames.count()
        self.setVisible(on)
        if not on:
            return
        self._clear()
        self._column.addStretch(2)
        if is_open:
            self._say("This project has no frames yet", "title")
            self._say("Drop a folder of captures or some frames on the window, or choose a folder.", "dim")
            self._add_button(*_IMPORT)
        else:
            self._say("Annotator", "title")
            self._say(
                "Drop a project, a folder of captures or some frames on the window, or begin here.", "dim"
            )
            for each in (*_BEGIN, _TRY):
                self._add_button(*each)
            self._add_recent(forget_lost_projects(self._settings))
        self._column.addStretch(3)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As large as the panel that it lies over."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show) and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def _clear(self) -> None:
        self.buttons, self.recent = {}, []
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _say(self, text: str, role: str) -> None:
        told = label(text, role)
        told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        told.setWordWrap(True)
        self._column.addWidget(told)

    def _add_button(self, command: str, icon_name: str, text: str) -> None:
        self.buttons[command] = self._add(text, icon_name, lambda: self.wanted.emit(command))

    def _add_recent(self, paths: list[Path]) -> None:
        if paths:
            self._column.addSpacing(scaled(14))
            self._say("Opened last", "dim")
        for path in paths:
            button = self._add(
                f"{path.stem}   –   {path.parent}",
                "clock-counter-clockwise",
                partial(self.project_wanted.emit, path),
            )
            button.setToolTip(plain(str(path)))
            shown = button.fontMetrics().elidedText(
                button.text(), Qt.TextElideMode.ElideMiddle, scaled(_WIDTH - 50)
            )
            button.setText(shown.replace("&", "&&"))
            self.recent.append(button)

    def _add(self, text: str, icon_name: str, do: Callable[[], None]) -> QPushButton:
        button = QPushButton(icon(icon_name), text)
        button.setFixedWidth(scaled(_WIDTH))
        button.clicked.connect(lambda _on: do())
        self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        return button
