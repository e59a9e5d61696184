"""A graphics item that paints a frame of any size from a pyramid, a 512-pixel tile at a time.

Only visible tiles of the level that fits the zoom are converted for display; finished tiles are kept in a cache that
is bounded in bytes. A paint converts for a few milliseconds at most: what is not ready is drawn from the levels beside
it that are, and refined in the next paints. Smooth below 200 %, nearest from 200 % on, so that pixels stay pixels.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget
from shiboken6 import isValid

from annotator.session.pixels.byte_cache import ByteCache
from annotator.ui.common.display import DisplaySettings, to_qimage

TILE = 512
SMOOTH_BELOW = 2.0  # device pixels a frame pixel
_EDGE = 1  # tiles overlap by a pixel, so that smooth scaling leaves no seam
_FIRST_SECONDS = 0.04  # of this thread, for the tiles of a picture that was not seen yet
_MORE_SECONDS = 0.002  # for those of every other paint
_REFINE_MS = 30  # after the last paint


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
        self._tiles: ByteCache[tuple[int, int, int], QImage] = ByteCache(cache_bytes, QImage.sizeInBytes)
        self._seen = False
        self._deadline = 0.0
        self._rough = False
        self._refine = QTimer()
        self._refine.setSingleShot(True)
        self._refine.setInterval(_REFINE_MS)
        self._refine.timeout.connect(self._repaint)

    def set_levels(self, levels: Sequence[NDArray[Any]], width: int, height: int) -> None:
        """Shows a frame of ``width`` x ``height`` pixels from its pyramid, or from one small preview; [] shows nothing.

        A level's scale is rounded to a power of two where it is one: the last column of a halved level may reach
        past the frame's edge.
        """
        levels = levels if width > 0 and height > 0 else []
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

    def set_cache_bytes(self, nbytes: int) -> None:
        """Bytes that display tiles may take."""
        self._tiles.set_budget(nbytes)

    @property
    def cached_bytes(self) -> int:
        """Bytes of display tiles in memory."""
        return self._tiles.nbytes

    def boundingRect(self) -> QRectF:
        """The frame's rectangle."""
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws what meets the exposed rectangle."""
        if not self._levels:
            return
        scale = painter.deviceTransform().m11()  # device pixels: the world transform ignores hi-DPI
        number = self._level_for(scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # more than twice as fast
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform,
            not self._nearest and scale * self._steps[number] < SMOOTH_BELOW,
        )
        painter.setClipRect(self._rect, Qt.ClipOperation.IntersectClip)  # a parent may clip, too
        self._draw_tiles(painter, number, option.exposedRect.intersected(self._rect))

    def _draw_tiles(self, painter: QPainter, number: int, exposed: QRectF) -> None:
        self._deadline = time.thread_time() + (_MORE_SECONDS if self._seen else _FIRST_SECONDS)
        self._seen, self._rough = True, False
        side = TILE * self._steps[number]
        height, width = self._levels[number].shape[:2]
        last_x, last_y = (width - 1) // TILE, (height - 1) // TILE
        for ty in range(int(exposed.top() / side), min(last_y, int(exposed.bottom() / side)) + 1):
            for tx in range(int(exposed.left() / side), min(last_x, int(exposed.right() / side)) + 1):
                self._draw(painter, number, tx, ty)
        if self._rough:
            self._refine.start()

    def _draw(self, painter: QPainter, number: int, tx: int, ty: int) -> None:
        coarsest = number == len(self._levels) - 1
        image = self._kept(number, tx, ty)
        if image is None and (coarsest or time.thread_time() < self._deadline):
            image = self._make(number, tx, ty)
        if image is not None:
            painter.drawImage(self._place(number, tx, ty, image), image)
            return
        self._rough = True
        side = TILE * self._steps[number]
        wanted = QRectF(tx * side, ty * side, side, side).intersected(self._rect)
        if not self._draw_finer(painter, number, tx, ty):
            self._draw_coarser(painter, number, wanted)

    def _draw_finer(self, painter: QPainter, number: int, tx: int, ty: int) -> bool:
        """Draws a tile's place from the four of the next finer level, if they are ready."""
        if number == 0 or 2 * self._steps[number - 1] != self._steps[number]:
            return False
        height, width = self._levels[number - 1].shape[:2]
        places = [(2 * tx + x, 2 * ty + y) for y in (0, 1) for x in (0, 1)]
        inside = [(x, y) for x, y in places if x * TILE < width and y * TILE < height]
        images = [self._kept(number - 1, x, y) for x, y in inside]
        if any(image is None for image in images):
            return False
        for (x, y), image in zip(inside, images, strict=True):
            assert image is not None
            painter.drawImage(self._place(number - 1, x, y, image), image)
        return True

    def _draw_coarser(self, painter: QPainter, number: int, wanted: QRectF) -> None:
        """Draws a tile's place from the next coarser level that is ready; the coarsest one, which is small, is made."""
        for coarser in range(number + 1, len(self._levels)):
            step = self._steps[coarser]
            x, y = int(wanted.left() / (TILE * step)), int(wanted.top() / (TILE * step))
            image = self._kept(coarser, x, y)
            if image is None and coarser == len(self._levels) - 1:
                image = self._make(coarser, x, y)
            if image is not None:
                place = self._place(coarser, x, y, image)
                part = wanted.intersected(place)
                corner = (part.topLeft() - place.topLeft()) / step
                painter.drawImage(part, image, QRectF(corner, part.size() / step))
                return

    def _place(self, number: int, tx: int, ty: int, image: QImage) -> QRectF:
        """The rectangle of a tile with its edge, in frame pixels."""
        step = self._steps[number]
        left, top = min(tx, 1) * _EDGE, min(ty, 1) * _EDGE
        x, y = (tx * TILE - left) * step, (ty * TILE - top) * step
        return QRectF(x, y, image.width() * step, image.height() * step)

    def _kept(self, number: int, tx: int, ty: int) -> QImage | None:
        return self._tiles.get((number, tx, ty))

    def _make(self, number: int, tx: int, ty: int) -> QImage:
        y, x = max(ty * TILE - _EDGE, 0), max(tx * TILE - _EDGE, 0)
        pixels = self._levels[number][y : (ty + 1) * TILE + _EDGE, x : (tx + 1) * TILE + _EDGE]
        image = to_qimage(pixels, self._settings)
        self._tiles[number, tx, ty] = image
        return image

    def _level_for(self, scale: float) -> int:
        """The coarsest level that still has a pixel for every device pixel."""
        fitting = [k for k, step in enumerate(self._steps) if step * scale <= 1.0 + 1e-6]
        return fitting[-1] if fitting else 0

    def _forget_tiles(self) -> None:
        self._tiles.clear()
        self._seen = False
        self.update()

    def _repaint(self) -> None:
        if isValid(self):  # the scene may be gone by now
            self.update()


def _step(ratio: float) -> float:
    """Frame pixels a level pixel: exact for halvings, whose last column may overhang the frame."""
    power = 2.0 ** round(math.log2(ratio)) if ratio > 0 else 1.0
    return power if abs(ratio / power - 1) < 0.02 else ratio
