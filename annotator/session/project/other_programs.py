"""What other programs wrote to the open project, shown in the window."""

from typing import Protocol

from PySide6.QtCore import SignalInstance

from annotator.domain.words import counted
from annotator.session.editing.annotations import Annotations
from annotator.session.frame_keys import FrameKeys
from annotator.session.jobs import Jobs
from annotator.session.models import Models
from annotator.session.proposals import Proposals
from annotator.session.queues import Queues
from annotator.store.change_log import Changes
from annotator.store.project_store import ProjectStore

_MANY = 200  # frames that changed, beyond which the list is read anew


class Shown(Protocol):
    """What of the session is brought up to date."""

    keys: FrameKeys
    annotations: Annotations
    proposals: Proposals
    models: Models
    jobs: Jobs
    queues: Queues
    message: SignalInstance

    @property
    def is_open(self) -> bool:
        """Whether a project is open."""

    def reload(self) -> None:
        """Read annotations and the list anew."""

    def show_new_frames(self) -> None:
        """The project got other frames."""

    def turn_to_active_model(self) -> None:
        """Another model is active."""


class OtherPrograms:
    """Holds what was seen on disk against what this window wrote itself; the rest is somebody else's, and is told."""

    def __init__(self, session: Shown) -> None:
        self._session = session
        self._frame_count = 0

    def attach(self, store: ProjectStore) -> None:
        """The frames that the project has now are known."""
        self._frame_count = store.frames.count()

    def take(self, changes: Changes) -> None:
        """Somebody wrote to the project: show what is new there, and say so where it was another program."""
        session = self._session
        if not session.is_open:
            return
        self._take_edits(changes)
        if changes.frames is not None and changes.frames != self._frame_count:
            session.keys.forget()
            session.show_new_frames()
            session.message.emit("info", "Another program changed the list of frames")
        if changes.models:
            self._take_models()
        if changes.tracks:  # a run of tracking, whoever began it
            session.annotations.forget_tracks()
            session.reload()
        if changes.findings:
            session.queues.changed.emit()

    def _take_edits(self, changes: Changes) -> None:
        session = self._session
        mine = session.annotations.written
        new = {entry: frame_id for entry, frame_id in changes.entries if entry not in mine}
        session.annotations.forget(new.values())
        news = session.proposals.forget_saved(changes.proposed).union(new.values())
        if len(news) > _MANY:
            session.reload()
        else:
            for frame_id in sorted(news):
                session.annotations.changed.emit(frame_id)
        of_jobs = session.jobs.written
        foreign = {frame_id for entry, frame_id in new.items() if entry not in of_jobs}
        if foreign:
            session.message.emit("info", f"Another program changed {counted(len(foreign), 'frame')}")

    def _take_models(self) -> None:
        session = self._session
        active = session.models.active
        if active is not None and active.id != session.proposals.model_id:
            session.turn_to_active_model()
            session.message.emit("info", f"Another program made {active.id} the active model")
        session.models.changed.emit()
