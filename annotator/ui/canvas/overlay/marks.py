"""The marks and labels of landmarks on the frame: marks are pixmaps put down one by one, labels keep out of each other's way."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap

from annotator.domain.annotation import LandmarkState
from annotator.domain.scheme import LandmarkScheme
from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.canvas.overlay.shapes import place_label
from annotator.ui.common.glyphs import REACH, Mark, mark_pixmap, warning_pixmap
from annotator.ui.common.theme import COLOURS, colour, scaled, ui_font
from annotator.ui.common.view_options import Labels, Options

MANY = 1000  # above this many landmarks, ellipses and labels are drawn only for the selected
_MAX_LABELS = 120
_LEADER = 30.0  # logical pixels from a landmark to its label from which a line joins them
_NEAR = 13.0  # logical pixels between landmarks below which their marks are drawn small


def region_tints(scheme: LandmarkScheme) -> list[str]:
    """``#rrggbb`` of each landmark: its region's colour, or the neutral one outside all regions."""
    return [
        scheme.regions[number].colour if number >= 0 else COLOURS.proposed
        for number in scheme.region_of.tolist()
    ]


class MarkCache:
    """Draws the marks; which pixmap each landmark has is worked out anew only when one changes."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._pixmaps: list[QPixmap] = []

    def paint(
        self,
        painter: QPainter,
        data: OverlayData,
        options: Options,
        places: NDArray[np.float64],
        exposed: QRectF,
    ) -> None:
        """Draws the marks that meet ``exposed`` at ``places`` [L, 2], both in view pixels; selected ones on top."""
        ratio = painter.device().devicePixelRatio()
        doubtful, crowded = _doubtful(data, options), _crowded(places)
        key = (
            data.scheme, ratio, data.selected, data.hover, data.dragged,
            data.state.tobytes(), data.flags.tobytes(), doubtful.tobytes(), crowded.tobytes(), data.unsure.tobytes(),
        )  # fmt: skip
        if key != self._key:
            self._pixmaps = _pixmaps(data, doubtful, crowded, ratio)
            self._key = key
        room = exposed.adjusted(-REACH, -REACH, REACH, REACH)
        low, high = (room.left(), room.top()), (room.right(), room.bottom())
        near = np.flatnonzero((places >= low).all(1) & (places <= high).all(1))  # no NaN passes
        corners = (places - REACH).tolist()
        for index in sorted(near.tolist(), key=lambda i: (i in data.selected, i == data.hover)):
            painter.drawPixmap(QPointF(*corners[index]), self._pixmaps[index])
        if options.warnings and not data.dragged:
            warned = [(data.near_edge, True), (data.apart, False)]
            for index, is_edge in [(i, kind) for group, kind in warned for i in near.tolist() if i in group]:
                painter.drawPixmap(QPointF(*corners[index]), warning_pixmap(is_edge, ratio))


def _pixmaps(
    data: OverlayData, doubtful: NDArray[np.bool_], crowded: NDArray[np.bool_], ratio: float
) -> list[QPixmap]:
    """The pixmap of each landmark; most look like another one, which is much quicker than asking for each."""
    assert data.scheme is not None
    tints = region_tints(data.scheme)
    special = data.selected | data.dragged | {data.hover}
    found: dict[tuple[object, ...], QPixmap] = {}
    pixmaps = []
    unsure = _unsure(data)
    columns = (data.state, data.flags, tints, doubtful, crowded, unsure)
    for index, (state, flags, tint, doubt, crowd, vague) in enumerate(
        zip(*(values if isinstance(values, list) else values.tolist() for values in columns), strict=True)
    ):
        here = index if index in special else -1
        key = (state, flags, tint, doubt, crowd, vague, here)
        if key not in found:
            selected, hovered = here in data.selected, here == data.hover and here >= 0
            small = crowd and not selected and not hovered
            mark = Mark(state, flags, tint, doubt, selected, hovered, here in data.dragged, small, vague)
            found[key] = mark_pixmap(mark, ratio)
        pixmaps.append(found[key])
    return pixmaps


def _crowded(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool [L]: another landmark is so near on the screen that full marks would cover each other."""
    if len(places) > MANY:
        return np.ones(len(places), bool)
    x, y = np.ascontiguousarray(places.T)
    apart = np.maximum(np.abs(x[:, None] - x), np.abs(y[:, None] - y))
    np.fill_diagonal(apart, np.inf)
    near = np.fmin.reduce(apart, axis=1, initial=np.inf)  # one without a place is near nothing
    return np.asarray(near < _NEAR)


