"""Whether the pictures of a project's frames are still those that its coordinates were made on, by their headers."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from annotator.domain.capture import Frame
from annotator.domain.frame_key import size_refusal
from annotator.domain.progress import Cancelled, Stop, never
from annotator.imaging.probe import FrameInfo, FrameReadError, probe
from annotator.store.paths import located
from annotator.store.project_store import ProjectStore

_THREADS: Final = 8  # opening a file waits for the drive far longer than it computes


def headers(
    store: ProjectStore, frames: Sequence[Frame], stop: Stop = never
) -> Iterator[tuple[Frame, FrameInfo | FrameReadError]]:
    """What the header of each frame's picture says, or why it cannot be read; raises Cancelled on stop."""
    root = store.frames.capture_root

    def look(frame: Frame) -> FrameInfo | FrameReadError:
        try:
            return probe(located(root, frame.path))
        except FrameReadError as error:
            return error

    with ThreadPoolExecutor(_THREADS, "probe") as pool:
        try:
            for frame, found in zip(frames, pool.map(look, frames), strict=True):
                if stop():
                    raise Cancelled("Stopped; nothing was changed.")
                yield frame, found
        finally:
            pool.shutdown(cancel_futures=True)


def unusable(
    store: ProjectStore, frames: Sequence[Frame], stop: Stop = never, missing_too: bool = True
) -> dict[int, str]:
    """The frames whose picture has another size than the project knows (frame id: why), and with `missing_too` those that
    cannot be read."""
    found: dict[int, str] = {}
    for frame, header in headers(store, frames, stop):
        if isinstance(header, FrameReadError):
            reason = str(header) if missing_too else ""
        else:
            path = located(store.frames.capture_root, frame.path)
            reason = size_refusal(path, (frame.width, frame.height), (header.width, header.height))
        if reason:
            found[frame.id] = reason
    return found
