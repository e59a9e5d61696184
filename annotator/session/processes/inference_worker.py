"""The inference process: it alone imports torch, owns the predictor and its device, and reads the frame files itself.

One loop, one thread. A whole-project run asks between frames whether the window wants something sooner, and does
that first. Proposals are saved to the project here, in a connection of its own.
"""

import importlib
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.frame_key import FrameKey
from annotator.domain.proposal import Proposal
from annotator.imaging.frame_pixels import pixels_of
from annotator.services.models.propose import Proposer, propose_project, sized
from annotator.session.processes.inference_messages import Ask, Tell, heatmap_arrays
from annotator.session.processes.priority import all_cores_but_one, lower_priority
from annotator.session.processes.shared_arrays import share
from annotator.store.file.errors import StoreWriteError
from annotator.store.project_store import ProjectStore

PREDICTOR = "annotator.inference.predictor:Predictor"
_PREDICTORS_KEPT = 2
_PROPOSALS_KEPT = 8


class SingleProposer(Proposer, Protocol):
    """What the process needs of a predictor."""

    @property
    def device(self) -> Any:
        """Where it runs, for people."""
        ...

    def propose(self, image: NDArray[Any], heatmaps: bool = True) -> Proposal:
        """One frame, HxWx3 of any depth."""
        ...

    def rerun_region(
        self, image: NDArray[Any], region: str, box: NDArray[Any], proposal: Proposal, heatmaps: bool = True
    ) -> Proposal:
        """A proposal with one region read again in the box x0 y0 x1 y1 (frame pixels) that a person drew."""
        ...


def main(pipe: Connection, factory: str, device: str, threads: int = 0) -> None:
    """Entry of the child; `factory` is `module:callable`, called with (folder, device=..., threads=...); 0: all cores but one."""
    lower_priority()
    worker = Worker(pipe, factory, device, threads)
    try:
        while worker.handle(pipe.recv()):
            worker.run_bulk()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the window is gone
    finally:
        worker.close()


