"""A project's rig, brought back from the landmarks that were seen with it: proposed first, kept when somebody says so."""

from dataclasses import dataclass, replace

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.rigs.rig import RigError
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.rigs.bundle import Moving
from annotator.rigs.refine import Refinement, refine
from annotator.services.rigs.seen_moments import MomentsOfRigs, rig_named, too_little
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig

MOST_MOMENTS = 80
PARTS = ("rotation", "position", "focal", "distortion")
"""What of cameras may move, as options name it."""


@dataclass(frozen=True, eq=False)
class RigRefined:
    """A rig as it would be kept. `base`: the version that it was refined from."""

    base: ProjectRig
    refinement: Refinement

    @property
    def text(self) -> str:
        """What came of it, in a sentence."""
        found = self.refinement
        return (
            f"In what was held out ({found.held_out}) cameras are {found.shift_before:.1f} px off everywhere before and "
            f"{found.shift_after:.1f} px after (mean); points lie {found.before:.1f} px before and {found.after:.1f} px after "
            "from where the other cameras expect them (median)."
        )

    @property
    def refusal(self) -> str:
        """Why it should not be kept; empty where it helped."""
        if self.refinement.helped:
            return ""
        return (
            f"It does not help: what was held out fits {self.base.label} as well as the refined rig. Either nothing is wrong "
            "with the calibration, or more landmarks must be corrected in two or more views of a moment."
        )


def moving_of(parts: tuple[str, ...]) -> Moving:
    """What may move, by its names; raises `RigError` for one that is not known, or none at all."""
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise RigError(f"{', '.join(unknown)} cannot move; what can is {', '.join(PARTS)}.")
    if not parts:
        raise RigError(f"Nothing may move; choose one or more of {', '.join(PARTS)}.")
    return Moving(**{part: part in parts for part in PARTS})


def refine_rig(
    store: ProjectStore,
    name: str | None = None,
    moving: Moving | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> RigRefined:
    """Refine the newest version of a rig (without a name the only one) from proposals and people's points. Changes nothing.

    Raises:
        ProjectError: there is no such rig. RigError: too little was seen. Cancelled: it was asked to stop.
    """
    base = rig_named(store, name)
    progress(0, 0, "Reading moments")
    seen = MomentsOfRigs(store).of(base, MOST_MOMENTS)
    if reason := too_little(seen):
        raise RigError(reason)
    soft = view_dependent(store.scheme)
    found = refine(base.rig, seen.moments, moving, seen.floor, soft, progress, stop)
    rig = replace(found.rig, source=f"refined from version {base.version}")
    return RigRefined(base, replace(found, rig=rig))


def keep_refined(
    store: ProjectStore, refined: RigRefined, anyway: bool = False, user: str | None = None
) -> ProjectRig:
    """Keep a refined rig as the next version of its name.

    Raises:
        RigError: it did not help (unless `anyway`), or another version came meanwhile.
    """
    if refined.refusal and not anyway:
        raise RigError(refined.refusal)
    newest = store.rigs.get(refined.base.name)
    if newest.id != refined.base.id:
        raise RigError(
            f"{newest.label} came meanwhile, but what was refined is version {refined.base.version}; refine again."
        )
    return store.rigs.add(refined.refinement.rig, user=user)[0]
