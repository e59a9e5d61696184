"""All that the window has of a rig: the moment, its views beside the frame and on it, and hands that take from them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from annotator.domain.words import counted
from annotator.session.rigs.hidden import HiddenPoints
from annotator.session.rigs.rigs import Rigs
from annotator.session.rigs.takes import Takes
from annotator.session.session import Session
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.rig_views.frame_marks import FrameMarks
from annotator.ui.rig_views.hidden_marks import HiddenMarks
from annotator.ui.rig_views.panel import ViewsPanel

_NO_VIEWS = "This frame has no other views: a rig of its take, and frames of other cameras, bring them"
_NOTHING = "Nothing to take: people set these landmarks in all views, or the views do not tell where they are"


class RigDesk(QObject):
    """Joins session and widgets; says by `hint` why nothing happened, and what was done to frames that are not seen."""

    hint = Signal(str)
    moment_found = Signal()  # the frame has other views

    def __init__(
        self, session: Session, view: FrameView, options: ViewOptions, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.rigs = Rigs(session, self)
        self.takes = Takes(session, self.rigs)
        self.hidden = HiddenPoints(session, self.rigs, self)
        self.marks = FrameMarks(session, self.rigs, self.hidden, view, options, self)
        self.hidden_marks = HiddenMarks(session, self.hidden, view, options, self)
        self.panel = ViewsPanel(session, self.rigs, view, options)
        self.rigs.changed.connect(self.tell_of_moment)

    def take_selected(self) -> None:
        """The selected landmarks in all views where nobody set them."""
        if self._has_selection():
            self._take(lambda: self.takes.everywhere(self._session.selection.indices))

    def take_region(self) -> None:
        """The regions of the selected landmarks, in all views."""
        if self._has_selection():
            region_of = self._session.scheme.region_of
            touched = {int(region_of[index]) for index in self._session.selection.indices}
            members = [i for i, region in enumerate(region_of.tolist()) if region in touched]
            self._take(lambda: self.takes.everywhere(members))

    def take_face(self) -> None:
        """All landmarks of the frame."""
        self._take(self.takes.here)

    def take_moment(self) -> None:
        """All landmarks of all views."""
        self._take(self.takes.moment)

    def take_over_own(self) -> None:
        """The one selected landmark, over what a person set."""
        if len(self._session.selection) != 1:
            self.hint.emit("Select one landmark alone: it goes where the other views see it")
            return
        self._take(lambda: self.takes.over_own(self._session.selection.primary))

    def accept_hidden(self) -> None:
        """Marks what this camera probably cannot see as occluded: of the selected landmarks, else of all."""
        indices = self._session.selection.indices or None
        if not self.hidden.mark(indices):
            of_these = "of these " if indices else ""
            self.hint.emit(f"No landmark {of_these}is expected to be hidden from this camera")

    def step(self, count: int) -> None:
        """Shows the next (1) or previous (-1) view of the moment as the frame."""
        if not self.panel.step(count):
            self.hint.emit(_NO_VIEWS)

    def _take(self, work: Callable[[], int]) -> None:
        if self.rigs.outlook is None:
            self.hint.emit(_NO_VIEWS)
        elif not (count := work()):
            self.hint.emit(_NOTHING)
        elif not self.panel.isVisible():  # else it is seen
            self.hint.emit(
                f"Took {counted(count, 'landmark')} from the other views; one undo takes all of it back"
            )

    def _has_selection(self) -> bool:
        if not self._session.selection.indices:
            self.hint.emit("Select a landmark first: click one, or Edit ▸ Next landmark")
        return bool(self._session.selection.indices)

    def tell_of_moment(self) -> None:
        """Says once more that the frame has other views, where it has."""
        if self.rigs.moment is not None:
            self.moment_found.emit()
