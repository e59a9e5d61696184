"""Finished proposals in memory, by frame and model, and the requests for those that are missing."""

from collections import OrderedDict
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from annotator.domain.proposal import Proposal
from annotator.session.processes.inference_process import InferenceProcess
from annotator.store.project_store import ProjectStore

_KEPT = 256


class ProposalDesk(QObject):
    """Every proposal that was made or read is kept by (frame, model); heatmaps only of the last frames, within a budget."""

    arrived = Signal(int)
    failed = Signal(int, str)

    def __init__(self, process: InferenceProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = process
        self._store: ProjectStore | None = None
        self._known: OrderedDict[tuple[int, str], Proposal | None] = OrderedDict()
        self._model_id: str | None = None
        self._can_ask = False
        self._budget = 384 << 20
        process.proposed.connect(self._arrive)
        process.failed.connect(self.failed)
        process.bulk_saved.connect(self._saved)

    @property
    def nbytes(self) -> int:
        """Memory that heatmaps and their crops take."""
        return sum(_heat_bytes(value) for value in self._known.values() if value is not None)

    def set_budget(self, nbytes: int) -> None:
        """Bytes that heatmaps may take."""
        self._budget = nbytes
        self._trim()

    @property
    def model_id(self) -> str | None:
        """The active model."""
        return self._model_id

    def attach(self, store: ProjectStore | None) -> None:
        """Work on another project (None: on none); forgets everything."""
        self._store = store
        self._known.clear()
        path = None if store is None else store.path
        self._process.set_project(path, saving=store is not None and not store.read_only)

    def use_model(self, model_id: str | None, folder: Path | None) -> None:
        """Show proposals of this model from now on, and make them; without a folder there are only finished ones."""
        self._model_id, self._can_ask = model_id, folder is not None
        if folder is not None:
            self._process.set_model(folder)

    def get(self, frame_id: int, model_id: str | None = None) -> Proposal | None:
        """A model's finished proposal (None: the active model's), None if there is none yet."""
        model_id = model_id or self._model_id
        if model_id is None or self._store is None:
            return None
        key = (frame_id, model_id)
        if key not in self._known:
            self._keep(key, self._store.proposals.get(frame_id, model_id))
        self._known.move_to_end(key)
        return self._known[key]

    def request(self, frame_id: int, path: Path, force: bool = False) -> bool:
        """Have the active model propose a frame unless its proposal with heatmaps is here; True if it was asked."""
        found = self.get(frame_id)
        if not self._can_ask or (found is not None and found.heatmaps and not force):
            return False
        self._process.request(frame_id, path)
        return True

    def rerun_region(self, frame_id: int, path: Path, region: str, box: NDArray[Any]) -> None:
        """Have one regional network run again on a box x0 y0 x1 y1 (frame pixels) that the artist drew."""
        if self._can_ask:
            self._process.request(frame_id, path, region, box)

    def forget(self) -> None:
        """Read proposals anew: another program, or an import, changed the project. Those with heatmaps are our own."""
        for key in [key for key, value in self._known.items() if value is None or not value.heatmaps]:
            del self._known[key]

    def _arrive(self, frame_id: int, proposal: Proposal) -> None:
        self._keep((frame_id, proposal.model_id), proposal)
        if proposal.model_id == self._model_id:
            self.arrived.emit(frame_id)

    def _saved(self, _job_id: int, frame_ids: list[int]) -> None:
        """A whole-project run wrote proposals: read them when they are asked for."""
        for frame_id in frame_ids:
            found = self._known.get((frame_id, self._model_id or ""))
            if found is None or not found.heatmaps:
                self._known.pop((frame_id, self._model_id or ""), None)
            self.arrived.emit(frame_id)

    def _keep(self, key: tuple[int, str], proposal: Proposal | None) -> None:
        self._known[key] = proposal
        self._known.move_to_end(key)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        self._trim()

    def _trim(self) -> None:
        """The newest heatmaps stay, the very last ones whatever they take: they are looked at."""
        budget, newest = self._budget, True
        for key in reversed(self._known):
            value = self._known[key]
            if value is None or not value.heatmaps:
                continue
            budget -= _heat_bytes(value)
            if budget < 0 and not newest:
                self._known[key] = value.without_heatmaps()
            newest = False


def _heat_bytes(value: Proposal) -> int:
    return sum(item.logits.nbytes + item.crop.nbytes for item in value.heatmaps)
