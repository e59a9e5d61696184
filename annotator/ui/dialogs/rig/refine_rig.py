"""Refine a rig: what of the cameras may move, how they agree before and after, and whether to keep that."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QFormLayout, QVBoxLayout, QWidget

from annotator.domain.words import counted
from annotator.services.rigs.refine_rig import PARTS, RigRefined, keep_refined, moving_of
from annotator.session.job.job_board import Job
from annotator.session.rigs.rig_work import start_refining
from annotator.session.session import Session
from annotator.store.rigs import ProjectRig
from annotator.ui.common.theme import label
from annotator.ui.dialogs.rig.rig_job import RigJobDialog

_WORDS = ("How they are turned", "Where they stand", "Focal lengths", "Lens distortion")
_USUAL = (True, True, False, False)
_EXPLAINED = (
    "Cameras shift a little after they were calibrated. What people set and the model proposed in many moments tells how they "
    "stand now. Some moments are held out, and show whether it helped; landmarks stay as they are."
)


class RefineRigDialog(RigJobDialog):
    """Refines the newest version of a rig."""

    def __init__(self, session: Session, name: str, parent: QWidget | None = None) -> None:
        unit = "mm" if session.store.rigs.get(name).rig.unit == 1 else "units"
        columns = ("Camera", "Off before, px", "After, px", "Turned", f"Moved, {unit}", "Zoom")
        super().__init__(session, "Refine rig", "Refine", columns, parent)
        self._base = session.store.rigs.get(name)
        self._found: RigRefined | None = None
        rig = self._base.rig
        takes = ", ".join(rig.takes) or "all takes"
        explained = label(_EXPLAINED, "dim")
        explained.setWordWrap(True)
        self.parts = {part: QCheckBox(words) for part, words in zip(PARTS, _WORDS, strict=True)}
        boxes = QVBoxLayout()
        for box, usual in zip(self.parts.values(), _USUAL, strict=True):
            box.setChecked(usual)
            boxes.addWidget(box)
        form = QFormLayout()
        form.addRow(label("May change", "dim"), boxes)
        column = QVBoxLayout(self.chosen)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(
            label(f"{self._base.label} · {counted(len(rig.cameras), 'camera')} · {takes}", "title")
        )
        column.addWidget(explained)
        column.addLayout(form)

    def begin(self) -> Job:
        """Starts to refine by what is ticked."""
        moving = moving_of(tuple(part for part, box in self.parts.items() if box.isChecked()))
        return start_refining(self._session, self._base.name, moving)

    def show_result(self, result: object) -> None:
        """Before and after of each camera."""
        if not isinstance(result, RigRefined):
            return
        self._found = result
        for each in result.refinement.cameras:
            self.row(
                [
                    each.name,
                    f"{each.before:.2f}",
                    f"{each.after:.2f}",
                    f"{each.degrees:.3f}°",
                    f"{each.moved:.2f}",
                    f"{100 * (each.zoom - 1):+.2f} %",
                ]
            )
        refusal, version = result.refusal, self._base.version + 1
        self.tell(f"{result.text}\n{refusal}" if refusal else result.text, "warning" if refusal else "")
        self.offer(f"Keep as version {version}" + (" anyway" if refusal else ""), not refusal)

    def keep_result(self) -> ProjectRig:
        """Keeps it as the next version, also where it did not help: the button says so."""
        assert self._found is not None
        return keep_refined(self._session.store, self._found, anyway=True)
