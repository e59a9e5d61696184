"""What the other views say, as marks over a picture: where they expect landmarks, and on which lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF, QTransform

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.epipolar import epipolar_line
from annotator.session.rigs.outlook import Outlook
from annotator.ui.common.theme import scaled, ui_font

Floats = NDArray[np.float64]
_RADIUS, _SMALL, _REACH = 6.0, 3.5, 11.0
_GHOST = QColor("#d58be0")
_LINE, _UNDER = QColor("#8fcbff"), QColor(8, 9, 10, 190)
_SHADOW = QColor(8, 9, 10, 150)
_TRIED = 64  # places along a line that its camera's name may stand at
_TOP = 60  # view pixels that the frame's own texts take
_TOUCHING = 1.0  # view pixels: a ghost that lies on its landmark is not joined to it


def _no_points() -> Floats:
    return np.empty((0, 2))


@dataclass(frozen=True, eq=False)
class Ghost:
    """Where a landmark is expected, and where it is now (NaN: nowhere), both in frame pixels; `main` of the selected one."""

    landmark: int
    xy: tuple[float, float]
    now: tuple[float, float]
    main: bool
    hidden: bool = False


@dataclass(frozen=True, eq=False)
class RigMarks:
    """Marks of one view in its frame's pixels: ghosts, and lines [K, 2] with the name of the camera that each comes from."""

    ghosts: tuple[Ghost, ...] = ()
    lines: tuple[tuple[str, Floats], ...] = field(default=())

    def same_as(self, other: RigMarks) -> bool:
        """Whether both look alike."""
        return repr(self.ghosts) == repr(other.ghosts) and [
            (name, line.tobytes()) for name, line in self.lines
        ] == [(name, line.tobytes()) for name, line in other.lines]

    def points(self) -> Floats:
        """float64 [K, 2]: all places that the marks touch."""
        places = [ghost.xy for ghost in self.ghosts] + [ghost.now for ghost in self.ghosts]
        found = np.concatenate([np.array(places).reshape(-1, 2), *(line for _, line in self.lines)])
        return np.asarray(found[np.isfinite(found).all(1)], np.float64)


def marks_of(
    outlook: Outlook, view: int, shown: Floats, primary: int, also: Sequence[int], lines: bool
) -> RigMarks:
    """The marks of a view.

    Args:
        shown: float64 [L, 2], where its landmarks are shown. primary: the selected landmark, -1 for none.
        also: other landmarks whose ghosts are wanted. lines: whether the primary's epipolar lines are.
    """
    if not outlook.fits[view]:
        return RigMarks()
    wanted = ([primary] if primary >= 0 else []) + [i for i in also if i != primary]
    ghosts = tuple(
        Ghost(
            i,
            (float(outlook.expected[view, i, 0]), float(outlook.expected[view, i, 1])),
            (float(shown[i, 0]), float(shown[i, 1])),
            i == primary,
            bool(outlook.hidden[view, i]),
        )
        for i in wanted
        if np.isfinite(outlook.expected[view, i]).all()
    )
    return RigMarks(ghosts, _lines(outlook, view, primary) if lines and primary >= 0 else ())


def _lines(outlook: Outlook, view: int, primary: int) -> tuple[tuple[str, Floats], ...]:
    """From each other view in which a person placed the landmark."""
    found = []
    shown_in = outlook.cameras[view]
    for other, camera in enumerate(outlook.cameras):
        if other == view or not outlook.seen.trusted[other, primary]:
            continue
        line = _line(camera, *outlook.seen.xy[other, primary].tolist(), shown_in)
        if len(line):
            found.append((camera.name, line))
    return tuple(found)


@lru_cache(maxsize=256)
def _line(seen_by: CameraModel, x: float, y: float, shown_in: CameraModel) -> Floats:
    """In a drag all but the lines of one view stay as they are."""
    return epipolar_line(seen_by, np.array([x, y]), shown_in)


def paint_marks(
    painter: QPainter, marks: RigMarks, view_from_frame: QTransform, room: QRectF | None = None
) -> None:
    """Draws marks in view pixels; `room`: what is seen, where lines carry their camera's name (None: they carry none)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for name, line in marks.lines:
        _paint_line(painter, name, line, view_from_frame, room)
    for ghost in sorted(marks.ghosts, key=lambda each: each.main):
        _paint_ghost(painter, ghost, view_from_frame)
    painter.restore()


def _paint_line(
    painter: QPainter, name: str, line: Floats, view_from_frame: QTransform, room: QRectF | None
) -> None:
    mapped = view_from_frame.map(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))
    # pens up to one pixel wide take the raster engine's quick way; wider ones cost ten times as much for lines across the frame
    for pen, beside in ((QPen(_UNDER, 1.0), QPointF(1, 1)), (QPen(_LINE, 1.0), QPointF())):
        painter.setPen(pen)
        painter.drawPolyline(mapped.translated(beside))
    if room is None:
        return
    font = ui_font(10, 500)
    painter.setFont(font)
    width, height = QFontMetricsF(font).horizontalAdvance(name), scaled(12)
    free = room.adjusted(4, height + _TOP, -width - 8, -8)
    count = max(1, _TRIED // (len(line) - 1))
    along = (
        start + (end - start) * (step / count)
        for start, end in pairwise(mapped.toList())
        for step in range(count + 1)
    )
    place = next((place for place in along if free.contains(place)), None)
    if place is not None:
        at = place + QPointF(5, -4)
        painter.setPen(_SHADOW)
        painter.drawText(at + QPointF(1, 1), name)
        painter.setPen(_LINE)
        painter.drawText(at, name)


def _paint_ghost(painter: QPainter, ghost: Ghost, view_from_frame: QTransform) -> None:
    end = view_from_frame.map(QPointF(*ghost.xy))
    radius = _RADIUS if ghost.main else _SMALL
    if np.isfinite(ghost.now).all():
        step = end - view_from_frame.map(QPointF(*ghost.now))
        length = float(np.hypot(step.x(), step.y()))
        if length > radius + _TOUCHING:
            joint = QLineF(end - step, end - step * (radius / length))
            for pen, beside in ((QPen(_UNDER, 1.0), QPointF(1, 1)), (QPen(_GHOST, 1.0), QPointF())):
                painter.setPen(pen)
                painter.drawLine(joint.translated(beside))
    ring = _ring(ghost.main, ghost.hidden, painter.device().devicePixelRatio())
    painter.drawPixmap(end - QPointF(_REACH, _REACH), ring)


@lru_cache(maxsize=16)
def _ring(main: bool, hidden: bool, ratio: float) -> QPixmap:
    """The mark of a ghost, 2 * _REACH logical pixels wide; a landmark that the view probably cannot see has a dotted one."""
    pixmap = QPixmap(round(2 * _REACH * ratio), round(2 * _REACH * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(_REACH, _REACH)
    radius = _RADIUS if main else _SMALL
    ring = QPen(_GHOST, 1.7 if main else 1.2)
    if hidden:
        ring.setDashPattern([1.2, 1.6])
    for pen in (QPen(_SHADOW, ring.widthF() + 1.9), ring):
        painter.setPen(pen)
        painter.drawEllipse(QPointF(), radius, radius)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)) if main else ():
        painter.drawLine(QPointF(dx, dy) * (radius - 2), QPointF(dx, dy) * (radius + 2.5))
    painter.end()
    return pixmap
