"""Tracking on from a key, forward or backward, each landmark until it stops being sure."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.takes.take import FrameSequence, TakeError
from annotator.domain.takes.track import Merge, Track
from annotator.services.takes.track import TrackSummary, TrackWishes, paths, tracks_of, write
from annotator.store.project_store import ProjectStore

_FIRST_REACH = 32  # frames; each further look takes in twice as many
_OTHER_KEYS = 50  # of the take that teach how the model errs


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
    asked = np.arange(store.scheme.size) if wishes.landmarks is None else np.array(wishes.landmarks, np.int64)
    human = _human(store, sequence, asked)
    here, step = sequence.place(start), 1 if forward else -1
    behind = np.flatnonzero(human.any(1))
    behind = behind[(behind - here) * step <= 0]
    if not len(behind):
        where = "before" if forward else "after"
        raise TakeError(
            f"These landmarks are set in no frame {where} this one: set them here first, then track on."
        )
    key = int(behind[np.abs(behind - here).argmin()])
    at = asked[human[key]]
    ahead = _ahead(sequence, key, step, human[:, human[key]], wishes)
    summary = TrackSummary(sequence.name)
    if not len(ahead):
        return summary
    reach = _FIRST_REACH
    while True:
        part = ahead[:reach]
        some = _taken_in(sequence, key, part, human)
        seen, found = paths(store, some, at, wishes.pictures, summary, progress, stop)
        rows = np.searchsorted(some.numbers, sequence.numbers[part])
        sure = np.logical_and.accumulate(found.is_sure[rows], axis=0)  # [frames ahead, landmarks]
        if len(part) == len(ahead) or not sure[-1].any():
            break
        reach *= 2
    wanted = _of(sequence, np.sort(part))
    tracks = tracks_of(store, some, wanted, seen, found, at)
    kept: dict[int, Track] = {}
    for place, is_sure in zip(part.tolist(), sure, strict=True):
        frame_id = int(sequence.frame_ids[place])
        if frame_id in tracks and (value := tracks[frame_id].without(at[~is_sure])).is_placed.any():
            kept[frame_id] = value
    keys = some.numbers[seen.is_key[:, at].any(1)]
    detail = {
        "landmarks": [store.scheme.names[i] for i in at],
        "from": int(sequence.numbers[key]),
        "forward": forward,
        "keys": keys.tolist(),
        "mode": wishes.mode.name.lower(),
        "pictures": wishes.pictures,
    }
    summary.keys = len(keys)
    summary.notes = _notes(store, sequence, part, sure, at)
    write(store, sequence, kept, wishes.mode, detail, summary)
    return summary


def _human(store: ProjectStore, sequence: FrameSequence, asked: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool [N, K]: which of these landmarks people set in which frame."""
    human = np.zeros((len(sequence), len(asked)), np.bool_)
    place = {int(frame_id): number for number, frame_id in enumerate(sequence.frame_ids)}
    for frame_id, annotation in store.annotations.items(list(place)):
        human[place[frame_id]] = annotation.is_human[asked]
    return human


def _ahead(
    sequence: FrameSequence, key: int, step: int, human: NDArray[np.bool_], wishes: TrackWishes
) -> NDArray[np.int64]:
    """Places to track through, nearest first: up to the next frame in which people set all of the landmarks, or the bound."""
    end = len(sequence) if step > 0 else -1
    places = np.arange(key + step, end, step)
    numbers = sequence.numbers[places]
    low = -np.inf if wishes.first is None else wishes.first
    high = np.inf if wishes.last is None else wishes.last
    places = places[(numbers >= low) & (numbers <= high)]
    whole = np.flatnonzero(human[places].all(1))
    return places[: whole[0]] if len(whole) else places


def _taken_in(
    sequence: FrameSequence,
    key: int,
    part: NDArray[np.int64],
    human: NDArray[np.bool_],
) -> FrameSequence:
    """The frames of the way, the one behind its end where that is a key, and the nearest other keys."""
    keys = np.flatnonzero(human.any(1))
    near = keys[np.argsort(np.abs(keys - key), kind="stable")][:_OTHER_KEYS]
    return _of(sequence, np.unique(np.concatenate([part, near, [key]])))


def _of(sequence: FrameSequence, places: NDArray[np.int64]) -> FrameSequence:
    return replace(sequence, frame_ids=sequence.frame_ids[places], numbers=sequence.numbers[places])


def _notes(
    store: ProjectStore,
    sequence: FrameSequence,
    part: NDArray[np.int64],
    sure: NDArray[np.bool_],
    at: NDArray[np.int64],
) -> list[str]:
    """Where it stopped, and what stopped there."""
    lost = np.flatnonzero(~sure.all(1))
    if not len(lost):
        return []
    first = int(lost[0])
    names = [store.scheme.names[i] for i in at[~sure[first]]]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [f"frame {sequence.numbers[part[first]]}: no longer sure of {', '.join(names[:3])}{more}"]
