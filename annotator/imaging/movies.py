"""What a movie holds and when each of its frames is shown, by PyAV (extra `movies`), found out without unpacking it.

All packets are read once, none is decoded but the first: that tells every frame's time stamp, and at which frames decoding may
begin. A movie is asked again only when its file changed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from annotator.domain.outside_files import NoRegularFile, check_regular
from annotator.imaging.frame_info import FrameInfo, FrameReadError, check_size
from annotator.imaging.limits import ReadLimits, current_limits

_READABLE: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,mxf,mxf_opatom"
_MOST_FRAMES: Final = 1_000_000
_KEPT: Final = 64
_ALIKE: Final = 0.001  # a rate in the header this near to the measured one is the rate
_UNEVEN: Final = 0.25  # of the usual time from frame to frame


@dataclass(frozen=True, eq=False)
class Movie:
    """The main picture of a movie.

    Attributes:
        path: of the file. stamp: its length and time of change. info: of every frame; `orientation` is 1, 3, 6 or 8.
        times: int64 [N], when each frame is shown, in ticks, rising. starts: int64 [K], places of the frames at which decoding
        may begin, rising. rate: frames a second, the mean where they are not even. is_even: whether all frames last alike.
        by_time: whether frames are told by their time stamps; else they are counted from the first one on.
    """

    path: Path
    stamp: tuple[int, int]
    info: FrameInfo
    times: NDArray[np.int64]
    starts: NDArray[np.int64]
    rate: Fraction
    is_even: bool
    by_time: bool

    def __len__(self) -> int:
        return len(self.times)

    def check(self, number: int) -> None:
        """Raises FrameReadError where it has no frame of that number (from 1 on)."""
        if not 1 <= number <= len(self):
            raise FrameReadError(self.path, f"has {len(self)} frames now, and no frame {number}")


_movies: LRUCache[Path, Movie] = LRUCache(_KEPT)
_lock = threading.Lock()


def movie(path: str | Path, limits: ReadLimits | None = None) -> Movie:
    """What a movie holds. Reading all its packets takes as long as reading the file, the first time.

    Raises FrameReadError for a file that is missing, no movie, without frames, beyond the limits, and without the extra `movies`.
    """
    path, limits = Path(path).absolute(), limits or current_limits()
    stamp = _stamp(path)
    with _lock:
        known = _movies.get(path)
        if known is None or known.stamp != stamp:
            known = _movies[path] = _read(path, stamp, limits)
    check_size(path, known.info.width, known.info.height, limits)
    return known


@contextmanager
def opened(path: Path, limits: ReadLimits) -> Iterator[tuple[Any, Any]]:
    """A movie's container and its video stream; what PyAV raises inside becomes a FrameReadError.

    Only files that are movies by their content are opened, and nothing that they name elsewhere.
    """
    av = _pyav(path)
    options = {"protocol_whitelist": "file", "format_whitelist": _READABLE}
    try:
        with av.open(str(path), options=options, metadata_errors="ignore") as container:
            if not container.streams.video:
                raise FrameReadError(path, "has no pictures, or was cut short; export it again")
            stream = container.streams.video[0]
            width, height = stream.codec_context.width, stream.codec_context.height
            check_size(path, width, height, limits)
            stream.codec_context.options = {"max_pixels": str(limits.max_pixels)}
            stream.thread_type = "AUTO"
            yield container, stream
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        text = " ".join(str(error).split())[:160]
        raise FrameReadError(path, f"is no readable movie, or damaged ({text}); export it again") from error


def _pyav(path: Path) -> Any:
    try:
        import av
    except ImportError:
        raise FrameReadError(
            path,
            "is a movie, and reading movies needs: pip install 'annotator-landmarks[movies]'. Or unpack it into a folder of "
            "frames",
        ) from None
    av.logging.set_level(None)  # what is wrong with a file is told in our words
    return av


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = check_regular(path)
    except FileNotFoundError:
        raise FrameReadError(path, "does not exist; was it moved, or is its drive not mounted?") from None
    except NoRegularFile as error:
        raise FrameReadError(path, f"is no movie: {error.strerror}") from None
    except OSError as error:
        raise FrameReadError(path, f"cannot be read ({error.strerror or error}); check its drive") from None
    if not found.st_size:
        raise FrameReadError(path, "is empty (0 bytes); copy it again from its source")
    return found.st_size, found.st_mtime_ns


def _read(path: Path, stamp: tuple[int, int], limits: ReadLimits) -> Movie:
    with opened(path, limits) as (container, stream):
        info = _info(path, container, stream)
    with opened(path, limits) as (container, stream):
        times, is_start, is_told = _packets(path, container, stream)
        tick = stream.time_base
        rates = [stream.average_rate, stream.guessed_rate, stream.base_rate]
        is_timed = is_told
        # AVI keeps no time stamps: those of pictures that are stored out of order are guessed from their place
        is_told = is_told and (container.format.name != "avi" or bool(is_start.all()))
    order = np.argsort(times, kind="stable")
    times, starts = times[order], np.flatnonzero(is_start[order])
    is_told = is_told and bool((np.diff(times) > 0).all()) and len(starts) > 0
    steps = np.diff(times) if len(times) > 1 else np.ones(1, np.int64)
    usual = float(np.median(steps))
    is_even = not is_told or bool((np.abs(steps - usual) <= max(_UNEVEN * usual, 1)).all())
    long = float((times[-1] - times[0]) * tick) if is_timed and len(times) > 1 else 0.0
    rate = _rate((len(times) - 1) / long if long > 0 else 0.0, rates)
    return Movie(path, stamp, info, times, starts, rate, is_even, is_told)


def _packets(path: Path, container: Any, stream: Any) -> tuple[NDArray[np.int64], NDArray[np.bool_], bool]:
    """(int64 [N] time stamps, bool [N] whether decoding may begin there, whether all stamps are in the file) as stored."""
    times: list[int] = []
    starts: list[bool] = []
    is_told = True
    for packet in container.demux(stream):
        if not packet.size or packet.is_discard:
            continue
        is_told = is_told and packet.pts is not None
        times.append(packet.pts if packet.pts is not None else len(times))
        starts.append(bool(packet.is_keyframe))
        if len(times) > _MOST_FRAMES:
            raise FrameReadError(path, f"has more than {_MOST_FRAMES:,} frames; cut it into takes")
    if not times:
        raise FrameReadError(path, "has no frames")
    if not is_told:
        times = list(range(len(times)))
    return np.array(times, np.int64), np.array(starts, np.bool_), is_told


def _info(path: Path, container: Any, stream: Any) -> FrameInfo:
    """By the first frame: a header may leave open how pixels are stored, and which way is up."""
    frame = next(container.decode(stream), None)
    if frame is None:
        raise FrameReadError(path, "has no frames that can be decoded")
    deep = max(component.bits for component in frame.format.components) > 8
    turned = round(frame.rotation / 90) % 4  # quarters against the clock
    width, height = (frame.height, frame.width) if turned % 2 else (frame.width, frame.height)
    dtype = np.dtype(np.uint16 if deep else np.uint8)
    orientation = (1, 8, 3, 6)[turned]
    return FrameInfo(width, height, dtype, 3, orientation, "movie", stream.codec_context.name)


def _rate(measured: float, told: list[Fraction | None]) -> Fraction:
    """The rate in the header where it is the one that the time stamps have; else theirs. 24 where nothing is known."""
    known = [Fraction(rate) for rate in told if rate and 0 < rate <= 1000]
    if measured <= 0:
        return known[0] if known else Fraction(24)
    fitting = [rate for rate in known if abs(float(rate) / measured - 1) < _ALIKE]
    return fitting[0] if fitting else Fraction(measured).limit_denominator(1001)
