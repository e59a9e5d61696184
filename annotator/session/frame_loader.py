"""Pixels for the views: the preview at once, the full pyramid soon, the neighbours ahead of time."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.imaging.pyramid import decode_preview
from annotator.session.processes.decode_process import DecodeProcess, decode

_JPEG = frozenset({".jpg", ".jpeg"})
_JPEG_THREADS = 2
_STAND_INS = 8


@dataclass(frozen=True, eq=False)
class LoadedFrame:
    """Pixels of a frame.

    Attributes:
        width, height: of the frame in pixels, whatever the levels hold.
        levels: HxWx3 RGB (uint8, uint16, float16, float32), finest first, each half the one before. Of a preview
            just one, smaller than the frame: scale it by `width / levels[0].shape[1]`.
        is_preview: whether the full pixels are still to come.
    """

    frame_id: int
    width: int
    height: int
    levels: tuple[NDArray[Any], ...]
    is_preview: bool

    @property
    def nbytes(self) -> int:
        """Memory that the pixels take."""
        return sum(level.nbytes for level in self.levels)


def default_budget() -> int:
    """Bytes for decoded frames: an eighth of the machine's memory, between 256 MB and 4 GB."""
    return int(np.clip(psutil.virtual_memory().total // 8, 256 << 20, 4 << 30))


class FrameLoader(QObject):
    """Decoded pyramids in memory, bounded in bytes, and the threads and the child process that fill it.

    `want` names the frames to have, most wanted first; what is no longer wanted is not begun. The first of them is
    never dropped for memory's sake.
    """

    loaded = Signal(int)
    failed = Signal(int, str)
    preview_made = Signal(int, bytes)
    _decoded = Signal(int, int, object, object)

    def __init__(
        self,
        frame: Callable[[int], tuple[Frame, Path]],
        preview: Callable[[int], bytes | None],
        budget: int | None = None,
        parent: QObject | None = None,
        reserved: Callable[[], int] = lambda: 0,
    ) -> None:
        super().__init__(parent)
        self._reserved = reserved  # bytes of the budget that others use just now
        self._frame, self._preview = frame, preview
        self._budget = default_budget() if budget is None else budget
        self._cache: OrderedDict[int, LoadedFrame] = OrderedDict()
        self._stand_ins: OrderedDict[int, LoadedFrame] = OrderedDict()
        self._wanted: list[int] = []
        self._glances: list[int] = []  # frames of which only a preview is wanted
        self._glancing = 0
        self._broken: set[int] = set()
        self._busy: dict[int, bool] = {}  # frame id -> whether the child process decodes it
        self._generation = 0
        self._process = DecodeProcess()
        self._threads = ThreadPoolExecutor(_JPEG_THREADS + 1, thread_name_prefix="decode")
        self._decoded.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def nbytes(self) -> int:
        """Memory that decoded frames and previews take now."""
        kept = (*self._cache.values(), *self._stand_ins.values())
        return sum(item.nbytes for item in kept)

    def set_budget(self, nbytes: int) -> None:
        """Bytes that decoded frames may take, together with those that others reserve."""
        self._budget = nbytes
        self._trim()

    def image(self, frame_id: int) -> LoadedFrame | None:
        """The best pixels there are: full, else the stored preview (decoded here, some 5 ms), else None."""
        if frame_id in self._cache:
            self._cache.move_to_end(frame_id)
            return self._cache[frame_id]
        if frame_id in self._stand_ins:
            return self._stand_ins[frame_id]
        data = self._preview(frame_id)
        if data is None:
            return None
        frame, _ = self._frame(frame_id)
        try:
            pixels = decode_preview(data)
        except AnnotatorError:
            return None  # the full frame is on its way, and a new preview with it
        image = LoadedFrame(frame_id, frame.width, frame.height, (pixels,), is_preview=True)
        self._stand_ins[frame_id] = image
        while len(self._stand_ins) > _STAND_INS:
            self._stand_ins.popitem(last=False)
        return image

    def want(self, frame_ids: Sequence[int]) -> None:
        """The frames to have in memory, most wanted first."""
        self._wanted = list(frame_ids)
        self._broken.difference_update(self._wanted[:1])  # looking at it is asking again
        self._start()

    def want_previews(self, frame_ids: Sequence[int]) -> None:
        """Frames whose previews to make while nothing else is decoded, most wanted first; their pixels are not kept."""
        self._glances = list(frame_ids)
        self._start()

    def clear(self) -> None:
        """Forget everything: another project."""
        self._generation += 1
        self._glances.clear()
        self._glancing = 0
        self._cache.clear()
        self._stand_ins.clear()
        self._wanted.clear()
        self._broken.clear()
        self._busy.clear()

    def shutdown(self) -> None:
        """End threads and child."""
        self.clear()
        self._process.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> None:
        """Begin the most wanted frames that a free thread, or the free child, can take."""
        for frame_id in self._wanted:
            self._begin(frame_id)
        while self._glances and not self._busy:
            self._glancing = self._glances.pop(0)
            self._begin(self._glancing)

    def _begin(self, frame_id: int) -> None:
        """Decode a frame if that is new and somebody is free for it."""
        if frame_id in self._cache or frame_id in self._busy or frame_id in self._broken:
            return
        try:
            frame, path = self._frame(frame_id)
        except AnnotatorError as error:
            self._broken.add(frame_id)
            self.failed.emit(frame_id, str(error))
            return
        heavy = path.suffix.lower() not in _JPEG
        if sum(busy == heavy for busy in self._busy.values()) >= (1 if heavy else _JPEG_THREADS):
            return
        self._busy[frame_id] = heavy
        work = self._process.decode if heavy else decode
        self._threads.submit(self._run, work, self._generation, frame, frame_id, path)

    def _run(self, work: Callable[[Path], Any], generation: int, frame: Frame, key: int, path: Path) -> None:
        """In a thread."""
        try:
            levels, preview = work(path)
        except Exception as error:  # whatever it is, the artist must hear of it
            self._decoded.emit(generation, key, None, str(error) or type(error).__name__)
            return
        height, width = levels[0].shape[:2]
        if (width, height) != (frame.width, frame.height):
            text = f"{path} is {width} x {height} now; it was {frame.width} x {frame.height} when it was imported"
            self._decoded.emit(generation, key, None, text)
            return
        self._decoded.emit(generation, key, LoadedFrame(key, width, height, tuple(levels), False), preview)

    @Slot(int, int, object, object)
    def _take(self, generation: int, frame_id: int, image: LoadedFrame | None, more: object) -> None:
        if generation != self._generation:
            return
        self._busy.pop(frame_id, None)
        if image is None:
            self._broken.add(frame_id)
            self.failed.emit(frame_id, str(more))
        elif frame_id == self._glancing and frame_id not in self._wanted:
            self.preview_made.emit(frame_id, more)
        else:
            self._cache[frame_id] = image
            self._stand_ins.pop(frame_id, None)
            self._trim()
            if self._preview(frame_id) is None:
                self.preview_made.emit(frame_id, more)
            self.loaded.emit(frame_id)
        self._start()

    def _trim(self) -> None:
        keep = self._wanted[0] if self._wanted else None
        for frame_id in list(self._cache):
            if self.nbytes <= self._budget - self._reserved():
                return
            if frame_id != keep:
                del self._cache[frame_id]
                # Decoding it again at once would only push the next one out.
                if frame_id in self._wanted:
                    self._wanted.remove(frame_id)
