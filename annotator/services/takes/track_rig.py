"""Tracking a take in space: all calibrated cameras of its rig at once, where one view's keys serve the others as well."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Flag
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.rigs.rig import Rig
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.takes.take import FrameSequence, TakeError
from annotator.services.rigs.taken import witnesses
from annotator.services.takes.rig_cameras import RigCameras
from annotator.services.takes.track import (
    Found,
    TrackSummary,
    TrackWishes,
    detail_of,
    looked_at,
    missing_frames,
    observe,
    places_of,
    tracks_of,
    write,
)
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig
from annotator.takes.beliefs import Beliefs
from annotator.takes.fuse import MAKER, Fused
from annotator.takes.observations import Observations
from annotator.takes.space import fuse_in_space

IN_SPACE = f"{MAKER} in space"
"""What the ledger calls this."""


@dataclass(frozen=True, eq=False)
class RigOfTake:
    """The rig by which a take is tracked in space, and those of its cameras that saw the take as they were calibrated, two or
    more, in the rig's order."""

    rig: ProjectRig
    cameras: tuple[str, ...]

    def views(self, sequences: Sequence[FrameSequence]) -> list[FrameSequence]:
        """Those of the take's sequences that are tracked together; none for fewer than two."""
        found = {sequence.camera: sequence for sequence in sequences}
        views = [found[name] for name in self.cameras if name in found]
        return views if len(views) > 1 else []


def rig_of(store: ProjectStore, subject: str, take: str) -> RigOfTake | None:
    """What a take is tracked by in space; None where it has no rig, or fewer than two of its cameras serve."""
    rig = store.rigs.of_take(subject, take)
    if rig is None:
        return None
    sizes = defaultdict(set)
    for shot in store.frames.shots(subject, take):
        sizes[shot.camera].add((shot.width, shot.height))
    cameras = [name for name, one in rig.rig.cameras.items() if sizes.get(name) == {(one.width, one.height)}]
    return RigOfTake(rig, tuple(cameras)) if len(cameras) > 1 else None


def track_in_space(
    store: ProjectStore,
    views: Sequence[FrameSequence],
    rig: ProjectRig,
    wishes: TrackWishes | None = None,
    cameras: Collection[str] = (),
    progress: Progress = silent,
    stop: Stop = never,
    user: str = "",
) -> list[TrackSummary]:
    """Track landmarks through a take in all views of its rig and keep them in the project's track layer.

    Taken in are the frames that are asked for and those up to the next keys of any view on either side, of all views. Points that
    a person took from the other views, or flagged as occluded, stay as they are, but are no evidence.

    Args:
        views: as `RigOfTake.views` gives them. cameras: those whose frames are written; all without any.

    Returns:
        What was done to the views that were written, and those of whose pictures some could not be used.

    Raises:
        TakeError: no such frames, or nothing is known of the landmarks in any. Cancelled: asked to stop; image evidence is kept,
        the track layer is as it was. StoreWriteError: it could not be written, nothing was.
    """
    wishes = wishes or TrackWishes()
    at = wishes.indices(store.scheme.size)
    asked = _asked(views, wishes)
    reached = _reach(store, views, asked, at)
    summaries = [TrackSummary(view.name, notes=missing_frames(view)) for view in views]
    paths = paths_in_space(store, reached, rig, at, wishes.pictures, summaries, progress, stop)
    chosen = [not cameras or view.camera in cameras for view in views]
    found = []
    for view, wanted, (seen, path), summary, is_chosen in zip(
        reached, asked, paths, summaries, chosen, strict=True
    ):
        keys = seen.is_key[:, at].any(1)
        summary.keys = int(keys.sum())
        if is_chosen and len(wanted):
            detail = detail_of(store, wishes, at, wanted, view.numbers[keys])
            tracks = tracks_of(store, view, wanted, seen, path, at)
            found.append(Found(view, tracks, detail | rig_detail(rig, reached), summary))
    write(store, found, wishes.mode, user, IN_SPACE)
    return [each for each, is_chosen in zip(summaries, chosen, strict=True) if is_chosen or each.failures]


def rig_detail(rig: ProjectRig, views: Sequence[FrameSequence]) -> dict[str, Any]:
    """What the history keeps of the rig of a run."""
    return {"rig": rig.label, "cameras": [view.camera for view in views]}


