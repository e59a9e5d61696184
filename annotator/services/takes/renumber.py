"""Other numbers for what a camera saw of a take, so that its frames are one moment with those of the other cameras."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from annotator.domain.takes.take import FrameSequence, TakeError, renumbered
from annotator.domain.words import counted
from annotator.services.rigs.apart import cameras_apart
from annotator.services.takes.sequences import sequences
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class Renumbering:
    """Of a sequence: its name, (first, last) index before and after, and of the frames that change (by id) both indices."""

    name: str
    before: tuple[str, str]
    after: tuple[str, str]
    old: Mapping[int, str]
    new: Mapping[int, str]

    @property
    def frames(self) -> int:
        """How many frames get another index."""
        return len(self.new)

    @property
    def text(self) -> str:
        """One line for people."""
        if not self.frames:
            return f"{self.name}: its frames have these numbers already"
        old, new = (" to ".join(ends) for ends in (self.before, self.after))
        return f"{self.name}: {counted(self.frames, 'frame')} numbered {new} from now on, {old} before"


def renumber(store: ProjectStore, subject: str, take: str, camera: str | None, first: str) -> Renumbering:
    """Number a camera's frames of a take anew, as `renumbering` says; returns what was done.

    Files keep their names, and all that is known of a frame stays with it. What the cameras said together of its old and of its
    new moment counts no longer.

    Raises:
        TakeError: no such camera, or no such number. StoreWriteError: nothing was written.
    """
    wanted = renumbering(store, subject, take, camera, first)
    if wanted.new:
        store.frames.renumber(wanted.new)
    return wanted


def renumbering(store: ProjectStore, subject: str, take: str, camera: str | None, first: str) -> Renumbering:
    """A camera's frames of a take numbered from `first` on (`1001`, `000001`) and with as many digits; gaps stay gaps.

    Frames that are left out of the sequence keep their index. `camera` None: the take's only one. Nothing is written.

    Raises:
        TakeError: no such camera, or no such number.
    """
    every = sequences(store, subject, take, whole=True)
    chosen = [each for each in every if camera is None or each.camera == camera]
    if len(chosen) != 1:
        names = ", ".join(each.camera or "(no name)" for each in every)
        wanted = "several cameras; say which is meant" if camera is None else f"no camera {camera!r}"
        raise TakeError(f"The take has {wanted}: {names}.")
    one = chosen[0]
    new = renumbered(one, first)
    ends = one.frame_ids[[0, -1]].tolist()
    old = {frame.id: frame.index for frame in store.frames.of_ids(list(new))}
    changed = [frame_id for frame_id, index in new.items() if old[frame_id] != index]
    return Renumbering(
        one.name,
        (old[ends[0]], old[ends[1]]),
        (new[ends[0]], new[ends[1]]),
        {frame_id: old[frame_id] for frame_id in changed},
        {frame_id: new[frame_id] for frame_id in changed},
    )


def numbered_apart(store: ProjectStore, found: Iterable[FrameSequence]) -> dict[tuple[str, str, str], str]:
    """(subject, take, camera) -> a line for people, of cameras that a rig has, but that saw no moment with its others."""
    lines = {}
    for subject, take in dict.fromkeys((each.subject, each.take) for each in found):
        rig = store.rigs.of_take(subject, take)
        if rig is not None:
            for camera, line in cameras_apart(store, subject, take, rig.rig.cameras).items():
                lines[subject, take, camera] = line
    return lines
