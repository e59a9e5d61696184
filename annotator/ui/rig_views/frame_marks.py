"""What the other views say, on the frame itself."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from annotator.session.rigs.hidden import HiddenPoints
from annotator.session.rigs.rigs import Rigs
from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.rig_views.rig_marks import RigMarks, marks_of, paint_marks
from annotator.ui.rig_views.words import views_text

_UNSEEN = "probably not seen from here"
_ROUND = 24.0  # logical pixels round a mark that it may paint


class RigItem(QGraphicsItem):
    """Draws `RigMarks` over the frame; lets the mouse through."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(12)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.marks = RigMarks()

    def show_marks(self, marks: RigMarks) -> None:
        """Shows these; where they are as before nothing is painted."""
        if not marks.same_as(self.marks):
            self.prepareGeometryChange()
            self.marks = marks
            self.update()

    def boundingRect(self) -> QRectF:
        """Round all marks."""
        points = self.marks.points()
        if not len(points):
            return QRectF()
        view = self.scene().views()[0] if self.scene() is not None and self.scene().views() else None
        margin = _ROUND / (view.transform().m11() if view is not None else 1.0)
        low, high = points.min(0) - margin, points.max(0) + margin
        return QRectF(QPointF(*low), QPointF(*high))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws in device pixels."""
        transform = painter.worldTransform()
        painter.save()
        painter.setWorldTransform(QTransform())
        room = QRectF(0, 0, 1e6, 1e6) if widget is None else QRectF(widget.rect())
        paint_marks(painter, self.marks, transform, room)
        painter.restore()


class FrameMarks(QObject):
    """Keeps the frame's marks up to date, and tells what is said of the selected landmark."""

    told = Signal(str)  # for the inspector; empty: nothing

    def __init__(
        self,
        session: Session,
        rigs: Rigs,
        hidden: HiddenPoints,
        view: FrameView,
        options: ViewOptions,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._rigs, self._view, self._options = session, rigs, view, options
        self._hidden = hidden
        hidden.changed.connect(self.refresh)
        self.lines, self.ghosts = (
            RigItem(),
            RigItem(),
        )  # ghosts follow a drag, lines lie across all of the frame
        for item in (self.lines, self.ghosts):
            view.add_mark(item)
        view.points_held.connect(rigs.hold)
        view.zoom_changed.connect(lambda _zoom: self._reach())
        rigs.changed.connect(self.refresh)
        rigs.held.connect(lambda _landmarks: self.refresh())
        session.selection.changed.connect(self.refresh)
        session.annotations.changed.connect(lambda _frame: self.refresh())
        options.changed.connect(self.refresh)

    def _reach(self) -> None:
        """At another zoom marks of the same size reach over other parts of the frame."""
        for item in (self.lines, self.ghosts):
            item.prepareGeometryChange()

    def refresh(self) -> None:
        """Everything anew."""
        outlook, row, primary = self._rigs.outlook, self._rigs.row, self._session.selection.primary
        if outlook is None or row < 0:
            self.lines.show_marks(RigMarks())
            self.ghosts.show_marks(RigMarks())
            self.told.emit(_UNSEEN if primary in self._hidden.suggested else "")
            return
        options, xy = self._options.value, self._view.overlay.data_shown.xy
        if len(xy) != len(outlook.expected[row]):
            return  # the frame is being shown just now
        also = np.flatnonzero(outlook.inside(row)).tolist() if options.expected else ()
        marks = marks_of(outlook, row, xy, primary, also, options.epipolar)
        self.lines.show_marks(RigMarks(lines=marks.lines))
        self.ghosts.show_marks(RigMarks(ghosts=marks.ghosts))
        self.told.emit(views_text(outlook, row, xy, primary) if primary >= 0 else "")
