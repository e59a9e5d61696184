"""What speaks for and against a rig: moments of the project that have points in two views or more, people's first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import RigError
from annotator.domain.words import listed
from annotator.rigs.sightings import Sightings
from annotator.services.rigs.moments import Moment, calibration_floor, moments_among, sightings
from annotator.services.rigs.taken import witnesses
from annotator.store.lists.frame_filter import FrameFilter
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


class MomentsOfRigs:
    """Reads what the rigs of a project saw; what all of them need is asked once. The project must not change meanwhile.

    People's points count, and the active model's proposals where nobody set one.
    """

    def __init__(self, store: ProjectStore) -> None:
        self._store, self._model_id = store, store.models.active_id()
        self._proposed = store.proposals.frame_ids(self._model_id) if self._model_id else set[int]()
        self._takes: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for subject, take in dict.fromkeys((shot.subject, shot.take) for shot in store.frames.shots()):
            held = store.rigs.of_take(subject, take)
            if held is not None:
                self._takes[held.name].append((subject, take))

    def of(self, rig: ProjectRig, most: int) -> SeenMoments:
        """At most so many moments of a rig's takes: those that people worked on first, the others evenly over all takes."""
        worked, proposed = self._frame_ids(rig)
        found = _moments(self._store, rig, worked, most)
        if len(found) < most:
            known = {(moment.subject, moment.take, moment.index) for moment in found}
            more = _moments(self._store, rig, proposed, most)
            new = [each for each in more if (each.subject, each.take, each.index) not in known]
            found += new[: most - len(found)]
        told = [self._seen(moment) for moment in found]
        shared = tuple(each for each in told if (each.usable.sum(0) >= 2).any())
        floor = calibration_floor(Moment(rig, "", "", "", {}))
        return SeenMoments(rig, shared, floor, rig.name in self._takes)

    def _frame_ids(self, rig: ProjectRig) -> tuple[list[int], list[int]]:
        """Ids of the rig's frames that people worked on, and of those that the model proposed, in capture order."""
        worked, proposed = list[int](), list[int]()
        for subject, take in self._takes.get(rig.name, ()):
            frames = self._store.frames.list(where=FrameFilter(subject=subject, take=take))
            worked += frames.ids[frames.human > 0].tolist()
            proposed += [frame_id for frame_id in frames.ids.tolist() if frame_id in self._proposed]
        return worked, proposed

    def _seen(self, moment: Moment) -> Sightings:
        store, ids = self._store, [frame.id for frame in moment.frames.values()]
        proposals = {} if self._model_id is None else dict(store.proposals.own_items(ids, self._model_id))
        return sightings(moment, witnesses(store, ids), proposals, store.scheme.size)


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
