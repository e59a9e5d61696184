"""Tracking: people's points carried through a take, by proposals, the pixels' motion and keys together; never over a person's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.takes.motion import Motion
from annotator.domain.takes.take import FrameSequence, TakeError
from annotator.domain.takes.track import Merge, Track, TrackState
from annotator.domain.words import counted
from annotator.services.takes.evidence import image_evidence
from annotator.store.project_store import ProjectStore
from annotator.store.sequences.tracks import TrackRun
from annotator.takes.carry import carried
from annotator.takes.fuse import MAKER, Beliefs, Fused, fuse
from annotator.takes.observations import Observations

_OUTLINE = 2.0  # how much wider the standard deviation of the motion of an outline is


@dataclass(frozen=True)
class TrackWishes:
    """What to track.

    Attributes:
        landmarks: indices; None for all. first, last: frame numbers to write, None for the ends. mode: how it meets older tracks.
        pictures: whether the pixels' motion is looked at; without it only proposals and keys count.
    """

    landmarks: tuple[int, ...] | None = None
    first: int | None = None
    last: int | None = None
    mode: Merge = Merge.FILL
    pictures: bool = True

    def indices(self, size: int) -> NDArray[np.int64]:
        """The landmarks' indices, of a scheme of so many."""
        return np.arange(size) if self.landmarks is None else np.array(self.landmarks, np.int64)

    def wanted(self, sequence: FrameSequence) -> FrameSequence:
        """The frames of a sequence to write; raises `TakeError` where there are none."""
        found = sequence.between(self.first, self.last)
        if not len(found):
            raise TakeError(f"{sequence.text}: there is no frame between {self.first} and {self.last}.")
        return found


@dataclass
class TrackSummary:
    """What a run did to one sequence.

    Attributes:
        name: of the sequence. run: its number in the project's tracking history, 0 where nothing was written.
        frames: that were written. keys: frames with points that a person set, among those taken in. points, unsure: written, and
        those of them that a person should look at. evidence, kept: pairs of pictures compared now, and before.
        failures: frame id -> why its picture could not be used. notes: what else is worth knowing, such as gaps.
    """

    name: str
    run: int = 0
    frames: int = 0
    keys: int = 0
    points: int = 0
    unsure: int = 0
    evidence: int = 0
    kept: int = 0
    failures: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{counted(self.points, 'point')} tracked in {counted(self.frames, 'frame')}"]
        parts.append(f"from {counted(self.keys, 'key')}")
        if self.unsure:
            parts.append(f"{self.unsure:,} of them unsure")
        if self.failures:
            parts.append(f"{counted(len(self.failures), 'picture')} not used")
        return f"{self.name}: {', '.join(parts)}"


def track_sequence(
    store: ProjectStore,
    sequence: FrameSequence,
    wishes: TrackWishes | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    user: str = "",
) -> TrackSummary:
    """Track landmarks through a sequence and keep them in the project's track layer, with who and what made them.

    Taken in are the frames that are asked for, and those up to the next keys on either side.

    Raises:
        TakeError: no such frames, or nothing is known of the landmarks in any. Cancelled: asked to stop; image evidence is kept,
        the track layer is as it was. StoreWriteError: it could not be written, nothing was.
    """
    wishes = wishes or TrackWishes()
    wanted, at = wishes.wanted(sequence), wishes.indices(store.scheme.size)
    summary = TrackSummary(sequence.name, notes=missing_frames(sequence))
    sequence = _reach(store, sequence, wanted, at)
    seen, found = paths(store, sequence, at, wishes.pictures, summary, progress, stop)
    tracks = tracks_of(store, sequence, wanted, seen, found, at)
    keys = seen.is_key[:, at].any(1)
    detail = detail_of(store, wishes, at, wanted, sequence.numbers[keys])
    summary.keys = int(keys.sum())
    write(store, [Found(sequence, tracks, detail, summary)], wishes.mode, user)
    return summary


