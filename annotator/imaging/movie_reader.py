"""Reads the frames of movies by number: the same pixels whatever was read before, without decoding more than it takes.

Decoding begins at the last frame before the wanted one at which it may begin, and goes on from frame to frame; every frame that
comes out is told by its time stamp, so that damage leaves frames out and moves none to another number. A few movies stay open, so
that the next frame costs one frame.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from annotator.imaging.frame_info import FrameReadError
from annotator.imaging.limits import Clock, ReadLimits, current_limits, memory_refusal
from annotator.imaging.movies import Movie, movie, opened
from annotator.imaging.orientation import upright

_OPEN: Final = 2
_HIGH: Final = 720  # px from which on pictures that name no colours have those of HDTV
_MATRICES: Final = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""FFmpeg's numbers of colour matrices as its scaler counts them."""
_FULL_RANGE: Final = 2


def read_movie_frame(path: str | Path, number: int, limits: ReadLimits | None = None) -> NDArray[Any]:
    """The upright pixels of a movie's frame (from 1 on): HxWx3 RGB, uint8, or uint16 where it has more than 8 bits.

    Raises FrameReadError as `movie` does, where there is no such frame, and where it is damaged.
    """
    limits = limits or current_limits()
    found = movie(path, limits)
    found.check(number)
    info = found.info
    told = memory_refusal(info.width * info.height * 3 * info.dtype.itemsize * 2, limits)
    if told:
        raise FrameReadError(found.path, told)
    with _lock:
        return _decoder_of(found, limits).read(number - 1)


class _Decoder:
    """One movie that is open, and where decoding it stands."""

    def __init__(self, known: Movie, limits: ReadLimits) -> None:
        self.movie, self._limits = known, limits
        self._by_time = known.by_time
        self._open = ExitStack()
        self._frames: Iterator[tuple[int, Any]] = iter(())
        self._next = len(known)  # the place of the frame that comes next; none does
        self._passed = False  # whether frames before the wanted one came out since decoding began
        self._last: tuple[int, NDArray[Any]] | None = None

    def read(self, place: int) -> NDArray[Any]:
        """The pixels of the frame at a place (from 0 on)."""
        if self._last is None or self._last[0] != place:
            try:
                frame = self._decoded(place)
            except _Astray:  # frames come with other time stamps than the file has: count
                self._by_time = False
                frame = self._decoded(place)
            self._last = place, self._pixels(frame)
        return self._last[1].copy()

    def close(self) -> None:
        """The file is free."""
        self._open.close()
        self._frames, self._next = iter(()), len(self.movie)

    def _decoded(self, place: int) -> Any:
        starts = self.movie.starts
        before = np.searchsorted(starts, place, "right") - 1
        start = int(starts[before]) if self._by_time and before >= 0 else 0
        if start <= self._next <= place:
            found = self._on_to(place)
        else:
            found = self._on_to(place, start)
            if found is None and start and not self._passed:  # the seek led too far
                found = self._on_to(place, 0)
        if found is None:
            self.close()
            raise FrameReadError(self.movie.path, f"is cut short or damaged at frame {place + 1}")
        return found

    def _on_to(self, place: int, start: int | None = None) -> Any:
        """Decode on, or from `start`, to a frame; None where it does not come out. Those that do keep their own places."""
        import av

        clock = Clock(self._limits)
        try:
            if start is not None:
                self._begin(start)
            for at, frame in self._frames:
                self._next = at + 1
                if at == place:
                    return frame
                if at > place:
                    return None
                self._passed = True
                refusal = clock.refusal()
                if refusal:
                    raise FrameReadError(self.movie.path, f"frame {place + 1} {refusal}")
        except av.FFmpegError:  # what comes after it refers to what is broken
            pass
        return None

    def _begin(self, start: int) -> None:
        """Decode from a frame on at which that may begin."""
        self.close()
        container, stream = self._open.enter_context(opened(self.movie.path, self._limits))
        if start:
            container.seek(int(self.movie.times[start]), stream=stream, backward=True, any_frame=False)
        self._next, self._passed = start, False
        frames = container.decode(stream)
        self._frames = self._told(frames, start) if self._by_time else enumerate(frames)

    def _told(self, frames: Iterator[Any], start: int) -> Iterator[tuple[int, Any]]:
        """(place, frame) from `start` on, rising, without damaged ones; raises `_Astray` for a frame that is not the movie's."""
        times, last = self.movie.times, -1
        for frame in frames:
            at = -1 if frame.pts is None else int(np.searchsorted(times, frame.pts))
            if at < 0 or at == len(times) or times[at] != frame.pts or at <= last:
                raise _Astray
            last = at
            # on the way to the start; what refers to frames before it is broken here, and read from an earlier one
            if at >= start:
                yield at, frame

    def _pixels(self, frame: Any) -> NDArray[Any]:
        info = self.movie.info
        stored = (info.height, info.width) if info.orientation in (6, 8) else (info.width, info.height)
        if (frame.width, frame.height) != stored:
            raise FrameReadError(
                self.movie.path,
                f"changes its size on the way, to {frame.width} x {frame.height}; cut it there",
            )
        if frame.is_corrupt:
            raise FrameReadError(self.movie.path, "is damaged or cut short here; copy or export it again")
        from av.video.reformatter import Interpolation

        yuv = not frame.format.is_rgb
        unnamed = 1 if frame.height >= _HIGH else 5
        matrix = _MATRICES.get(int(frame.colorspace), unnamed)
        full = int(frame.color_range) == _FULL_RANGE
        pixels = frame.to_ndarray(
            format="rgb24" if info.dtype == np.uint8 else "rgb48le",
            src_colorspace=matrix if yuv else None,
            dst_colorspace=matrix if yuv else None,
            src_color_range=(_FULL_RANGE if full else 1) if yuv else None,
            dst_color_range=_FULL_RANGE if yuv else None,
            interpolation=Interpolation.BICUBIC
            | Interpolation.ACCURATE_RND
            | Interpolation.FULL_CHR_H_INT
            | Interpolation.BITEXACT,
            threads=1,
        )
        return upright(np.ascontiguousarray(pixels, info.dtype), info.orientation)


class _Astray(Exception):
    """Decoding did not lead where the time stamps said."""


_decoders: OrderedDict[Path, _Decoder] = OrderedDict()
_lock = threading.Lock()


def _decoder_of(known: Movie, limits: ReadLimits) -> _Decoder:
    """The movie's decoder; one of an older file is closed, and the one that was used longest ago where there are many."""
    found = _decoders.pop(known.path, None)
    if found is not None and found.movie is not known:
        found.close()
        found = None
    _decoders[known.path] = found = found or _Decoder(known, limits)
    while len(_decoders) > _OPEN:
        _decoders.popitem(last=False)[1].close()
    return found
