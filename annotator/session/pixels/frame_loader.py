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

from annotator.domain.errors import AnnotatorError
from annotator.domain.frame_key import FrameKey
from annotator.imaging.preview_mark import mark_of, marked
from annotator.imaging.pyramid import decode_preview
from annotator.session.frame_keys import FrameKeys
from annotator.session.processes.decode_process import DecodeProcess, decode

_JPEG = frozenset({".jpg", ".jpeg"})
_JPEG_THREADS = 2
_STAND_INS = 8


@dataclass(frozen=True, eq=False)
class LoadedFrame:
    """Pixels of a frame.

    Attributes:
        key: the frame and its file. width, height: of the frame in pixels, whatever the levels hold.
        levels: HxWx3 RGB (uint8, uint16, float16, float32), finest first, each half the one before. Of a preview
            just one, smaller than the frame: scale it by `width / levels[0].shape[1]`.
        is_preview: whether the full pixels are still to come.
    """

    key: FrameKey
    width: int
    height: int
    levels: tuple[NDArray[Any], ...]
    is_preview: bool

    @property
    def frame_id(self) -> int:
        """The frame's id in its project."""
        return self.key.frame_id

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
    never dropped for memory's sake. Everything is kept by frame key, so that neither another project's pixels nor those
    of a file that was replaced are ever told of.
    """

    loaded = Signal(int)
    failed = Signal(int, str)
    preview_made = Signal(object, bytes)  # FrameKey, JPEG
    _decoded = Signal(object, object, object)

    def __init__(
        self,
        keys: FrameKeys,
        preview: Callable[[FrameKey], bytes | None],
        budget: int | None = None,
        parent: QObject | None = None,
        reserved: Callable[[], int] = lambda: 0,
    ) -> None:
        super().__init__(parent)
        self._reserved = reserved  # bytes of the budget that others use just now
        self._keys, self._preview = keys, preview
        self._budget = default_budget() if budget is None else budget
        self._cache: OrderedDict[FrameKey, LoadedFrame] = OrderedDict()
        self._stand_ins: OrderedDict[FrameKey, LoadedFrame] = OrderedDict()
        self._wanted: list[FrameKey] = []
        self._glances: list[int] = []  # frames of which only a preview is wanted
        self._ahead: list[int] = []  # the same, of frames that may pass by later
        self._glancing: FrameKey | None = None
        self._broken: set[FrameKey] = set()
        self._busy: dict[FrameKey, bool] = {}  # whether the child process decodes it
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
        key = self._keys.of(frame_id)
        if key in self._cache:
            self._cache.move_to_end(key)
            return self._cache[key]
        if key in self._stand_ins:
            return self._stand_ins[key]
        data = self._preview(key)
        if data is None:
            return None
        try:
            pixels = decode_preview(data)
        except AnnotatorError:
            return None  # the full frame is on its way, and a new preview with it
        height, width = pixels.shape[:2]  # where the project does not know the frame's size
        image = LoadedFrame(key, key.width or width, key.height or height, (pixels,), is_preview=True)
        self._stand_ins[key] = image
        while len(self._stand_ins) > _STAND_INS:
            self._stand_ins.popitem(last=False)
        return image

    def want(self, frame_ids: Sequence[int]) -> None:
        """The frames to have in memory, most wanted first."""
        self._wanted = [key for frame_id in frame_ids if (key := self._look(frame_id)) is not None]
        self._broken.difference_update(self._wanted[:1])  # looking at it is asking again
        self._start()

    def want_previews(self, frame_ids: Sequence[int], ahead: bool = False) -> None:
        """Frames whose previews to make while nothing else is decoded, most wanted first; their pixels are not kept.

        `ahead`: those of a take, which come after all others and are a wish of their own.
        """
        if ahead:
            self._ahead = list(frame_ids)
        else:
            self._glances = list(frame_ids)
        self._start()

    def clear(self) -> None:
        """Forget everything: another project. What is being decoded just now is thrown away when it comes."""
        self._glances.clear()
        self._ahead.clear()
        self._glancing = None
        self._cache.clear()
        self._stand_ins.clear()
        self._wanted.clear()
        self._broken.clear()

    def shutdown(self) -> None:
        """End threads and child."""
        self.clear()
        self._process.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> None:
        """Begin the most wanted frames that a free thread, or the free child, can take: the first alone, until it is there."""
        for key in self._wanted:
            self._begin(key)
            if self._wanted[0] in self._busy:
                return  # nothing takes the processors from the frame that is looked at
        while (self._glances or self._ahead) and not self._busy:
            self._glancing = self._look((self._glances or self._ahead).pop(0))
            if self._glancing is not None:
                self._begin(self._glancing)

    def _look(self, frame_id: int) -> FrameKey | None:
        """A frame's key; pixels of the file that it had before are forgotten."""
        try:
            old, key = self._keys.of(frame_id), self._keys.look(frame_id)
        except AnnotatorError as error:
            self.failed.emit(frame_id, str(error))
            return None
        if old != key:
            self._cache.pop(old, None)
            self._stand_ins.pop(old, None)
        return key

    def _begin(self, key: FrameKey) -> None:
        """Decode a frame if that is new and somebody is free for it."""
        if key in self._cache or key in self._busy or key in self._broken:
            return
        path = Path(key.path)
        heavy = path.suffix.lower() not in _JPEG
        if sum(busy == heavy for busy in self._busy.values()) >= (1 if heavy else _JPEG_THREADS):
            return
        self._busy[key] = heavy
        self._threads.submit(self._run, self._process.decode if heavy else decode, key)

    def _run(self, work: Callable[[Path], Any], key: FrameKey) -> None:
        """In a thread."""
        image: LoadedFrame | None = None
        more: bytes | str
        try:
            levels, preview = work(Path(key.path))
            height, width = levels[0].shape[:2]
            refusal = key.refusal(width, height)
            if refusal:
                raise AnnotatorError(refusal)
            image, more = LoadedFrame(key, width, height, tuple(levels), False), preview
        except Exception as error:  # whatever it is, the artist must hear of it
            more = str(error) or type(error).__name__
        self._decoded.emit(key, image, more if key.is_current else None)

    @Slot(object, object, object)
    def _take(self, key: FrameKey, image: LoadedFrame | None, more: bytes | str | None) -> None:
        """Back in the window's thread; `more` is the preview, else what went wrong, else None: the file was replaced."""
        self._busy.pop(key, None)
        if more is None or not self._keys.fits(key):
            self._read_anew(key)
        elif image is None or isinstance(more, str):
            self._broken.add(key)
            self.failed.emit(key.frame_id, str(more))
        elif key == self._glancing and key not in self._wanted:
            self.preview_made.emit(key, _marked(more, key))
        else:
            self._cache[key] = image
            self._stand_ins.pop(key, None)
            self._trim()
            stored = self._preview(key)
            if stored is None or mark_of(stored) is None:
                self.preview_made.emit(key, _marked(more, key))
            self.loaded.emit(key.frame_id)
        self._start()

    def _read_anew(self, key: FrameKey) -> None:
        """The file of a frame was replaced: whoever waits for it waits for what is there now."""
        if key.project == self._keys.project and key in self._wanted:
            now, place = self._look(key.frame_id), self._wanted.index(key)
            self._wanted[place : place + 1] = [] if now is None else [now]

    def _trim(self) -> None:
        keep = self._wanted[0] if self._wanted else None
        for key in list(self._cache):
            if self.nbytes <= self._budget - self._reserved():
                return
            if key != keep:
                del self._cache[key]
                # Decoding it again at once would only push the next one out.
                if key in self._wanted:
                    self._wanted.remove(key)


def _marked(preview: bytes, key: FrameKey) -> bytes:
    return marked(preview, (key.nbytes, key.mtime_ns))
