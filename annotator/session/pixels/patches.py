"""Patches of many frames for the contact sheet: cut in threads, from the preview at once and from the frame itself soon after."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from annotator.domain.coords import Affine, compose
from annotator.domain.errors import AnnotatorError
from annotator.domain.frame_key import FrameKey
from annotator.imaging.preview_mark import mark_of
from annotator.imaging.proxy import network_pixels
from annotator.imaging.pyramid import decode_preview
from annotator.imaging.reader import read_frame
from annotator.imaging.sampling import sample
from annotator.services.models.farm.patch_file import KeptPatches
from annotator.session.pixels.byte_cache import ByteCache
from annotator.session.processes.decode_process import DecodeProcess
from annotator.store.project_store import ProjectStore

_JPEG = frozenset({".jpg", ".jpeg"})
_BUDGET = 96 << 20

PatchKey = tuple[Any, ...]
"""What tells one patch from another: frame key, landmark, place, span, side."""
Cut = tuple[PatchKey, Affine]
"""A patch, and the affine from its pixels to the frame's."""


@dataclass(frozen=True, eq=False)
class PatchJob:
    """The patches to cut from one frame: `side` x `side` pixels each."""

    key: FrameKey
    cuts: tuple[Cut, ...]
    side: int


@dataclass(frozen=True, eq=False)
class Patch:
    """uint8 [side, side, 3] RGB; a coarse one is cut from the preview and will be replaced."""

    pixels: NDArray[np.uint8]
    coarse: bool


class PatchLoader(QObject):
    """Patches in memory, bounded in bytes, and the two threads that fill it.

    One thread cuts from stored previews, so that something is seen at once, the other decodes frames: JPEG itself, other files
    in a child process, which keeps their decoders from stalling the window. `want` replaces what was wanted before.
    Patches of a file that is no longer the one that was asked for, or has another size than its frame, are not shown.
    """

    ready = Signal(object)  # PatchKey
    failed = Signal(int, str)  # frame id, why
    _cut = Signal(int, object, object)

    def __init__(self, budget: int = _BUDGET, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._made: ByteCache[PatchKey, Patch] = ByteCache(budget, lambda patch: patch.pixels.nbytes)
        self._wish = 0
        self._generation = 0
        self._kept: tuple[tuple[Path, str], KeptPatches] | None = None
        self._process = DecodeProcess()
        self._coarse = ThreadPoolExecutor(1, thread_name_prefix="patch-preview")
        self._fine = ThreadPoolExecutor(1, thread_name_prefix="patch")
        self._cut.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def nbytes(self) -> int:
        """Memory that the patches take."""
        return self._made.nbytes

    def set_budget(self, nbytes: int) -> None:
        """Bytes that patches may take."""
        self._made.set_budget(nbytes)

    def get(self, key: PatchKey) -> Patch | None:
        """A patch, if it is there."""
        return self._made.get(key)

    def want(self, project: Path, jobs: Sequence[PatchJob]) -> None:
        """Have these patches, most wanted first; what an earlier call wanted and was not begun is dropped."""
        self._wish += 1
        wish, generation = self._wish, self._generation
        there = [(job, [self._made.peek(key) for key, _ in job.cuts]) for job in jobs]
        blank = [job for job, patches in there if None in patches]
        rough = [job for job, patches in there if any(patch and patch.coarse for patch in patches)]
        if blank:
            self._coarse.submit(self._run_previews, wish, generation, project, blank)
        wanted = {id(job) for job in (*blank, *rough)}
        for job in jobs:
            if id(job) in wanted:
                self._fine.submit(self._run_frame, wish, generation, job)

    def clear(self) -> None:
        """Forget everything: another project."""
        self._generation += 1
        self._wish += 1
        self._made.clear()

    def shutdown(self) -> None:
        """End threads and child."""
        self.clear()
        self._process.close()
        for pool in (self._coarse, self._fine):
            pool.shutdown(wait=True, cancel_futures=True)

    # ---- in the threads
    def _run_previews(self, wish: int, generation: int, project: Path, jobs: Sequence[PatchJob]) -> None:
        try:
            with ProjectStore.open(project, read_only=True) as store:
                kept = self._kept_patches(project, store)
                paths = {
                    frame.id: frame.path for frame in store.frames.of_ids([j.key.frame_id for j in jobs])
                }
                for job in jobs:
                    if wish != self._wish:
                        return
                    key = job.key
                    if key.project == store.identity and self._send_kept(
                        generation, job, kept, paths.get(key.frame_id, "")
                    ):
                        continue
                    data = store.previews.get(key.frame_id) if key.project == store.identity else None
                    if data is not None and mark_of(data) in (None, (key.nbytes, key.mtime_ns)):
                        pixels = decode_preview(data)
                        scale = pixels.shape[1] / key.width
                        shrink = np.array([[scale, 0.0, 0.0], [0.0, scale, 0.0]])
                        self._send(generation, job, pixels, shrink)
        except AnnotatorError:
            return  # the frames themselves are on their way

    def _kept_patches(self, project: Path, store: ProjectStore) -> KeptPatches:
        """Those that many machines cut, also what was merged a moment ago."""
        if self._kept is None or self._kept[0] != (project, store.identity):
            self._kept = (project, store.identity), KeptPatches(project, store.scheme)
        self._kept[1].follow()
        return self._kept[1]

    def _send_kept(self, generation: int, job: PatchJob, kept: KeptPatches, path: str) -> bool:
        """Show a job's patches from those that were cut ahead, where all are there."""
        identity = job.key.nbytes, job.key.mtime_ns
        found = [kept.find(path, key[1], identity, affine, job.side) for key, affine in job.cuts]
        if None in found:
            return False
        for (key, _), each in zip(job.cuts, found, strict=True):
            if each is not None:
                pixels = sample(each[0], each[1], job.side, job.side)
                self._cut.emit(generation, key, Patch(np.ascontiguousarray(pixels), coarse=True))
        return True

    def _run_frame(self, wish: int, generation: int, job: PatchJob) -> None:
        if wish != self._wish:
            return
        try:
            path = Path(job.key.path)
            pixels = read_frame(path) if path.suffix.lower() in _JPEG else self._process.decode(path)[0][0]
            if not job.key.is_current:
                raise AnnotatorError("the file was replaced just now; show the sheet anew")
            refusal = job.key.refusal(pixels.shape[1], pixels.shape[0])
            if refusal:
                raise AnnotatorError(refusal)
            self._send(generation, job, pixels, None)
        except Exception as error:  # whatever it is, the artist must hear of it
            self._cut.emit(generation, job.key.frame_id, str(error) or type(error).__name__)

    def _send(self, generation: int, job: PatchJob, pixels: NDArray[Any], shrink: Affine | None) -> None:
        for key, frame_from_patch in job.cuts:
            source = frame_from_patch if shrink is None else compose(shrink, frame_from_patch)
            patch = network_pixels(sample(pixels, source, job.side, job.side))
            self._cut.emit(generation, key, Patch(np.ascontiguousarray(patch), shrink is not None))

    # ---- back in the window's thread
    @Slot(int, object, object)
    def _take(self, generation: int, key: object, patch: object) -> None:
        if generation != self._generation:
            return
        if not isinstance(patch, Patch) or not isinstance(key, tuple):
            self.failed.emit(key, str(patch))
            return
        old = self._made.peek(key)
        if old is not None and patch.coarse:
            return  # the frame was faster than its preview
        self._made[key] = patch
        self.ready.emit(key)