def detail_of(
    store: ProjectStore,
    wishes: TrackWishes,
    at: NDArray[np.int64],
    wanted: FrameSequence,
    keys: NDArray[np.int64],
) -> dict[str, Any]:
    """What the history keeps of a run; keys: numbers of the frames that it went out from."""
    return {
        "landmarks": "all" if wishes.landmarks is None else [store.scheme.names[i] for i in at],
        "frames": [int(wanted.numbers[0]), int(wanted.numbers[-1])],
        "keys": keys.tolist(),
        "mode": wishes.mode.name.lower(),
        "pictures": wishes.pictures,
    }


@dataclass(frozen=True, eq=False)
class Found:
    """What was tracked of one sequence: tracks by frame id, what the history keeps of it, and where it is counted."""

    sequence: FrameSequence
    tracks: Mapping[int, Track]
    detail: Mapping[str, Any]
    summary: TrackSummary


def write(
    store: ProjectStore, found: Sequence[Found], mode: Merge, user: str = "", maker: str = MAKER
) -> None:
    """Lay tracks into the project's layer, all or none, each with an entry of its history, and count them in the summaries.

    Raises:
        StoreWriteError: nothing was written.
    """
    active = store.models.active()
    model = active.id if active is not None else None
    runs = []
    for each in found:
        summary, tracks, of = each.summary, each.tracks, each.sequence
        summary.frames = len(tracks)
        summary.points = sum(int(track.is_placed.sum()) for track in tracks.values())
        summary.unsure = sum(int((track.state == TrackState.UNSURE).sum()) for track in tracks.values())
        if tracks:
            run = TrackRun(maker, of.subject, of.take, of.camera, model, each.detail, user)
            runs.append((summary, (run, tracks)))
    if runs:
        numbers = store.tracks.write_all([run for _, run in runs], mode)
        for (summary, _), number in zip(runs, numbers, strict=True):
            summary.run = number


def paths(
    store: ProjectStore,
    sequence: FrameSequence,
    at: NDArray[np.int64],
    pictures: bool,
    summary: TrackSummary,
    progress: Progress = silent,
    stop: Stop = never,
) -> tuple[Observations, Fused]:
    """What is known of a sequence, and the paths of the landmarks `at` through all of its frames; nothing of it is kept but
    image evidence, which is counted in the summary.

    Raises:
        TakeError: nothing is known of the landmarks. Cancelled: asked to stop. StoreWriteError: evidence could not be kept.
    """
    seen = observe(store, sequence)
    if not (seen.is_key | seen.is_proposed)[:, at].any():
        raise TakeError(
            f"{sequence.name}: nothing is known of these landmarks. Propose the take, or set them in one frame."
        )
    if pictures:
        seen = looked_at(store, sequence, seen, at, summary, progress, stop)
    return seen, fuse(seen.landmarks(at), Beliefs(), seen, at, progress, stop)


def looked_at(
    store: ProjectStore,
    sequence: FrameSequence,
    seen: Observations,
    at: NDArray[np.int64],
    summary: TrackSummary,
    progress: Progress = silent,
    stop: Stop = never,
) -> Observations:
    """The same with image evidence of the landmarks `at`, which is kept, and counted in the summary.

    Raises:
        Cancelled: asked to stop. StoreWriteError: evidence could not be kept.
    """
    evidence = image_evidence(store, sequence, places_of(seen, at), progress, stop)
    summary.evidence, summary.kept = summary.evidence + evidence.made, evidence.kept
    summary.failures = evidence.failures
    return with_motion(seen, evidence.motions, view_dependent(store.scheme))


