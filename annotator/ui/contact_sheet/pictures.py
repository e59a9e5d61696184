"""Cells of the contact sheet as they are drawn, kept while nothing in them changes: scrolling only copies pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap

from annotator.domain.coords import Affine
from annotator.services.project.contact_sheet import SheetCell
from annotator.session.pixels.byte_cache import ByteCache
from annotator.session.pixels.patches import Patch
from annotator.ui.common.theme import colour, scaled
from annotator.ui.contact_sheet.cell import paint_cell, patch_point
from annotator.ui.contact_sheet.layout import CAPTION

_Made = tuple[tuple[object, ...], QPixmap]


class CellPictures:
    """Pictures by cell number; what they show is compared by identity, as cells, affines and patches are never changed."""

    def __init__(self) -> None:
        self._made: ByteCache[int, _Made] = ByteCache(36 << 20, lambda made: _bytes(made[1]))

    @property
    def nbytes(self) -> int:
        """Memory that the pictures take."""
        return self._made.nbytes

    def set_budget(self, nbytes: int) -> None:
        """Bytes that pictures may take."""
        self._made.set_budget(nbytes)

    def clear(self) -> None:
        """Other cells are shown."""
        self._made.clear()

    def get(
        self,
        number: int,
        cell: SheetCell,
        affine: Affine,
        patch: Patch | None,
        side: int,
        title: str,
        problem: str,
        ratio: float,
        dragged: QPointF | None = None,
    ) -> QPixmap:
        """A cell's picture, its patch `side` logical pixels wide.

        `dragged`: where its point is just now, in patch pixels; such a picture is not kept.
        """
        parts = (cell, affine, patch)
        kept = self._made.get(number)
        if kept is not None and dragged is None and all(a is b for a, b in zip(kept[0], parts, strict=True)):
            return kept[1]
        picture = QPixmap(round(side * ratio), round((side + scaled(CAPTION)) * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(colour("canvas"))
        painter = QPainter(picture)
        point = dragged if dragged is not None else patch_point(affine, cell.xy)
        area = QRectF(0, 0, side, side + scaled(CAPTION))
        paint_cell(painter, area, cell, patch, affine, point, title, problem)
        painter.end()
        if dragged is None and not problem:
            self._made[number] = (parts, picture)
        return picture


def _bytes(picture: QPixmap) -> int:
    return picture.width() * picture.height() * 4
