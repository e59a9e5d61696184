"""Image evidence of a sequence: how landmarks moved from frame to frame by the original pixels, made once and kept.

What was made is on disk after every few frames, so that work that was stopped goes on where it was; where points move (a person
set a key), only the frames in which they did are looked at again.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.faces.face_frame import face_size
from annotator.domain.frame_key import FrameKey
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.takes.motion import Motion
from annotator.domain.takes.take import FrameSequence
from annotator.imaging.frame_pixels import pixels_of
from annotator.imaging.patch_motion import patch_motion
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore

_BATCH = 16
_SAME_PLACE = 0.003  # of the face: evidence of a patch that near is evidence of the landmark


@dataclass
class Evidence:
    """What the pixels say of a sequence's N frames.

    Attributes:
        motions: of each frame, how landmarks came there from the frame before; None for the first one and behind gaps.
        made, kept: how many were made now, and how many were there. failures: frame id -> why its picture could not be used.
    """

    motions: list[Motion | None]
    made: int = 0
    kept: int = 0
    failures: dict[int, str] = field(default_factory=dict)


def image_evidence(
    store: ProjectStore,
    sequence: FrameSequence,
    places: NDArray[np.float64],
    progress: Progress = silent,
    stop: Stop = never,
) -> Evidence:
    """The motion between neighbouring frames round the places [N, L, 2], where landmarks are about; NaN for those not looked for.

    Raises:
        Cancelled: asked to stop; what was made stays. StoreWriteError: it could not be kept.
    """
    found = Evidence([None] * len(sequence))
    keys = file_keys(store, sequence)
    kept = kept_motions(store, sequence, keys, places)
    found.kept = len(kept)
    for place, known in kept.items():
        found.motions[place] = known
    todo = [at for at in neighbours(sequence) if at not in kept]
    progress(0, len(todo), "reading pictures")
    batch: list[tuple[int, int, str, Motion]] = []
    for done, (at, motion) in enumerate(pair_motions(keys, places, todo, found.failures), 1):
        if stop():
            store.motions.save_all(batch)
            raise Cancelled("Stopped; the evidence that was made is kept.")
        if motion is not None:
            found.motions[at], found.made = motion, found.made + 1
            files = both_files(keys[at - 1], keys[at])
            batch.append((int(sequence.frame_ids[at]), int(sequence.frame_ids[at - 1]), files, motion))
        if len(batch) >= _BATCH:
            store.motions.save_all(batch)
            batch = []
        progress(done, len(todo), keys[at].path)
    store.motions.save_all(batch)
    return found


def neighbours(sequence: FrameSequence) -> list[int]:
    """The places in a sequence whose frame follows the one before it without a gap."""
    return (np.flatnonzero(np.diff(sequence.numbers) == 1) + 1).tolist()


def file_keys(store: ProjectStore, sequence: FrameSequence) -> list[FrameKey]:
    """The sequence's frames with their files as they are now."""
    return [frame_key(store, int(frame_id)).now() for frame_id in sequence.frame_ids]


def kept_motions(
    store: ProjectStore, sequence: FrameSequence, keys: Sequence[FrameKey], places: NDArray[np.float64]
) -> dict[int, Motion]:
    """What the project has of files (keys [N]) at these places [N, L, 2], by place in the sequence."""
    older, found = store.motions.of(sequence.frame_ids.tolist()), {}
    for at in neighbours(sequence):
        before_id, files, motion = older.get(int(sequence.frame_ids[at]), (0, "", None))
        if (
            motion is not None
            and (before_id, files) == (sequence.frame_ids[at - 1], both_files(keys[at - 1], keys[at]))
            and covers(motion, places[at - 1])
        ):
            found[at] = motion
    return found


def pair_motions(
    keys: Sequence[FrameKey], places: NDArray[np.float64], todo: Sequence[int], failures: dict[int, str]
) -> Iterator[tuple[int, Motion | None]]:
    """(place, motion that led there) of each; None where a picture cannot be used, which `failures` tells (frame id: why)."""
    for at, before, after in _pairs(keys, todo, failures):
        if before is None or after is None:
            yield at, None
        else:
            yield at, patch_motion(before, after, places[at - 1], places[at])


def both_files(before: FrameKey, after: FrameKey) -> str:
    """What tells both files from any that may stand in their places."""
    return " ".join(str(part) for key in (before, after) for part in (key.nbytes, key.mtime_ns))


def covers(motion: Motion, places: NDArray[np.float64]) -> bool:
    """Whether it was made at these places, of all landmarks that are looked for."""
    wanted = np.isfinite(places).all(-1)
    if not np.isfinite(motion.start[wanted]).all():
        return False
    away = np.linalg.norm(motion.start[wanted] - places[wanted], axis=-1)
    return bool((away <= _SAME_PLACE * face_size(places)).all())


def _pairs(
    keys: Sequence[FrameKey], todo: Sequence[int], failures: dict[int, str]
) -> Iterator[tuple[int, NDArray[Any] | None, NDArray[Any] | None]]:
    """(place, pixels before, pixels) of each; a picture is read once for both of its neighbours, the next one meanwhile. None for
    one that cannot be used."""
    wanted = sorted({at for place in todo for at in (place - 1, place)})
    held: dict[int, NDArray[Any] | None] = {}
    with ThreadPoolExecutor(1, "evidence") as pool:
        ahead = pool.submit(_read, keys[wanted[0]]) if wanted else None
        for number, at in enumerate(wanted):
            assert ahead is not None
            image = ahead.result()
            ahead = pool.submit(_read, keys[wanted[number + 1]]) if number + 1 < len(wanted) else None
            if isinstance(image, str):
                failures[keys[at].frame_id] = image
            held[at] = None if isinstance(image, str) else image
            held.pop(at - 2, None)
            if at in todo:
                yield at, held.get(at - 1), held[at]


def _read(key: FrameKey) -> NDArray[Any] | str:
    try:
        return pixels_of(key)
    except (AnnotatorError, OSError, MemoryError) as error:
        return str(error)
