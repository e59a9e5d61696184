"""A training of the open project without a process: its job, and the events that it tells."""

from typing import Any

from annotator.session.job.job_board import Job
from annotator.session.session import Session

EVENTS = [
    {"event": "start", "steps": 100, "folder": "/x", "model": "new"},
    {"event": "prepare", "message": "Finding the faces", "done": 1, "total": 2},
    {"event": "step", "step": 1, "steps": 100, "loss": 2.0, "seconds": 1.0},
    {"event": "step", "step": 2, "steps": 100, "loss": 1.5, "seconds": 2.0},
    {"event": "validation", "step": 2, "nme": {"all": 3.5, "mouth": 4.0}},
    {
        "event": "done",
        "id": "two",
        "model": "/x/two",
        "before": {"all": 4.0, "mouth": 5.0},
        "after": {"all": 3.0, "mouth": 5.5},
        "table": {"held_out": True, "frames": 7},
    },
]


def training_job(session: Session) -> Job:
    """A training of the open project, without a process."""
    return session.jobs.add("train", "Retrain", lambda: None, session.keys.project)


def told(session: Session, events: list[dict[str, Any]]) -> None:
    """The events of the project's run, as if its process had told them."""
    session.jobs._training._project = session.keys.project
    session.jobs._training._events[:] = events
    for event in events:
        session.jobs.training_event.emit(event)
