"""Long work on the rigs of the open project, as jobs: what comes of it is shown first, and kept when a person says so."""

from annotator.domain.progress import Progress, Stop
from annotator.rigs.bundle import Moving
from annotator.services.rigs.refine_rig import RigRefined, refine_rig
from annotator.services.rigs.solve_rig import RigSolved, SolveWishes, solve_rig
from annotator.session.job.job_board import Job
from annotator.session.session import Session

REFINE, SOLVE = "refine rig", "solve rig"
"""The kinds of their jobs."""


def start_refining(session: Session, name: str, moving: Moving) -> Job:
    """Refine a rig in a thread; the job's result is a `RigRefined`, and nothing is changed."""
    store = session.store

    def work(progress: Progress, stop: Stop) -> RigRefined:
        with store.again(read_only=True) as own:
            return refine_rig(own, name, moving, progress, stop)

    return session.jobs.run(REFINE, f"Refine rig {name}", work, store.identity)


def start_solving(session: Session, wishes: SolveWishes) -> Job:
    """Solve a rig in a thread; the job's result is a `RigSolved`, and nothing is changed."""
    store = session.store

    def work(progress: Progress, stop: Stop) -> RigSolved:
        with store.again(read_only=True) as own:
            return solve_rig(own, wishes, progress, stop)

    return session.jobs.run(SOLVE, f"Solve rig {wishes.name}", work, store.identity)
