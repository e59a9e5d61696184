"""The window's end of the inference process: requests newest first, answers as signals, a crash as a message and a restart."""

import multiprocessing
import queue
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal, Slot

from annotator.domain.frame_key import FrameKey
from annotator.session.processes.inference_messages import Ask, Tell, with_heatmaps
from annotator.session.processes.inference_requests import RequestQueue
from annotator.session.processes.inference_worker import PREDICTOR, main
from annotator.session.processes.shared_arrays import take

_CRASHES = 3


class InferenceProcess(QObject):
    """Owns one spawned child; it starts with the first request.

    At most one request is with the child; of those that wait the newest goes first, and the oldest are dropped once
    there are too many. After a crash the request that was being worked on fails, the rest and a whole-project run go
    on in a new child; after three crashes in a row everything fails with a message.
    """

    proposed = Signal(object, object)  # FrameKey that was asked for, Proposal with heatmaps
    outdated = Signal(object)  # FrameKey whose file was replaced before there was an answer
    failed = Signal(object, str)  # FrameKey, text
    bulk_saved = Signal(
        int, str, list
    )  # job id, the project's identity, frame ids whose proposals are on disk
    bulk_progress = Signal(int, int, int, str)  # job id, done, total, text
    bulk_ended = Signal(int, str, str)  # job id, "done" | "failed" | "cancelled", text
    note = Signal(str)
    state_changed = Signal(str)  # "off", "starting", "loading", "ready", "working", "crashed"
    _received = Signal(int, object)
    _died = Signal(int)

    def __init__(
        self,
        factory: str = PREDICTOR,
        device: str = "auto",
        parent: QObject | None = None,
        threads: int = 0,
    ) -> None:
        super().__init__(parent)
        self._factory, self._device, self._threads = factory, device, threads
        self._child: BaseProcess | None = None
        self._outbox: queue.SimpleQueue[tuple[Any, ...] | None] = queue.SimpleQueue()
        self._generation = self._crashes = 0
        self._setup: dict[Ask, tuple[Any, ...]] = {}
        self._requests = RequestQueue()
        self._bulk: dict[int, tuple[Any, ...]] = {}
        self._stopping: set[int] = set()
        self._state = "off"
        self._received.connect(self._handle, Qt.ConnectionType.QueuedConnection)
        self._died.connect(self._crashed, Qt.ConnectionType.QueuedConnection)

    @property
    def state(self) -> str:
        """See `state_changed`."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return None if self._child is None else self._child.pid

    def set_model(self, folder: Path) -> None:
        """Propose with this model from now on."""
        self._set_up((Ask.MODEL, str(folder)))

    def set_project(self, identity: str, path: Path | None, saving: bool) -> None:
        """The project to save proposals to (None: none); requests for another project are dropped."""
        self._requests.drop_waiting()
        self._set_up((Ask.PROJECT, identity, None if path is None else str(path), saving))

    def request(self, key: FrameKey, region: str = "", box: NDArray[Any] | None = None) -> None:
        """Ask for one frame (or one region of it); in place of an older request for the same frame that still waits.

        Its answer, `proposed`, `outdated` or `failed`, carries the same key.
        """
        model = str(self._setup.get(Ask.MODEL, (None, ""))[1])
        self._requests.put(key, model, region, box)
        self._send_next()

    def request_by(self, folder: Path, key: FrameKey) -> None:
        """Ask for one frame by another model than the one that proposes; the answers are the same."""
        self._requests.put(key, str(folder), "", None, other=True)
        self._send_next()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked of the child and no whole-project run is on."""
        return not self._requests and not self._bulk

    def is_asked(self, key: FrameKey) -> bool:
        """Whether a frame is being proposed or waits for it."""
        return self._requests.holds(key)

    def start_bulk(self, job_id: int, frame_ids: Sequence[int] | None, again: bool) -> None:
        """Propose many frames of the project (None: all) in the background; single requests go first."""
        ids = None if frame_ids is None else [int(i) for i in frame_ids]
        self._bulk[job_id] = (Ask.BULK, job_id, self._project, ids, again)
        self._post(self._bulk[job_id])

    def cancel_bulk(self, job_id: int) -> None:
        """Stop such a run after the frame that it is at."""
        if job_id in self._bulk:
            self._stopping.add(job_id)
            self._post((Ask.CANCEL, job_id))

    def shutdown(self) -> None:
        """End the child, whatever it does: what it had saved is safe."""
        self._generation += 1
        self._outbox.put(None)
        if self._child is not None:
            self._child.kill()
            self._child.join()
            self._child = None
        self._requests = RequestQueue()
        self._bulk.clear()
        self._set_state("off")

    @property
    def _project(self) -> str:
        return str(self._setup.get(Ask.PROJECT, (None, ""))[1])

    def _set_up(self, message: tuple[Any, ...]) -> None:
        self._setup[message[0]] = message
        if self._child is not None:
            self._outbox.put(message)

    def _post(self, message: tuple[Any, ...]) -> None:
        if self._child is None:
            self._start()
        self._outbox.put(message)

    def _start(self) -> None:
        self._generation += 1
        self._set_state("starting")
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (theirs, self._factory, self._device, self._threads)
        self._child = context.Process(target=main, args=arguments, daemon=True, name="inference")
        self._child.start()
        theirs.close()
        self._outbox.put(None)  # ends the writer of a child that is gone
        self._outbox = queue.SimpleQueue()
        for message in self._setup.values():
            self._outbox.put(message)
        for work, argument in ((self._write, self._outbox), (self._read, self._generation)):
            threading.Thread(target=work, args=(ours, argument), daemon=True).start()

    @staticmethod
    def _write(pipe: Connection, outbox: "queue.SimpleQueue[tuple[Any, ...] | None]") -> None:
        """In a thread: a long list of frames must not hold up the window while the child is busy."""
        try:
            while (message := outbox.get()) is not None:
                pipe.send(message)
        except OSError:
            return  # the reader tells of the end

    def _read(self, pipe: Connection, generation: int) -> None:
        """In a thread: receive, and take the heatmaps out of shared memory."""
        try:
            while True:
                message = pipe.recv()
                if message[0] is Tell.PROPOSAL:
                    _, ticket, key, proposal, names, block, layout = message
                    whole = with_heatmaps(proposal, names, take(block, layout))
                    # asked here, as a drive that hangs must not hold up the window
                    self._received.emit(
                        generation, (Tell.PROPOSAL, ticket, key, whole, block, key.is_current)
                    )
                else:
                    self._received.emit(generation, message)
        except (EOFError, OSError):
            self._died.emit(generation)
        except RuntimeError:
            return  # the window's end is gone

    def _send_next(self) -> None:
        request = self._requests.take()
        if request is not None:
            if request.other:
                self._post((Ask.MODEL, request.model))
            self._post((Ask.PROPOSE, request.ticket, request.key, request.region, request.box))
            if request.other and Ask.MODEL in self._setup:  # all others are for the active model
                self._post(self._setup[Ask.MODEL])
            if self._state == "ready":
                self._set_state("working")

    @Slot(int, object)
    def _handle(self, generation: int, message: tuple[Any, ...]) -> None:
        if generation != self._generation:
            return
        tell, *values = message
        if tell is Tell.PROPOSAL:
            ticket, key, proposal, block, is_current = values
            self._outbox.put((Ask.RELEASE, block))
            self._crashes = 0
            self._done(ticket)
            if is_current:
                self.proposed.emit(key, proposal)
            else:
                self.outdated.emit(key)
        elif tell is Tell.OUTDATED:
            self._done(values[0])
            self.outdated.emit(values[1])
        elif tell is Tell.FAILED:
            self._done(values[0])
            self.failed.emit(values[1], values[2])
        elif tell is Tell.SAVED:
            self._crashes = 0
            self.bulk_saved.emit(*values)
        elif tell is Tell.PROGRESS:
            self.bulk_progress.emit(*values)
        elif tell is Tell.ENDED:
            self._bulk.pop(values[0], None)
            if self._requests.current is None:
                self._set_state("ready")
            self.bulk_ended.emit(*values)
        elif tell is Tell.NOTE:
            self.note.emit(*values)
        elif tell is Tell.LOADING:
            self._set_state("loading")
        elif tell is Tell.READY:
            self._set_state("working")

    def _done(self, ticket: int) -> None:
        self._requests.done(ticket)
        self._set_state("ready")
        self._send_next()

    @Slot(int)
    def _crashed(self, generation: int) -> None:
        if generation != self._generation or self._child is None:
            return
        self._child.join()
        code, self._child = self._child.exitcode, None
        self._crashes += 1
        self._set_state("crashed")
        broken, self._requests.current = self._requests.current, None
        text = f"The model process stopped unexpectedly (exit code {code})"
        if broken is not None:
            self.failed.emit(broken.key, f"{text} while it worked on this frame.")
        if self._crashes >= _CRASHES:
            self._give_up(
                f"{text} {self._crashes} times in a row. Choose another model, or restart Annotator."
            )
            return
        self.note.emit(f"{text}; it is started again.")
        for job_id, (_, _, project, *_) in list(self._bulk.items()):
            if job_id in self._stopping or project != self._project:
                del self._bulk[job_id]
                self.bulk_ended.emit(job_id, "cancelled", "Stopped")
        for message in self._bulk.values():
            self._post(message)
        self._send_next()

    def _give_up(self, text: str) -> None:
        self._crashes = 0
        bulk, self._bulk = self._bulk, {}
        for request in self._requests.drop_waiting():
            self.failed.emit(request.key, text)
        for job_id in bulk:
            self.bulk_ended.emit(job_id, "failed", text)
        self.note.emit(text)

    def _set_state(self, state: str) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)
