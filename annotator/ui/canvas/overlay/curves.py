"""The curves between landmarks: paths in frame pixels, kept so that a pan or a zoom draws them without making them anew."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from annotator.domain.scheme import Curve, LandmarkScheme
from annotator.ui.canvas.overlay.marks import region_tints
from annotator.ui.canvas.overlay.shapes import curve_path

_SHADOW = QColor(0, 0, 0, 90)
_WIDE, _LINE = 3.0, 1.4  # logical pixels of the shadow and of the line on it
_FINE = 1.5  # device pixel ratio from which one device pixel is too thin a line


class CurvePaths:
    """Draws the curves that go through dragged landmarks, or those that do not."""

    def __init__(self, touched: bool) -> None:
        self._touched = touched
        self._key: Hashable = None
        self._all = QPainterPath()
        self._tinted: list[tuple[QColor, QPainterPath]] = []

    def paint(
        self,
        painter: QPainter,
        scheme: LandmarkScheme,
        xy: NDArray[np.float64],
        dragged: frozenset[int],
        view_from_frame: QTransform,
    ) -> None:
        """Draws through `xy` [L, 2] in frame pixels."""
        curves = [curve for curve in scheme.curves if dragged.isdisjoint(curve.indices) != self._touched]
        self._make(scheme, curves, xy)
        ratio = painter.device().devicePixelRatio()
        painter.save()
        painter.setTransform(view_from_frame, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # a shadow's steps are not seen
        painter.setPen(_cosmetic(_SHADOW, _WIDE * ratio))
        painter.drawPath(self._all)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Lines of one device pixel take the raster engine's quick way: two of them cost a fifth of one a little wider.
        width, times = (1.0, 2) if ratio < _FINE else (_LINE * ratio, 1)
        for tint, path in self._tinted:
            painter.setPen(_cosmetic(tint, width))
            for _ in range(times):
                painter.drawPath(path)
        painter.restore()

    def _make(self, scheme: LandmarkScheme, curves: list[Curve], xy: NDArray[np.float64]) -> None:
        wanted = sorted({index for curve in curves for index in curve.indices})
        key = (scheme, tuple(curve.name for curve in curves), xy[wanted].tobytes())
        if key == self._key:
            return
        tints, paths = region_tints(scheme), dict[str, QPainterPath]()
        for curve in curves:
            paths.setdefault(tints[curve.indices[0]], QPainterPath()).addPath(curve_path(xy, curve))
        self._all = QPainterPath()
        for path in paths.values():
            self._all.addPath(path)
        self._tinted = [(_translucent(name), path) for name, path in paths.items()]
        self._key = key


def _cosmetic(tint: QColor, width: float) -> QPen:
    pen = QPen(tint, width)
    pen.setCosmetic(True)
    return pen


def _translucent(name: str) -> QColor:
    tint = QColor(name)
    tint.setAlpha(215)
    return tint
