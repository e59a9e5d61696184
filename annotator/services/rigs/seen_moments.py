"""What speaks for and against a rig: moments of the project that have points in two views or more, people's first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rig import RigError
from annotator.domain.words import listed
from annotator.rigs.sightings import Sightings
from annotator.services.rigs.moments import Moment, calibration_floor, moments_among, sightings
from annotator.store.frame_filter import FrameFilter
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig

T = TypeVar("T")
_FRAMES_A_MOMENT = 8  # that are looked at for each moment that is wanted


@dataclass(frozen=True, eq=False)
class SeenMoments:
    """What a rig saw. `floor`: float64 [V, 1], as of `triangulate`. `held`: whether it is the rig of any take of the project."""

    rig: ProjectRig
    moments: tuple[Sightings, ...]
    floor: NDArray[np.float64]
    held: bool


def seen_moments(store: ProjectStore, rig: ProjectRig, most: int) -> SeenMoments:
    """At most so many moments of a rig's takes: those that people worked on first, the others evenly over all takes.

    People's points count, and the active model's proposals where nobody set one.
    """
    model_id = store.models.active_id()
    takes = [key for key in _takes(store) if _holds(store, rig, *key)]
    worked, proposed = _frame_ids(store, takes, model_id)
    found = _moments(store, rig, worked, most)
    if len(found) < most:
        known = {(moment.subject, moment.take, moment.index) for moment in found}
        more = _moments(store, rig, proposed, most)
        found += [each for each in more if (each.subject, each.take, each.index) not in known][
            : most - len(found)
        ]
    told = [_seen(store, moment, model_id) for moment in found]
    shared = tuple(each for each in told if (each.usable.sum(0) >= 2).any())
    floor = calibration_floor(Moment(rig, "", "", "", {}))
    return SeenMoments(rig, shared, floor, bool(takes))


def rig_named(store: ProjectStore, name: str | None) -> ProjectRig:
    """A rig's newest version; without a name the project's only rig.

    Raises:
        ProjectError: there is no such rig. RigError: there are several, or none.
    """
    if name is not None:
        return store.rigs.get(name)
    known = store.rigs.list()
    if not known:
        raise RigError("The project has no rig. Import a calibration, or solve a rig from landmarks.")
    if len(known) > 1:
        raise RigError(f"The project has {len(known)} rigs; say which: {', '.join(k.name for k in known)}.")
    return known[0]


def too_little(seen: SeenMoments) -> str:
    """Why nothing can be said of a rig; empty where some moment has points of two of its cameras."""
    if seen.moments:
        return ""
    if not seen.held:
        takes = listed(seen.rig.rig.takes) if seen.rig.rig.takes else "any take"
        return f"{seen.rig.label} is not in use for {takes}: no take is called so, or another rig goes before it."
    return (
        f"No moment of {seen.rig.label} has points of two cameras or more. Propose its frames, or set landmarks in them; "
        "frames must have the size that was calibrated."
    )


def _takes(store: ProjectStore) -> Sequence[tuple[str, str]]:
    return list(dict.fromkeys((shot.subject, shot.take) for shot in store.frames.shots()))


def _holds(store: ProjectStore, rig: ProjectRig, subject: str, take: str) -> bool:
    if not rig.rig.holds_for(subject, take):
        return False
    held = store.rigs.of_take(subject, take)
    return held is not None and held.name == rig.name


def _frame_ids(
    store: ProjectStore, takes: Sequence[tuple[str, str]], model_id: str | None
) -> tuple[list[int], list[int]]:
    """Ids of the takes' frames that people worked on, and of those that the model proposed, in capture order."""
    known = store.proposals.frame_ids(model_id) if model_id else set()
    worked, proposed = list[int](), list[int]()
    for subject, take in takes:
        frames = store.frames.list(where=FrameFilter(subject=subject, take=take))
        worked += frames.ids[frames.human > 0].tolist()
        proposed += [frame_id for frame_id in frames.ids.tolist() if frame_id in known]
    return worked, proposed


def _moments(store: ProjectStore, rig: ProjectRig, frame_ids: Sequence[int], most: int) -> list[Moment]:
    """The moments of some frames, evenly picked."""
    some = set(_evenly(frame_ids, most * _FRAMES_A_MOMENT))
    frames = {frame.id: frame for frame in store.frames.of_ids(sorted(some))}
    ordered = [frames[frame_id] for frame_id in frame_ids if frame_id in frames]
    keys = list(dict.fromkeys((frame.subject, frame.take, frame.index) for frame in ordered))
    found: list[Moment] = []
    for key in _evenly(keys, most):
        found += moments_among(rig, store.frames.of_moment(*key))
    return found


def _evenly(items: Sequence[T], most: int) -> list[T]:
    if len(items) <= most:
        return list(items)
    return [items[int(at)] for at in np.linspace(0, len(items) - 1, most).round()]


def _seen(store: ProjectStore, moment: Moment, model_id: str | None) -> Sightings:
    ids = [frame.id for frame in moment.frames.values()]
    proposals = {} if model_id is None else dict(store.proposals.items(ids, model_id))
    return sightings(moment, dict(store.annotations.items(ids)), proposals, store.scheme.size)
