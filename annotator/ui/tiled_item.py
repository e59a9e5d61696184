"""A graphics item that paints a frame of any size from a pyramid, a 512-pixel tile at a time.

Only visible tiles of the level that fits the zoom are converted for display; finished tiles are kept in a cache that
is bounded in bytes. Smooth below 200 %, nearest from 200 % on, so that pixels stay pixels.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from annotator.ui.display import DisplaySettings, to_qimage

TILE = 512
SMOOTH_BELOW = 2.0  # device pixels a frame pixel
_EDGE = 1  # tiles overlap by a pixel, so that smooth scaling leaves no seam


class TiledItem(QGraphicsItem):
    """Paints ``levels[k]`` (HxWx3, finest first) over the frame's rectangle in scene units = frame pixels."""

    def __init__(self, cache_bytes: int = 192 * 2**20) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption, True)
        self._levels: Sequence[NDArray[Any]] = ()
        self._steps: list[float] = []
        self._rect = QRectF()
        self._settings = DisplaySettings()
        self._nearest = False
        self._tiles: OrderedDict[tuple[int, int, int], QImage] = OrderedDict()
        self._cache_bytes = cache_bytes
        self._used = 0

    def set_levels(self, levels: Sequence[NDArray[Any]], width: int, height: int) -> None:
        """Shows a frame of ``width`` x ``height`` pixels from its pyramid, or from one small preview; [] shows nothing.

        A level's scale is rounded to a power of two where it is one: the last column of a halved level may reach
        past the frame's edge.
        """
        rect = QRectF(0, 0, width, height)
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        self._levels = levels
        self._steps = [_step(width / level.shape[1]) for level in levels]
        self._forget_tiles()

    def set_display(self, settings: DisplaySettings) -> None:
        """Changes exposure, gamma and channel; the levels are not touched."""
        if settings != self._settings:
            self._settings = settings
            self._forget_tiles()

    def set_nearest(self, on: bool) -> None:
        """Shows pixels as pixels at every zoom; else smooth below 200 %."""
        if on != self._nearest:
            self._nearest = on
            self.update()

    @property
    def cached_bytes(self) -> int:
        """Bytes of display tiles in memory."""
        return self._used

    def boundingRect(self) -> QRectF:
        """The frame's rectangle."""
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws the tiles that meet the exposed rectangle."""
        if not self._levels:
            return
        scale = painter.deviceTransform().m11()  # device pixels: the world transform ignores hi-DPI
        number = self._level_for(scale)
        step = self._steps[number]
        height, width = self._levels[number].shape[:2]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # more than twice as fast
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, not self._nearest and scale * step < SMOOTH_BELOW
        )
        painter.setClipRect(self._rect, Qt.ClipOperation.IntersectClip)  # a parent may clip, too
        exposed = option.exposedRect.intersected(self._rect)
        side = TILE * step
        last_x, last_y = (width - 1) // TILE, (height - 1) // TILE
        for ty in range(int(exposed.top() / side), min(last_y, int(exposed.bottom() / side)) + 1):
            for tx in range(int(exposed.left() / side), min(last_x, int(exposed.right() / side)) + 1):
                self._draw(painter, number, tx, ty, step)

    def _draw(self, painter: QPainter, number: int, tx: int, ty: int, step: float) -> None:
        image = self._tile(number, tx, ty)
        left, top = min(tx, 1) * _EDGE, min(ty, 1) * _EDGE
        target = QRectF(
            (tx * TILE - left) * step,
            (ty * TILE - top) * step,
            image.width() * step,
            image.height() * step,
        )
        painter.drawImage(target, image)

    def _tile(self, number: int, tx: int, ty: int) -> QImage:
        key = (number, tx, ty)
        image = self._tiles.get(key)
        if image is not None:
            self._tiles.move_to_end(key)
            return image
        y, x = max(ty * TILE - _EDGE, 0), max(tx * TILE - _EDGE, 0)
        pixels = self._levels[number][y : (ty + 1) * TILE + _EDGE, x : (tx + 1) * TILE + _EDGE]
        image = to_qimage(pixels, self._settings)
        self._tiles[key] = image
        self._used += image.sizeInBytes()
        while self._used > self._cache_bytes and len(self._tiles) > 1:
            self._used -= self._tiles.popitem(last=False)[1].sizeInBytes()
        return image

    def _level_for(self, scale: float) -> int:
        """The coarsest level that still has a pixel for every device pixel."""
        fitting = [k for k, step in enumerate(self._steps) if step * scale <= 1.0 + 1e-6]
        return fitting[-1] if fitting else 0

    def _forget_tiles(self) -> None:
        self._tiles.clear()
        self._used = 0
        self.update()


def _step(ratio: float) -> float:
    """Frame pixels a level pixel: exact for halvings, whose last column may overhang the frame."""
    power = 2.0 ** round(math.log2(ratio)) if ratio > 0 else 1.0
    return power if abs(ratio / power - 1) < 0.02 else ratio