def paths_in_space(
    store: ProjectStore,
    views: Sequence[FrameSequence],
    rig: ProjectRig,
    at: NDArray[np.int64],
    pictures: bool,
    summaries: Sequence[TrackSummary],
    progress: Progress = silent,
    stop: Stop = never,
) -> list[tuple[Observations, Fused]]:
    """Of each view what is known of it, and the paths of the landmarks `at` through its frames; nothing of it is kept but image
    evidence, which is counted in the view's summary.

    Raises:
        TakeError: nothing is known of the landmarks. Cancelled: asked to stop. StoreWriteError: evidence could not be kept.
    """
    own = [observe(store, view, alone=True) for view in views]
    if not any((seen.is_key | seen.is_proposed)[:, at].any() for seen in own):
        raise TakeError(
            f"{views[0].name}: nothing is known of these landmarks. Propose the take, or set them in one frame."
        )
    if pictures:
        for number, (view, summary) in enumerate(zip(views, summaries, strict=True)):
            if len(view):
                part = _part(progress, number, len(views))
                own[number] = looked_at(store, view, own[number], at, summary, part, stop)
    return list(zip(own, _fused(store, views, own, rig.rig, at, progress, stop), strict=True))


def where_to_look_in_space(
    store: ProjectStore, views: Sequence[FrameSequence], wishes: TrackWishes
) -> list[tuple[FrameSequence, NDArray[np.float64]]]:
    """Of each view the frames whose pictures `track_in_space` would compare, and where [N, L, 2]; raises as `where_to_look`."""
    at = wishes.indices(store.scheme.size)
    reached = _reach(store, views, _asked(views, wishes), at)
    return [(view, places_of(observe(store, view, alone=True), at)) for view in reached]


def _asked(views: Sequence[FrameSequence], wishes: TrackWishes) -> list[FrameSequence]:
    asked = [view.between(wishes.first, wishes.last) for view in views]
    if not any(len(view) for view in asked):
        raise TakeError(f"{views[0].text}: there is no frame between {wishes.first} and {wishes.last}.")
    return asked


def _reach(
    store: ProjectStore,
    views: Sequence[FrameSequence],
    asked: Sequence[FrameSequence],
    at: NDArray[np.int64],
) -> list[FrameSequence]:
    """The frames that are asked for, up to the nearest keys of any view on either side, in all views."""
    first = min(int(view.numbers[0]) for view in asked if len(view))
    last = max(int(view.numbers[-1]) for view in asked if len(view))
    keys = set()
    for view in views:
        number = dict(zip(view.frame_ids.tolist(), view.numbers.tolist(), strict=True))
        for frame_id, annotation in store.annotations.items(list(number)):
            if annotation.is_human[at].any():
                keys.add(number[frame_id])
    low = max((key for key in keys if key < first), default=first)
    high = min((key for key in keys if key > last), default=last)
    return [view.between(low, high) for view in views]


def _fused(
    store: ProjectStore,
    views: Sequence[FrameSequence],
    own: Sequence[Observations],
    rig: Rig,
    at: NDArray[np.int64],
    progress: Progress,
    stop: Stop,
) -> list[Fused]:
    """The paths of each view's own frames."""
    numbers = np.unique(np.concatenate([view.numbers for view in views]))
    rows = [np.searchsorted(numbers, view.numbers) for view in views]
    whole = [
        _spread_out(_witnessed(store, view, seen), numbers, row)
        for view, seen, row in zip(views, own, rows, strict=True)
    ]
    cameras = RigCameras([rig.cameras[view.camera] for view in views])
    parts = [seen.landmarks(at) for seen in whole]
    outline = view_dependent(store.scheme)[at]
    paths = fuse_in_space(parts, cameras, Beliefs(), outline, whole, at, progress, stop)
    return [
        Fused(path.xy[row], path.covariance[row], path.is_sure[row])
        for path, row in zip(paths, rows, strict=True)
    ]


def _witnessed(store: ProjectStore, view: FrameSequence, seen: Observations) -> Observations:
    """Without keys that are no evidence: what a person only took from the other views would agree with itself, and what is hidden
    was guessed."""
    keys = np.full_like(seen.keys, np.nan)
    place = {int(frame_id): number for number, frame_id in enumerate(view.frame_ids)}
    for frame_id, annotation in witnesses(store, list(place)).items():
        human = annotation.is_human & ((annotation.flags & Flag.OCCLUDED) == 0)
        keys[place[frame_id], human] = annotation.xy[human]
    return replace(seen, keys=keys)


def _spread_out(seen: Observations, numbers: NDArray[np.int64], rows: NDArray[np.int64]) -> Observations:
    """Over the frames of all views; nothing is known of those that this view lacks."""
    values = {}
    for name in ("proposed", "proposed_covariance", "keys", "step", "step_covariance"):
        given = getattr(seen, name)
        values[name] = np.full((len(numbers), *given.shape[1:]), np.nan)
        values[name][rows] = given
    return Observations(numbers, **values)


def _part(progress: Progress, number: int, count: int) -> Progress:
    """Progress of one view of several, as a part of the whole."""

    def tell(done: int, total: int, text: str) -> None:
        progress(number * max(total, 1) + done, count * max(total, 1), text)

    return tell