class Worker:
    """State of the inference process."""

    def __init__(self, pipe: Connection, factory: str, device: str, threads: int = 0) -> None:
        self._pipe, self._factory, self._device, self._threads = pipe, factory, device, threads
        self._folder: Path | None = None
        self._predictors: dict[Path, SingleProposer] = {}
        self._store: ProjectStore | None = None
        self._saving = False
        self._project = ""  # its identity
        self._image: tuple[FrameKey, NDArray[Any]] | None = None
        self._last: dict[tuple[FrameKey, str], Proposal] = {}
        self._bulk: list[tuple[int, str, Sequence[int] | None, bool]] = []
        self._cancelled: set[int] = set()
        self._running: int | None = None
        self._blocks: dict[str, SharedMemory] = {}
        self._notes: set[str] = set()

    def handle(self, message: tuple[Any, ...]) -> bool:
        """Do what the window asks; False when the process should end."""
        ask, *values = message
        if ask is Ask.MODEL:
            self._folder = Path(values[0])
        elif ask is Ask.PROJECT:
            self._open(*values)
        elif ask is Ask.PROPOSE:
            self._propose(*values)
        elif ask is Ask.BULK:
            self._bulk.append(tuple(values))
        elif ask is Ask.CANCEL:
            self._cancelled.add(values[0])
        elif ask is Ask.RELEASE:
            self._blocks.pop(values[0]).close()
        return ask is not Ask.QUIT

    def run_bulk(self) -> None:
        """Work off the whole-project runs that were asked for."""
        while self._bulk:
            job_id, project, frame_ids, again = self._bulk.pop(0)
            try:
                self._tell(Tell.ENDED, job_id, *self._run(job_id, project, frame_ids, again))
            except EOFError:
                raise
            except Exception as error:  # as above
                self._tell(Tell.ENDED, job_id, "failed", str(error) or type(error).__name__)

    def close(self) -> None:
        """Close the project and free what was not taken."""
        if self._store is not None:
            self._store.close()
        for block in self._blocks.values():
            block.close()

    def _run(
        self, job_id: int, project: str, frame_ids: Sequence[int] | None, again: bool
    ) -> tuple[str, str]:
        if self._store is None or project != self._project:
            return "cancelled", "The project was closed."
        if job_id in self._cancelled:
            return "cancelled", "Stopped"
        store, self._running = self._store, job_id
        try:
            return self._run_on(store, job_id, frame_ids, again)
        finally:
            self._running = None
            if store is not self._store:
                store.close()

    def _run_on(
        self, store: ProjectStore, job_id: int, frame_ids: Sequence[int] | None, again: bool
    ) -> tuple[str, str]:
        def saved(frame_ids: list[int]) -> None:
            self._tell(Tell.SAVED, job_id, store.identity, frame_ids)

        def stop() -> bool:
            """Asked between frames: the moment to do what the window wants sooner."""
            while self._pipe.poll():
                if not self.handle(self._pipe.recv()):
                    raise EOFError
            return job_id in self._cancelled

        def progress(done: int, total: int, text: str) -> None:
            self._tell(Tell.PROGRESS, job_id, done, total, text)

        summary = propose_project(store, self._predictor(), frame_ids, progress, stop, again, saved)
        self._tell_notes()
        failures = "".join(f"\n{item.path}: {item.message}" for item in summary.failures[:20])
        return ("cancelled" if job_id in self._cancelled else "done"), summary.text() + failures

    def _propose(self, ticket: int, key: FrameKey, region: str, box: NDArray[Any] | None) -> None:
        try:
            proposal = self._proposal(key, region, box)
        except Exception as error:  # whatever one frame or model does, the next one may be well
            # what went wrong with a file that was being replaced says nothing of the new one
            if key.is_current or not key.has_file:
                self._tell(Tell.FAILED, ticket, key, str(error) or type(error).__name__)
            else:
                self._tell(Tell.OUTDATED, ticket, key)
            return
        if not key.is_current:
            self._tell(Tell.OUTDATED, ticket, key)
            return
        if self._saving and self._store is not None and key.project == self._project:
            self._save(self._store, key.frame_id, proposal)
        block, layout = share(heatmap_arrays(proposal.heatmaps))
        self._blocks[block.name] = block
        names = [item.name for item in proposal.heatmaps]
        self._tell(Tell.PROPOSAL, ticket, key, proposal.without_heatmaps(), names, block.name, layout)
        self._tell_notes()

    def _proposal(self, key: FrameKey, region: str, box: NDArray[Any] | None) -> Proposal:
        """A frame's proposal, or its last one with a region read again."""
        predictor = self._predictor()
        which = key, predictor.card.id
        image = self._pixels(key)
        proposal = self._last.pop(which, None)
        if box is None or proposal is None:
            proposal = predictor.propose(image, heatmaps=True)
        if box is not None:
            proposal = predictor.rerun_region(image, region, box, proposal)
        proposal = sized(proposal, image)
        self._last[which] = proposal
        while len(self._last) > _PROPOSALS_KEPT:
            del self._last[next(iter(self._last))]
        return proposal

    def _save(self, store: ProjectStore, frame_id: int, proposal: Proposal) -> None:
        try:
            store.proposals.save(frame_id, proposal)
        except StoreWriteError as error:
            self._note(f"Proposals are shown but not kept: {error}")

    def _pixels(self, key: FrameKey) -> NDArray[Any]:
        """The frame; the last one is kept, as a moved ROI asks for it again."""
        if self._image is None or self._image[0] != key or not key.is_current:
            self._image = None
            self._image = (key, pixels_of(key))
        return self._image[1]

    def _predictor(self) -> SingleProposer:
        folder = self._folder
        if folder is None:
            raise ModelError("no model is chosen; choose one in the Models panel")
        if folder not in self._predictors:
            self._tell(Tell.LOADING, str(folder))
            while len(self._predictors) >= _PREDICTORS_KEPT:
                del self._predictors[next(iter(self._predictors))]
            module, _, name = self._factory.partition(":")
            make = getattr(importlib.import_module(module), name)
            threads = self._threads or all_cores_but_one()
            self._predictors[folder] = make(folder, device=self._device, threads=threads)
        predictor = self._predictors[folder]
        self._tell(Tell.READY, predictor.card.id, str(predictor.device))
        return predictor

    def _open(self, identity: str, path: str | None, saving: bool) -> None:
        self._cancelled.update(job_id for job_id, *_ in self._bulk)
        if self._running is not None:
            self._cancelled.add(self._running)  # it closes its project itself, after the frame that it is at
        elif self._store is not None:
            self._store.close()
        self._store, self._saving, self._project = None, saving, identity
        self._last.clear()
        self._image = None
        if path is not None:
            try:
                self._store = ProjectStore.open(Path(path), read_only=not saving)
                if self._store.identity != identity:
                    self._store.close()
                    self._store = None
                    self._note("Proposals are shown but not kept: the project file was replaced.")
            except AnnotatorError as error:
                self._note(f"Proposals are shown but not kept: {error}")

    def _tell_notes(self) -> None:
        for predictor in self._predictors.values():
            for text in predictor.notes:
                self._note(text)

    def _note(self, text: str) -> None:
        """Tell something once."""
        if text not in self._notes:
            self._notes.add(text)
            self._tell(Tell.NOTE, text)

    def _tell(self, *message: Any) -> None:
        self._pipe.send(message)
