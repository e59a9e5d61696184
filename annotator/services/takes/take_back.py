"""Tracking taken back and brought again, as one step."""

from collections.abc import Mapping
from dataclasses import dataclass

from annotator.domain.takes.track import Track
from annotator.store.project_store import ProjectStore
from annotator.store.sequences.tracks import TrackRun


@dataclass(frozen=True, eq=False)
class TrackStep:
    """What a run did to the track layer: of each frame that it wrote, what was there before and after it, None for nothing."""

    number: int
    subject: str
    take: str
    camera: str
    before: Mapping[int, Track | None]
    after: Mapping[int, Track | None]


def swap_step(store: ProjectStore, step: TrackStep, again: bool) -> list[int]:
    """Take a run back, or bring it again; points that another run set since stay. Returns the frames that changed.

    Raises:
        StoreWriteError: the project is as it was.
    """
    expected, wanted = (step.before, step.after) if again else (step.after, step.before)
    what = "brings again" if again else "takes back"
    run = TrackRun("undo", step.subject, step.take, step.camera, detail={what: step.number})
    return store.tracks.swap(run, expected, wanted)
