"""Tracking taken back and brought again, as one step."""

from collections.abc import Mapping
from dataclasses import dataclass

from annotator.domain.takes.track import Track
from annotator.store.project_store import ProjectStore
from annotator.store.sequences.tracks import TrackRun


@dataclass(frozen=True, eq=False)
class TrackStep:
    """What runs over one take did to the track layer: of each frame that they wrote, what was there before and after, None for
    nothing.

    Attributes:
        numbers: of the runs, one a camera.
    """

    numbers: tuple[int, ...]
    subject: str
    take: str
    cameras: tuple[str, ...]
    before: Mapping[int, Track | None]
    after: Mapping[int, Track | None]


def swap_step(store: ProjectStore, step: TrackStep, again: bool) -> list[int]:
    """Take runs back, or bring them again, all or none; points that another run set since stay. Returns the frames that changed.

    Raises:
        StoreWriteError: the project is as it was.
    """
    expected, wanted = (step.before, step.after) if again else (step.after, step.before)
    what = "brings again" if again else "takes back"
    detail = {what: step.numbers[0] if len(step.numbers) == 1 else list(step.numbers)}
    run = TrackRun("undo", step.subject, step.take, ", ".join(step.cameras), detail=detail)
    return store.tracks.swap(run, expected, wanted)
