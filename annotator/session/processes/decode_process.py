"""A child process that decodes EXR, TIFF and PNG: in a thread of the window they would stall it for 300 ms."""

import multiprocessing
import threading
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.imaging.pyramid import preview_jpeg, pyramid
from annotator.imaging.reader import read_frame
from annotator.session.processes.priority import limit_memory, lower_priority
from annotator.session.processes.shared_arrays import share, take

MOST_SECONDS = 300.0
"""A picture that takes longer is given up, and the child with it."""
MOST_MEMORY = 16 << 30
"""Bytes that the child may address: what the largest pictures within the limits take, and no more."""


def decode(path: Path) -> tuple[list[NDArray[Any]], bytes]:
    """A frame's pyramid, finest first, and its preview JPEG; raises `AnnotatorError` for a file that cannot be read."""
    levels = pyramid(read_frame(path))
    small = next((level for level in reversed(levels) if max(level.shape[:2]) >= 1024), levels[0])
    return levels, preview_jpeg(small)


def serve(pipe: Connection) -> None:
    """The child's loop: a path in; block name, layout and preview out, or the error's text. Ends with the window."""
    lower_priority()
    limit_memory(MOST_MEMORY)
    try:
        while (path := pipe.recv()) is not None:
            _answer(pipe, Path(path))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(pipe: Connection, path: Path) -> None:
    try:
        levels, preview = decode(path)
        block, layout = share(levels)
    except (AnnotatorError, OSError, MemoryError) as error:
        pipe.send(str(error) or type(error).__name__)
        return
    pipe.send((block.name, layout, preview))
    pipe.recv()  # the window has taken the pixels
    block.close()


class DecodeProcess:
    """The window's end: `decode` as above, but in the child, which starts at the first call and again after a crash."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # one frame at a time
        self._starting = threading.Lock()  # `close` may come while a thread starts the child
        self._closed = False
        self._child: BaseProcess | None = None
        self._pipe: Connection | None = None

    def decode(self, path: Path) -> tuple[list[NDArray[Any]], bytes]:
        """Blocks; call it in a thread. Raises `AnnotatorError` for a file that cannot be read, or that crashed the child."""
        with self._lock:
            pipe = self._pipe or self._start()
            try:
                pipe.send(str(path))
                if not pipe.poll(MOST_SECONDS):
                    self._stop()
                    raise AnnotatorError(
                        f"{path.name} was given up after {MOST_SECONDS:.0f} s of decoding; copy or export it again."
                    )
                answer = pipe.recv()
                if isinstance(answer, str):
                    raise AnnotatorError(answer)
                name, layout, preview = answer
                levels = take(name, layout)
                pipe.send("taken")
            except (EOFError, OSError) as error:
                self._stop()
                raise AnnotatorError(
                    f"{path.name} could not be decoded: the decoder stopped. Is the file sound?"
                ) from error
            return levels, preview

    def close(self) -> None:
        """End the child for good, at once if it is decoding."""
        with self._starting:
            self._closed = True
            if self._child is not None:
                self._child.kill()
        with self._lock:
            self._stop()

    def _start(self) -> Connection:
        with self._starting:
            if self._closed:
                raise AnnotatorError("the window is being closed")
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._child = context.Process(target=serve, args=(theirs,), daemon=True, name="decode")
            self._child.start()
            theirs.close()
            return self._pipe

    def _stop(self) -> None:
        with self._starting:
            if self._child is not None and self._pipe is not None:
                self._pipe.close()
                self._child.kill()
                self._child.join()
            self._child = self._pipe = None
