"""Finished proposals in memory, by frame key and model, and the requests for those that are missing."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from annotator.domain.frame_key import FrameKey
from annotator.domain.proposal import Proposal
from annotator.session.frame_keys import FrameKeys
from annotator.session.processes.inference_process import InferenceProcess
from annotator.store.project_store import ProjectStore

_KEPT = 256


class Proposals(QObject):
    """Every proposal that was made or read is kept by (frame key, model); heatmaps only of the last frames, within a budget.

    An answer for another project, or for a file that is another one by now, is dropped; the latter is asked for again.
    """

    arrived = Signal(int)  # frame id: re-read `get(frame_id)`; the annotation's change follows
    other_arrived = Signal(int)  # frame id: a model that is not active proposed it
    failed = Signal(int, str)
    state_changed = Signal(str)  # "off" "starting" "loading" "ready" "working" "crashed"

    def __init__(self, process: InferenceProcess, keys: FrameKeys, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process, self._keys = process, keys
        self._store: ProjectStore | None = None
        self._known: OrderedDict[tuple[FrameKey, str], Proposal | None] = OrderedDict()
        self._own: set[int] = (
            set()
        )  # frames whose proposals came from here since the project was last looked at
        self._outdated: set[int] = set()  # frames whose stored proposals were made of a file that is gone
        self._model_id: str | None = None
        self._can_ask = False
        self._budget = 384 << 20
        keys.replaced.connect(self._outdated.add)
        process.proposed.connect(self._arrive)
        process.outdated.connect(self._ask_again)
        process.failed.connect(self._fail)
        process.state_changed.connect(self.state_changed)
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
    def state(self) -> str:
        """See `state_changed`."""
        return self._process.state

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked for."""
        return self._process.is_idle

    @property
    def model_id(self) -> str | None:
        """The active model."""
        return self._model_id

    def attach(self, store: ProjectStore | None) -> None:
        """Work on another project (None: on none); forgets everything."""
        self._store = store
        self._known.clear()
        self._own.clear()
        self._outdated.clear()
        if store is None:
            self._process.set_project("", None, saving=False)
        else:
            self._process.set_project(store.identity, store.path, saving=not store.read_only)

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
        which = (self._keys.of(frame_id), model_id)
        if which not in self._known:
            is_outdated = self._can_ask and frame_id in self._outdated
            self._keep(which, None if is_outdated else self._store.proposals.usable(frame_id, model_id))
        self._known.move_to_end(which)
        return self._known[which]

    def request(self, frame_id: int, force: bool = False) -> bool:
        """Have the active model propose a frame unless its proposal with heatmaps is here (`force`: anyway); `arrived` follows.

        The newest request goes first; the current frame is asked for by itself. False if nothing was asked.
        """
        key = self._keys.look(frame_id)
        found = self.get(frame_id)
        if not self._can_ask or (found is not None and found.heatmaps and not force):
            return False
        self._process.request(key)
        return True

    def request_other(self, frame_id: int, model_id: str, folder: Path) -> None:
        """Have a model that is not active propose a frame, unless its heatmaps are here; `other_arrived` follows."""
        found = self.get(frame_id, model_id)
        if model_id != self._model_id and (found is None or not found.heatmaps):
            self._process.request_by(folder, self._keys.look(frame_id))

    def rerun_region(self, frame_id: int, region: str, box: NDArray[Any]) -> None:
        """Have one regional network run again on a box x0 y0 x1 y1 (frame pixels) that the artist drew."""
        if self._can_ask:
            self._process.request(self._keys.look(frame_id), region, box)

    def is_asked(self, frame_id: int) -> bool:
        """Whether a request for the frame is under way."""
        return self._process.is_asked(self._keys.of(frame_id))

    def forget(self) -> None:
        """Read proposals anew: another program, or an import, changed the project. Those with heatmaps are our own."""
        for which in [which for which, value in self._known.items() if value is None or not value.heatmaps]:
            del self._known[which]

    def forget_saved(self, frame_ids: Iterable[int]) -> set[int]:
        """Proposals that somebody wrote to the project, or what the cameras say in their place: those that are not our own are
        read anew; returns their frames."""
        news = set()
        for frame_id in frame_ids:
            which = (self._keys.of(frame_id), self._model_id or "")
            found = self._known.get(which)
            if found is not None and found.heatmaps:
                if self._take_over(which, found):
                    news.add(frame_id)
            elif frame_id not in self._own:
                self._known.pop(which, None)
                news.add(frame_id)
        self._own.difference_update(frame_ids)
        return news

    def agreed(self, frame_ids: Iterable[int]) -> None:
        """What the cameras of a moment say of these frames is new in the project: show it, with the heatmaps that there are."""
        if self._store is None or self._model_id is None:
            return
        for frame_id in frame_ids:
            which = (self._keys.of(frame_id), self._model_id)
            self._take_over(which, self._known.get(which))
            self._own.add(frame_id)
            self.arrived.emit(frame_id)

    def _take_over(self, which: tuple[FrameKey, str], known: Proposal | None) -> bool:
        """Show what the project holds, with the heatmaps that there are; whether its points are others than those known."""
        key, model_id = which
        shown = None if self._store is None else self._store.proposals.usable(key.frame_id, model_id)
        if shown is None:
            return False
        if known is not None:
            shown = replace(shown, heatmaps=known.heatmaps, width=known.width, height=known.height)
        self._keep(which, shown)
        return known is None or not np.array_equal(shown.xy, known.xy, equal_nan=True)

    def _arrive(self, key: FrameKey, proposal: Proposal) -> None:
        if not self._keys.fits(key):
            return
        refusal = key.refusal(proposal.width, proposal.height) if proposal.width else ""
        if refusal:
            self.failed.emit(key.frame_id, refusal)
            return
        self._keep((key, proposal.model_id), proposal)
        self._own.add(key.frame_id)
        self._outdated.discard(key.frame_id)
        if proposal.model_id == self._model_id:
            self.arrived.emit(key.frame_id)
        else:
            self.other_arrived.emit(key.frame_id)

    def _ask_again(self, key: FrameKey) -> None:
        """The file was replaced before there was an answer: what is there now is asked for."""
        if self._can_ask and key.project == self._keys.project:
            self._process.request(self._keys.look(key.frame_id))

    def _fail(self, key: FrameKey, text: str) -> None:
        if self._keys.fits(key):
            self.failed.emit(key.frame_id, text)

    def _saved(self, _job_id: int, project: str, frame_ids: list[int]) -> None:
        """A whole-project run wrote proposals: read them when they are asked for."""
        if project != self._keys.project:
            return
        for frame_id in frame_ids:
            which = (self._keys.of(frame_id), self._model_id or "")
            found = self._known.get(which)
            if found is None or not found.heatmaps:
                self._known.pop(which, None)
            self._own.add(frame_id)
            self._outdated.discard(frame_id)
            self.arrived.emit(frame_id)

    def _keep(self, which: tuple[FrameKey, str], proposal: Proposal | None) -> None:
        self._known[which] = proposal
        self._known.move_to_end(which)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        self._trim()

    def _trim(self) -> None:
        """The newest heatmaps stay, the very last ones whatever they take: they are looked at."""
        budget, newest = self._budget, True
        for which in reversed(self._known):
            value = self._known[which]
            if value is None or not value.heatmaps:
                continue
            budget -= _heat_bytes(value)
            if budget < 0 and not newest:
                self._known[which] = value.without_heatmaps()
            newest = False


def _heat_bytes(value: Proposal) -> int:
    return sum(item.logits.nbytes + item.crop.nbytes for item in value.heatmaps)