def _doubtful(data: OverlayData, options: Options) -> NDArray[np.bool_]:
    """bool [L]: proposed, and with less confidence than the limit."""
    if not len(data.confidence):
        return np.zeros(len(data.xy), bool)
    return np.asarray((data.confidence < options.doubt) & (data.state == LandmarkState.PROPOSED))


def _unsure(data: OverlayData) -> NDArray[np.bool_]:
    """bool [L]: tracked and unsure."""
    return data.unsure if len(data.unsure) == len(data.state) else np.zeros(len(data.state), np.bool_)


def labelled(data: OverlayData, options: Options) -> list[int]:
    """The landmarks that carry a label, the most important first."""
    wanted: dict[int, None] = {}
    if data.hover >= 0:
        wanted[data.hover] = None
    if options.labels is not Labels.NONE and len(data.selected) <= 12:
        wanted.update(dict.fromkeys(sorted(data.selected)))
    if options.labels in (Labels.DOUBTFUL, Labels.ALL):
        wanted.update(dict.fromkeys(np.flatnonzero(_doubtful(data, options)).tolist()))
    if options.labels is Labels.ALL and len(data.xy) <= MANY:
        wanted.update(dict.fromkeys(range(len(data.xy))))
    return [i for i in wanted if i not in data.dragged][:_MAX_LABELS]


def label_text(data: OverlayData, index: int) -> str:
    """A landmark's name, and how sure the model is of a proposed one, or that it was tracked: of what a person set either would
    say nothing."""
    assert data.scheme is not None
    name = data.scheme.names[index]
    if data.state[index] == LandmarkState.TRACKED:
        return f"{name}  tracked, unsure" if _unsure(data)[index] else f"{name}  tracked"
    proposed = len(data.confidence) and data.state[index] == LandmarkState.PROPOSED
    return f"{name}  {data.confidence[index]:.2f}" if proposed else name


def paint_labels(
    painter: QPainter,
    data: OverlayData,
    options: Options,
    places: NDArray[np.float64],
    indices: Sequence[int],
    room: QRectF | None = None,
    covered: Sequence[QRectF] = (),
) -> None:
    """Draws the labels of ``indices`` beside their places [L, 2] in view pixels, as far as there is room without landmarks.

    `room`: the part of the view that they are to stay in, None for anywhere. `covered`: where other texts stand.
    """
    assert data.scheme is not None
    font = ui_font(11, 500)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    taken = list(covered)
    doubtful, unsure = _doubtful(data, options), _unsure(data)
    for index in indices:
        x, y = places[index].tolist()
        if not np.isfinite(x):
            continue
        text = label_text(data, index)
        must = index == data.hover or data.selected == {index}
        box = place_label(
            QPointF(x, y), metrics.horizontalAdvance(text) + 10, scaled(17), taken, places, must, room
        )
        if box is None:
            continue
        taken.append(box)
        _paint_leader(painter, QPointF(x, y), box)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(12, 13, 14, 205))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(colour("warning") if doubtful[index] or unsure[index] else colour("bright"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _paint_leader(painter: QPainter, place: QPointF, box: QRectF) -> None:
    """Joins a label to its landmark where others lie between them."""
    end = QPointF(min(max(place.x(), box.left()), box.right()), min(max(place.y(), box.top()), box.bottom()))
    if (end - place).manhattanLength() > _LEADER:
        painter.setPen(QPen(QColor(12, 13, 14, 205), 2.0))
        painter.drawLine(place, end)
