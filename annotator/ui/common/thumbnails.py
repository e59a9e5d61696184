"""Small pictures for lists, made from stored previews one at a time between events, newest wish first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImageReader, QPixmap

from annotator.session.pixels.byte_cache import ByteCache
from annotator.ui.common.theme import scaled

_WISHES = 60  # older wishes are of rows that were scrolled away


class Thumbnails(QObject):
    """A bounded cache; asking for what is not there yet queues it and ``ready`` follows.

    Args:
        source: frame id -> JPEG bytes, or None while there is no preview.
        side: logical pixels of the square, which grow with the texts.
    """

    ready = Signal(int)
    lacking = Signal(int)  # the source has no preview of this frame yet

    def __init__(
        self,
        source: Callable[[int], bytes | None],
        side: int,
        ratio: float = 1.0,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._source, self._side, self._ratio = source, side, ratio
        self._made: ByteCache[int, QPixmap | None] = ByteCache(15 << 20, lambda _: self._each)
        self._pixels = 0  # of a side of those that are made
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._make_one)

    @property
    def nbytes(self) -> int:
        """Memory that thumbnails take, none spared."""
        return self._made.nbytes

    @property
    def _each(self) -> int:
        return 4 * self._pixels**2

    def set_budget(self, nbytes: int) -> None:
        """Bytes that thumbnails may take."""
        self._made.set_budget(nbytes)

    def get(self, frame_id: int) -> QPixmap | None:
        """The thumbnail if it is made, else None, and it will be."""
        pixels = round(scaled(self._side) * self._ratio)
        if pixels != self._pixels:  # texts have another size now
            self._pixels = pixels
            self._made.clear()
        if frame_id in self._made:
            return self._made[frame_id]
        self._wanted[frame_id] = None
        self._wanted.move_to_end(frame_id)
        while len(self._wanted) > _WISHES:
            self._wanted.popitem(last=False)
        self._timer.start()
        return None

    def forget(self, frame_id: int | None = None) -> None:
        """A preview changed (or, with None, all of them): make it again when it is next asked for."""
        if frame_id is None:
            self._made.clear()
            self._wanted.clear()
        else:
            self._made.pop(frame_id, None)
            self.ready.emit(frame_id)

    def _make_one(self) -> None:
        if not self._wanted:
            self._timer.stop()
            return
        frame_id = self._wanted.popitem()[0]
        made = self._made[frame_id] = self._decode(self._source(frame_id))
        (self.ready if made is not None else self.lacking).emit(frame_id)

    def _decode(self, data: bytes | None) -> QPixmap | None:
        if data is None:
            return None
        buffer = QBuffer()
        buffer.setData(QByteArray(data))
        reader = QImageReader(buffer)
        side = self._pixels
        size = reader.size()
        if size.isValid():  # the JPEG is decoded at an eighth, a quarter or a half: a few times faster
            reader.setScaledSize(
                size.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            )
        image = reader.read()
        if image.isNull():
            return None
        left, top = (image.width() - side) // 2, (image.height() - side) // 2
        pixmap = QPixmap.fromImage(image.copy(max(left, 0), max(top, 0), side, side))
        pixmap.setDevicePixelRatio(self._ratio)
        return pixmap
