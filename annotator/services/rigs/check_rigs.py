"""The calibration alarm: do the project's rigs still hold, by what was seen with them?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.domain.words import counted
from annotator.rigs.alarm import LEAST_MOMENTS, CameraShift, calibration_alarm
from annotator.services.rigs.seen_moments import MomentsOfRigs, SeenMoments, too_little
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
    moments, soft = MomentsOfRigs(store), view_dependent(store.scheme)
    found = []
    for done, rig in enumerate(rigs):
        if stop():
            raise Cancelled
        progress(done, len(rigs), rig.name)
        found.append(_judged(moments.of(rig, most), soft))
    return tuple(found)


def _judged(seen: SeenMoments, soft: NDArray[np.bool_]) -> RigCheck:
    cameras = list(seen.rig.rig.cameras.values())
    alarm = calibration_alarm(cameras, seen.moments, seen.floor, soft)
    known = bool(alarm.text)
    text = alarm.text or too_little(seen)
    if not text:
        text = (
            f"{counted(alarm.moments, 'moment')} {'has' if alarm.moments == 1 else 'have'} points of two cameras or more; "
            f"{LEAST_MOMENTS} are needed to say anything. Propose or correct more frames."
        )
    return RigCheck(seen.rig, alarm.off, alarm.moments, known, text)
