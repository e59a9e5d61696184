"""A rig where there is no calibration, from the landmarks that people set in the frames of the same moments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from annotator.domain.capture import Frame as CapturedFrame
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.rigs.rig import Rig, RigError, are_meant
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.words import counted, listed
from annotator.rigs.first_poses import LEAST_COMMON
from annotator.rigs.sightings import Sightings
from annotator.rigs.solve import Frame, Length, Solution, solve
from annotator.services.rigs.moments import by_index, sightings_of
from annotator.services.rigs.taken import witnesses
from annotator.store.lists.frame_filter import FrameFilter
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig

_Take = tuple[str, str]


@dataclass(frozen=True)
class SolveWishes:
    """What is known before.

    Attributes:
        name: of the new rig. takes: patterns of the takes that it holds for; empty: all.
        focal: focal lengths in pixels, camera -> length; "" for all others. length: two landmarks' names, and how many
            millimetres they are apart, in all takes.
    """

    name: str
    takes: tuple[str, ...] = ()
    focal: Mapping[str, float] = field(default_factory=dict)
    length: tuple[str, str, float] | None = None


@dataclass(frozen=True, eq=False)
class RigSolved:
    """A rig as it would be kept: `rig`, with the name and takes that were wished.

    Attributes:
        left_out: camera -> why it is not part of it. moments: how many it was solved from.
    """

    rig: Rig
    solution: Solution
    left_out: Mapping[str, str]
    moments: int

    @property
    def text(self) -> str:
        """What came of it, in sentences."""
        size = "" if self.rig.unit else " Its size is not known: no distance between two landmarks was given."
        return (
            f"{self.rig.name}: {counted(len(self.rig.cameras), 'camera')} from {counted(self.moments, 'moment')}. "
            + (f"{self.solution.text}{size}")
        )


def solve_rig(
    store: ProjectStore, wishes: SolveWishes, progress: Progress = silent, stop: Stop = never
) -> RigSolved:
    """Find the cameras of some takes from people's points alone. Changes nothing.

    Raises:
        RigError: too little was set, a wish names what is not there, or no rig fits. Cancelled: it was asked to stop.
    """
    if not wishes.name.strip():
        raise RigError("Give the rig a name.")
    progress(0, 0, "Reading moments")
    length = None if wishes.length is None else _length(store.scheme, *wishes.length)
    moments = _moments(store, wishes.takes)
    sizes = _sizes(moments)
    if unknown := [camera for camera in wishes.focal if camera and camera not in sizes]:
        raise RigError(
            f"There is no camera {listed(unknown)} in these takes; they have {listed(list(sizes))}."
        )
    if any(focal <= 0 for focal in wishes.focal.values()):
        raise RigError("Focal lengths are pixels above zero.")
    names, left_out, seen = _cameras(store, list(sizes), moments)
    frames = [Frame(name, *sizes[name], wishes.focal.get(name, wishes.focal.get(""))) for name in names]
    found = solve(frames, seen, length, view_dependent(store.scheme), progress, stop)
    rig = replace(found.rig, name=wishes.name.strip(), takes=wishes.takes)
    return RigSolved(rig, found, left_out, len(seen))


def keep_solved(store: ProjectStore, solved: RigSolved, user: str | None = None) -> ProjectRig:
    """Keep a solved rig: a new one, or the next version of its name. Raises `RigError` for a name that is no text."""
    return store.rigs.add(solved.rig, user=user)[0]


def _length(scheme: LandmarkScheme, first: str, second: str, millimetres: float) -> Length:
    names = list(scheme.names)
    unknown = [name for name in (first, second) if name not in names]
    if unknown:
        raise RigError(f"{scheme.id} has no landmark {listed(unknown)}.")
    if first == second or millimetres <= 0:
        raise RigError("A known length needs two landmarks and the millimetres between them, above zero.")
    return Length(names.index(first), names.index(second), millimetres)


def _moments(store: ProjectStore, patterns: Sequence[str]) -> list[dict[str, CapturedFrame]]:
    """Of the takes that are meant, camera -> frame of each moment in which people worked on two frames or more."""
    takes = dict.fromkeys((shot.subject, shot.take) for shot in store.frames.shots())
    meant = [take for take in takes if are_meant(patterns, *take)]
    if not meant:
        known = ", ".join("/".join(part for part in take if part) for take in list(takes)[:8])
        raise RigError(f"No take of the project is called {listed(patterns)}; it has {known or 'no frames'}.")
    found = []
    for subject, take in meant:
        where = FrameFilter(subject=subject, take=take, touched=True)
        ids = store.frames.list(where=where).ids.tolist()
        frames = {frame.id: frame for frame in store.frames.of_ids(ids)}
        ordered = [frames[frame_id] for frame_id in ids if frame_id in frames and frames[frame_id].camera]
        found += [seen for seen in by_index(ordered).values() if len(seen) > 1]
    return found


def _sizes(moments: Sequence[Mapping[str, CapturedFrame]]) -> dict[str, tuple[int, int]]:
    found: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for moment in moments:
        for camera, frame in moment.items():
            found[camera].add((frame.width, frame.height))
    if len(found) < 2:
        raise RigError(
            "No moment of these takes has points of people in two cameras. Correct or confirm landmarks in the frames of one "
            "moment, best in several moments."
        )
    for camera, sizes in found.items():
        if len(sizes) > 1:
            told = listed([f"{width} x {height}" for width, height in sorted(sizes)])
            raise RigError(
                f"The frames of camera {camera} have several sizes, {told}; name the takes of one of them."
            )
    return {camera: sizes.pop() for camera, sizes in found.items()}


def _cameras(
    store: ProjectStore, cameras: list[str], moments: Sequence[Mapping[str, CapturedFrame]]
) -> tuple[list[str], dict[str, str], list[Sightings]]:
    """Cameras that share enough points with the others, why the rest is left out, and the moments as those see them."""
    ids = [frame.id for moment in moments for frame in moment.values()]
    people = witnesses(store, ids)
    left_out: dict[str, str] = {}
    while True:
        seen = [
            sightings_of([moment.get(name) for name in cameras], people, {}, store.scheme.size)
            for moment in moments
        ]
        shared = sum((each.usable & (each.usable.sum(0) >= 2)).sum(1) for each in seen)
        few = {
            name: f"it shares {count} points with the others, {LEAST_COMMON} are needed"
            for name, count in zip(cameras, shared, strict=True)
            if count < LEAST_COMMON
        }
        if not few or len(cameras) - len(few) < 2:
            return cameras, left_out, [each for each in seen if (each.usable.sum(0) >= 2).any()]
        left_out |= few
        cameras = [name for name in cameras if name not in few]