def places_of(seen: Observations, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 [N, L, 2]: about where the landmarks `at` are in each frame, NaN for the others: there the pixels are looked at."""
    places = carried(seen)
    places[:, np.setdiff1d(np.arange(places.shape[1]), at)] = np.nan
    return places


def where_to_look(
    store: ProjectStore, sequence: FrameSequence, wishes: TrackWishes
) -> tuple[FrameSequence, NDArray[np.float64]]:
    """The frames of a sequence whose pictures `track_sequence` would compare, and where [N, L, 2].

    Raises:
        TakeError: no such frames.
    """
    at = wishes.indices(store.scheme.size)
    reached = _reach(store, sequence, wishes.wanted(sequence), at)
    return reached, places_of(observe(store, reached), at)


def observe(store: ProjectStore, sequence: FrameSequence, alone: bool = False) -> Observations:
    """What the project holds of a sequence: the active model's proposals and people's points, without image evidence.

    Args:
        alone: the model's own proposals, whatever the views of a rig say together.
    """
    shape = (len(sequence), store.scheme.size)
    proposed = np.full((*shape, 2), np.nan)
    covariance = np.full((*shape, 2, 2), np.nan)
    keys = np.full((*shape, 2), np.nan)
    place = {int(frame_id): number for number, frame_id in enumerate(sequence.frame_ids)}
    active = store.models.active()
    if active is not None:
        proposals = store.proposals.own_items if alone else store.proposals.items
        for frame_id, proposal in proposals(list(place), active.id):
            row = place[frame_id]
            usable = np.isfinite(proposal.covariance).all((-2, -1)) & (not proposal.message)
            proposed[row, usable] = proposal.xy[usable]
            covariance[row, usable] = proposal.covariance[usable]
    for frame_id, annotation in store.annotations.items(list(place)):
        human = annotation.is_human
        keys[place[frame_id], human] = annotation.xy[human]
    return Observations.of_proposals(sequence.numbers, proposed, covariance, keys)


def with_motion(
    seen: Observations, motions: Sequence[Motion | None], outline: NDArray[np.bool_]
) -> Observations:
    """The observations with image evidence beside them; it counts less for the landmarks on the `outline`, bool [L], as what is
    behind them moves otherwise."""
    step, covariance = seen.step.copy(), seen.step_covariance.copy()
    for row, motion in enumerate(motions):
        if motion is not None:
            step[row], covariance[row] = motion.step, motion.covariance
    covariance[:, outline] *= _OUTLINE**2
    return replace(seen, step=step, step_covariance=covariance)


def _reach(
    store: ProjectStore, sequence: FrameSequence, wanted: FrameSequence, at: NDArray[np.int64]
) -> FrameSequence:
    """The frames that are asked for, up to the nearest keys on either side, those included."""
    human = [
        frame_id
        for frame_id, annotation in store.annotations.items(sequence.frame_ids.tolist())
        if annotation.is_human[at].any()
    ]
    numbers = sequence.numbers[np.isin(sequence.frame_ids, human)]
    before, behind = numbers[numbers < wanted.numbers[0]], numbers[numbers > wanted.numbers[-1]]
    return sequence.between(
        int(before[-1]) if len(before) else int(wanted.numbers[0]),
        int(behind[0]) if len(behind) else int(wanted.numbers[-1]),
    )


def tracks_of(
    store: ProjectStore,
    sequence: FrameSequence,
    wanted: FrameSequence,
    seen: Observations,
    found: Fused,
    at: NDArray[np.int64],
) -> dict[int, Track]:
    """What goes into the layer: the frames that were asked for, without the points that people set."""
    tracks = {}
    for row in np.flatnonzero(np.isin(sequence.frame_ids, wanted.frame_ids)):
        placed = np.isfinite(found.xy[row]).all(-1) & ~seen.is_key[row, at]
        if not placed.any():
            continue
        empty = Track.empty(store.scheme)
        xy, covariance, state = empty.xy.copy(), empty.covariance.copy(), empty.state.copy()
        xy[at[placed]] = found.xy[row, placed]
        covariance[at[placed]] = found.covariance[row, placed]
        sure = found.is_sure[row, placed]
        state[at[placed]] = np.where(sure, TrackState.TRACKED, TrackState.UNSURE)
        tracks[int(sequence.frame_ids[row])] = replace(empty, xy=xy, covariance=covariance, state=state)
    return tracks


def missing_frames(sequence: FrameSequence) -> list[str]:
    """What is left out of a sequence, and its gaps, for people."""
    notes = [f"{sequence.name}: {reason}; left out" for reason in sequence.left_out.values()]
    for first, last in sequence.gaps:
        what = f"frame {first} is" if first == last else f"frames {first} to {last} are"
        notes.append(f"{sequence.name}: {what} missing; tracked across, not filled")
    return notes
