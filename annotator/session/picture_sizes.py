"""Frames of the open project whose picture has another size than when it was imported: noticed, looked for, and taken."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop
from annotator.services.project.captures.picture_sizes import (
    PointsRule,
    SizeChange,
    SizeReport,
    changed_sizes,
    take_sizes,
)
from annotator.session.job.job_board import TAKE_SIZES, Job, JobState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

_LOOK = "look at sizes"


class PictureSizes(QObject):
    """Tells where a picture differs: of the frame that cannot be shown, or of all after a look at them."""

    differ = Signal(object)  # tuple of SizeChange; () where there is nothing to take

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._found: SizeReport | None = None  # what the last look found
        session.frames.image_failed.connect(self._failed)
        session.frames.current_changed.connect(lambda _frame: self.differ.emit(()))
        session.project_closed.connect(lambda: self.differ.emit(()))
        session.jobs.ended.connect(self._ended)

    def look(self) -> Job:
        """Hold the size of every picture against the project's, in a thread; `differ` follows."""
        path = self._session.path

        def work(progress: Progress, stop: Stop) -> str:
            with ProjectStore.open(path, read_only=True) as own:
                self._found = changed_sizes(own, progress=progress, stop=stop)
            return self._found.text

        title = "Look at the sizes of pictures"
        return self._session.jobs.run(_LOOK, title, work, self._session.store.identity)

    def take(self, changes: Sequence[SizeChange], points: PointsRule) -> Job:
        """Take the new sizes, their landmarks as `points` says, in a thread; then everything is read anew.

        Raises AnnotatorError while edits wait that are not saved yet: they were made in the old size.
        """
        session = self._session
        session.end_gestures()
        if len(session.annotations.pending):
            raise AnnotatorError("Some edits are not saved yet: solve that first.")
        path = session.path
        written: list[int] = []
        session.jobs.wrote(written)

        def work(progress: Progress, stop: Stop) -> str:
            with ProjectStore.open(path) as own:
                return take_sizes(own, changes, points, None, progress, stop, written).text

        return session.jobs.run(TAKE_SIZES, "Take new picture sizes", work, session.store.identity)

    def _failed(self, frame_id: int, _text: str) -> None:
        """The picture of the current frame cannot be shown: is it its size?"""
        session = self._session
        if session.is_open and frame_id == session.frames.current_id:
            self.differ.emit(changed_sizes(session.store, [frame_id]).changes)

    def _ended(self, job: Job) -> None:
        session = self._session
        if not session.is_open or job.project != session.store.identity:
            return
        if job.kind == _LOOK and job.state is JobState.DONE and self._found is not None:
            self.differ.emit(self._found.changes)
        elif job.kind == TAKE_SIZES:
            session.others.read_pictures_anew(have_other_sizes=True)
