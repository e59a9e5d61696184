"""Tracking on from a key, forward or backward, each landmark until it stops being sure: in one camera, or in all of a rig's."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.takes.take import FrameSequence, TakeError
from annotator.domain.takes.track import Merge, Track
from annotator.services.takes.track import Found, TrackSummary, TrackWishes, paths, tracks_of, write
from annotator.services.takes.track_rig import IN_SPACE, paths_in_space, rig_detail
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig
from annotator.takes.fuse import MAKER, Fused
from annotator.takes.observations import Observations

_FIRST_REACH = 32  # frames; each further look takes in twice as many
_OTHER_KEYS = 50  # of the take that teach how the model errs
_Seen = list[tuple[Observations, Fused]]
_Look = Callable[[Sequence[FrameSequence], NDArray[np.int64], Sequence[TrackSummary]], _Seen]


def track_on(
    store: ProjectStore,
    sequence: FrameSequence,
    start: int,
    forward: bool,
    wishes: TrackWishes | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> TrackSummary:
    """Track from the key at frame number `start`, or the nearest one behind it, to the next key of the same landmarks or the end.

    Each landmark is written up to the frame before the first one in which it is unsure; frames are read a few at a time, and no
    further once all are. `wishes.landmarks` that the key has not are left out; `wishes.first` and `last` bound the way.

    Raises:
        TakeError: there is no key to start from. Cancelled: asked to stop; the track layer is as it was. StoreWriteError.
    """
    wishes = wishes or TrackWishes(mode=Merge.REPLACE)
    pictures = wishes.pictures

    def look(
        some: Sequence[FrameSequence], at: NDArray[np.int64], summaries: Sequence[TrackSummary]
    ) -> _Seen:
        return [paths(store, some[0], at, pictures, summaries[0], progress, stop)]

    return _track_on(store, [sequence], start, forward, wishes, look, MAKER, {})[0]


def track_on_in_space(
    store: ProjectStore,
    views: Sequence[FrameSequence],
    rig: ProjectRig,
    start: int,
    forward: bool,
    wishes: TrackWishes | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> list[TrackSummary]:
    """As `track_on`, in all views of a rig (as `RigOfTake.views` gives them): a key is a moment in which people set the landmarks
    in some view, and in each view a landmark ends where it is unsure there."""
    wishes = wishes or TrackWishes(mode=Merge.REPLACE)
    pictures = wishes.pictures

    def look(
        some: Sequence[FrameSequence], at: NDArray[np.int64], summaries: Sequence[TrackSummary]
    ) -> _Seen:
        return paths_in_space(store, some, rig, at, pictures, summaries, progress, stop)

    return _track_on(store, views, start, forward, wishes, look, IN_SPACE, rig_detail(rig, views))


def _track_on(
    store: ProjectStore,
    views: Sequence[FrameSequence],
    start: int,
    forward: bool,
    wishes: TrackWishes,
    look: _Look,
    maker: str,
    more: dict[str, Any],
) -> list[TrackSummary]:
    asked = wishes.indices(store.scheme.size)
    numbers = np.unique(np.concatenate([view.numbers for view in views]))
    human = _human(store, views, numbers, asked)
    step = 1 if forward else -1
    keys = numbers[human.any(1)]
    behind = keys[(keys - start) * step <= 0]
    if not len(behind):
        where = "before" if forward else "after"
        raise TakeError(
            f"These landmarks are set in no frame {where} this one: set them here first, then track on."
        )
    key = behind[np.abs(behind - start).argmin()]
    is_set = human[np.searchsorted(numbers, key)]
    at = asked[is_set]
    ahead = _ahead(numbers, key, step, human[:, is_set], wishes)
    summaries = [TrackSummary(view.name) for view in views]
    if not len(ahead):
        return summaries
    near = keys[np.argsort(np.abs(keys - key), kind="stable")][:_OTHER_KEYS]
    reach = _FIRST_REACH
    while True:
        part = ahead[:reach]
        # the way, the frame behind its end where that is a key, and the nearest other keys
        some = [_of(view, np.concatenate([part, near])) for view in views]
        seen = look(some, at, summaries)
        ways = [_way(view, part, found, step) for view, (_, found) in zip(some, seen, strict=True)]
        if len(part) == len(ahead) or not any(sure[-1].any() for _, sure in ways if len(sure)):
            break
        reach *= 2
    written = []
    for view, (own, found), (way, sure), summary in zip(some, seen, ways, summaries, strict=True):
        tracks = tracks_of(store, view, _of(view, way), own, found, at)
        kept: dict[int, Track] = {}
        for number, is_sure in zip(way.tolist(), sure, strict=True):
            frame_id = int(view.frame_ids[view.place(number)])
            if frame_id in tracks and (value := tracks[frame_id].without(at[~is_sure])).is_placed.any():
                kept[frame_id] = value
        set_in = view.numbers[own.is_key[:, at].any(1)]
        detail = {
            "landmarks": [store.scheme.names[i] for i in at],
            "from": int(key),
            "forward": forward,
            "keys": set_in.tolist(),
            "mode": wishes.mode.name.lower(),
            "pictures": wishes.pictures,
        }
        summary.keys = len(set_in)
        summary.notes = _notes(store, way, sure, at)
        written.append(Found(view, kept, detail | more, summary))
    write(store, written, wishes.mode, maker=maker)
    return summaries


def _human(
    store: ProjectStore,
    views: Sequence[FrameSequence],
    numbers: NDArray[np.int64],
    asked: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """bool [N, K]: which of these landmarks people set in which frame, in some view."""
    human = np.zeros((len(numbers), len(asked)), np.bool_)
    for view in views:
        rows = np.searchsorted(numbers, view.numbers).tolist()
        row_of = dict(zip(view.frame_ids.tolist(), rows, strict=True))
        for frame_id, annotation in store.annotations.items(list(row_of)):
            human[row_of[frame_id]] |= annotation.is_human[asked]
    return human


def _ahead(
    numbers: NDArray[np.int64], key: int, step: int, human: NDArray[np.bool_], wishes: TrackWishes
) -> NDArray[np.int64]:
    """Frame numbers to track through, nearest first: up to the next frame in which people set all of the landmarks, or the
    bound."""
    low = -np.inf if wishes.first is None else wishes.first
    high = np.inf if wishes.last is None else wishes.last
    places = np.flatnonzero(((numbers - key) * step > 0) & (numbers >= low) & (numbers <= high))[::step]
    whole = np.flatnonzero(human[places].all(1))
    return numbers[places[: whole[0]] if len(whole) else places]


def _of(sequence: FrameSequence, numbers: NDArray[np.int64]) -> FrameSequence:
    keep = np.isin(sequence.numbers, numbers)
    return replace(sequence, frame_ids=sequence.frame_ids[keep], numbers=sequence.numbers[keep])


def _way(
    view: FrameSequence, part: NDArray[np.int64], found: Fused, step: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The numbers of the way that a view has, nearest first, and bool [frames, landmarks]: sure all the way there."""
    rows = np.flatnonzero(np.isin(view.numbers, part))[::step]
    return view.numbers[rows], np.logical_and.accumulate(found.is_sure[rows], axis=0)


def _notes(
    store: ProjectStore, way: NDArray[np.int64], sure: NDArray[np.bool_], at: NDArray[np.int64]
) -> list[str]:
    """Where it stopped, and what stopped there."""
    lost = np.flatnonzero(~sure.all(1))
    if not len(lost):
        return []
    first = int(lost[0])
    names = [store.scheme.names[i] for i in at[~sure[first]]]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [f"frame {way[first]}: no longer sure of {', '.join(names[:3])}{more}"]
