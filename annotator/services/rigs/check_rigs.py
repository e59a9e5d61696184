"""The calibration alarm: do the project's rigs still hold, by what was seen with them?"""

from dataclasses import dataclass

from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.words import counted
from annotator.rigs.alarm import LEAST_MOMENTS, CameraShift, calibration_alarm
from annotator.services.rigs.seen_moments import seen_moments, too_little
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig

MOST_MOMENTS = 40


@dataclass(frozen=True, eq=False)
class RigCheck:
    """What is known of a rig.

    Attributes:
        off: the cameras that are off everywhere, the farthest first. moments: how many it was judged by.
        known: whether there were enough to say anything. text: a sentence for people.
    """

    rig: ProjectRig
    off: tuple[CameraShift, ...]
    moments: int
    known: bool
    text: str


def check_rigs(
    store: ProjectStore,
    name: str | None = None,
    most: int = MOST_MOMENTS,
    progress: Progress = silent,
    stop: Stop = never,
) -> tuple[RigCheck, ...]:
    """The newest version of each rig, or of one, judged by at most so many moments each.

    Raises:
        ProjectError: there is no such rig. Cancelled: it was asked to stop.
    """
    rigs = store.rigs.list() if name is None else (store.rigs.get(name),)
    found = []
    for done, rig in enumerate(rigs):
        if stop():
            raise Cancelled
        progress(done, len(rigs), rig.name)
        found.append(_check(store, rig, most))
    return tuple(found)


def _check(store: ProjectStore, rig: ProjectRig, most: int) -> RigCheck:
    seen = seen_moments(store, rig, most)
    soft = view_dependent(store.scheme)
    alarm = calibration_alarm(list(rig.rig.cameras.values()), seen.moments, seen.floor, soft)
    known = bool(alarm.text)
    text = alarm.text or too_little(seen)
    if not text:
        text = (
            f"{counted(alarm.moments, 'moment')} {'has' if alarm.moments == 1 else 'have'} points of two cameras or more; "
            f"{LEAST_MOMENTS} are needed to say anything. Propose or correct more frames."
        )
    return RigCheck(rig, alarm.off, alarm.moments, known, text)
