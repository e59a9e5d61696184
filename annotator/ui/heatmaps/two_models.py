"""Two models side by side: the pane in use, and beside it the same crop with the heat of another model."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from annotator.domain.proposal import Heatmap, Proposal
from annotator.session.session import Session
from annotator.store.models import ProjectModel
from annotator.ui.heatmaps.heat_maths import HeatStack
from annotator.ui.heatmaps.pane import HeatmapPane


class TwoModels(QObject):
    """Knows the other model, has it propose the current frame, and fills the pane that shows what it saw."""

    changed = Signal()  # another model, or its heat of the current frame came

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model: ProjectModel | None = None
        self._failed = 0  # the frame that the other model could not propose last
        session.project_closed.connect(lambda: self.compare_with(None))
        session.proposals.other_arrived.connect(lambda _frame: self.changed.emit())
        session.proposals.failed.connect(self._on_failed)
        session.frames.current_changed.connect(lambda _frame: self._ask())

    @property
    def model(self) -> ProjectModel | None:
        """The other model; None: nothing is compared."""
        return self._model

    def choices(self) -> list[ProjectModel]:
        """The models with networks that are not the active one: first the one that it was fine-tuned from, then the newest."""
        active = self._session.models.active
        others = [
            model
            for model in reversed(self._session.models.all())
            if not model.card.is_imported and (active is None or model.id != active.id)
        ]
        parent = active.card.parent if active is not None else None
        return sorted(others, key=lambda model: model.id != parent)

    def compare_with(self, model: ProjectModel | None) -> None:
        """Shows another model's heat beside the active one's; None ends that."""
        self._model, self._failed = model, 0
        self._ask()
        self.changed.emit()

    def fill(self, pane: HeatmapPane, beside: HeatmapPane, shown: Proposal | None) -> None:
        """Shows what the other model's network saw of the crop that `beside` shows, with its landmarks' places as they are."""
        model, frame_id = self._model, self._session.frames.current_id
        if model is None:
            return
        pane.name = beside.name
        pane.set_title(model.card.title or model.id)
        pane.content.tint = beside.content.tint
        proposal = self._session.proposals.get(frame_id, model.id) if frame_id else None
        theirs, ours = _heatmap(proposal, beside.name), _heatmap(shown, beside.name)
        if theirs is None:
            pane.set_stack(None, self._why_not(proposal))
            return
        if ours is not None:
            theirs = replace(theirs, crop=ours.crop, frame_from_crop=ours.frame_from_crop)
        pane.set_stack(HeatStack(theirs), about=beside.about)

    def _why_not(self, proposal: Proposal | None) -> str:
        if proposal is not None and proposal.heatmaps:
            return "This model has no crop of this region"
        if self._failed and self._failed == self._session.frames.current_id:
            return "No heatmap: this model could not propose"
        return "Waiting for this model…"

    def _ask(self) -> None:
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if self._model is not None and frame_id:
            self._session.proposals.request_other(frame_id, self._model.id, self._model.folder)

    def _on_failed(self, frame_id: int, _text: str) -> None:
        if self._model is not None:
            self._failed = frame_id
            self.changed.emit()


def _heatmap(proposal: Proposal | None, name: str) -> Heatmap | None:
    found = proposal.heatmaps if proposal is not None else ()
    return next((heatmap for heatmap in found if heatmap.name == name), None)
