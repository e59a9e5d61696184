"""The bar that says that a camera no longer stands where its calibration says, and leads to the cure."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from annotator.domain.errors import AnnotatorError
from annotator.services.rigs.check_rigs import RigCheck
from annotator.session.rigs.rig_alarm import RigAlarm
from annotator.session.session import Session
from annotator.ui.common.theme import icon, label
from annotator.ui.dialogs.rig.refine_rig import RefineRigDialog


class RigBar(QFrame):
    """Hidden while no rig is known to be off."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._name = session, ""
        self.alarm = RigAlarm(session, self)
        self.setObjectName("notice")
        self.setAccessibleName("Calibration")
        picture, self.text = label(""), label("")
        picture.setPixmap(icon("warning", "warning").pixmap(18, 18))
        self.text.setWordWrap(True)
        self.refine, self.not_now = QPushButton("Refine…"), QPushButton("Not now")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(picture)
        row.addWidget(self.text, 1)
        row.addWidget(self.refine)
        row.addWidget(self.not_now)
        self.hide()
        self.alarm.changed.connect(self._show)
        self.refine.clicked.connect(lambda _on: self._refine())
        self.not_now.clicked.connect(lambda _on: self.alarm.put_aside())

    def _show(self, check: RigCheck | None) -> None:
        self.setVisible(check is not None)
        if check is not None:
            self._name = check.rig.name
            self.text.setText(f"{check.rig.label}: {check.text}")

    def _refine(self) -> None:
        self._session.end_gestures()
        try:
            RefineRigDialog(self._session, self._name, self.window()).exec()
        except AnnotatorError as error:  # another program took it out of use
            self._session.message.emit("error", str(error))
