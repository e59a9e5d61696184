"""Training in a child process of its own: `annotator train` or `learn-convention`, its events, its end; and a run that outlived
its window."""

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from annotator.session.processes.priority import all_cores_but_one, lower_priority
from annotator.training.events import EVENTS, Event

_COMMANDS = frozenset({"train", "learn-convention"})
_ENDS = {"done": "done", "stopped": "cancelled", "error": "failed"}
_LOG_LINES = 40
_POLL_MS = 500
_GRACE_MS = 5000
_STEP_MS = 60_000  # one step, and writing the checkpoint, on a busy machine
_THREADS = "OMP_NUM_THREADS"


class TrainingProcess(QObject):
    """One run at a time; its events come as they are written, in order, from the child's output or from its run folder."""

    event_arrived = Signal(dict)
    ended = Signal(str, str)  # "done" | "failed" | "cancelled", text

    def __init__(self, program: Sequence[str] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._program = list(program or (sys.executable, "-m", "annotator"))
        self._process: QProcess | None = None
        self._project = ""
        self._events: list[Event] = []
        self._log: list[str] = []
        self._rest = b""
        self._end: tuple[str, str] | None = None
        self._file: Path | None = None
        self._offset = 0
        self._pid = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def events(self) -> Sequence[Event]:
        """All events of the running, else of the last run."""
        return tuple(self._events)

    @property
    def project(self) -> str:
        """Identity of the project that the events are of, empty while there are none."""
        return self._project

    @property
    def is_running(self) -> bool:
        """Whether a run is on."""
        return self._process is not None or self._timer.isActive()

    @property
    def pid(self) -> int:
        """Process id of the run, 0 where none is on."""
        return self._process.processId() if self._process is not None else self._pid

    def start(self, arguments: Sequence[str], project: str = "") -> None:
        """Begin a run of a project by a command of `annotator` and its arguments."""
        if self.is_running:
            raise RuntimeError("a training is running already")
        self.clear(project)
        process = QProcess(self)
        process.setProcessEnvironment(_environment())
        _fork_lightly(process)
        process.started.connect(self._let_the_window_go_first)
        process.readyReadStandardOutput.connect(self._read_output)
        process.readyReadStandardError.connect(self._read_log)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        self._process = process
        process.start(self._program[0], [*self._program[1:], *arguments])

    def attach(self, run_folder: Path, pid: int, project: str = "") -> bool:
        """Read the events of a project's run from its folder; follow it if its process still runs. True if it does."""
        self.clear(project)
        self._file, self._pid = run_folder / EVENTS, pid
        alive = is_training(pid)
        self._read_file()
        if alive and self._end is None:
            self._timer.start()
            return True
        self._pid = 0
        return False

    def stop(self) -> None:
        """Ask the run to end after its current step and to keep what it has."""
        if self._process is not None:
            self._process.write(b'{"cmd":"stop"}\n')
        elif self._timer.isActive():
            os.kill(self._pid, signal.SIGTERM)

    def shutdown(self) -> None:
        """The window closes: end the run (a run that was only followed goes on)."""
        self._timer.stop()
        process, self._process = self._process, None
        if process is None:
            return
        process.finished.disconnect(self._finished)
        process.errorOccurred.disconnect(self._broken)
        process.readyReadStandardOutput.disconnect(self._read_output)
        process.write(b'{"cmd":"stop"}\n')
        process.closeWriteChannel()
        if not self._ended_or_saved(process):
            process.kill()
            process.waitForFinished()

    def _ended_or_saved(self, process: QProcess) -> bool:
        """Wait for the end of a run that was asked to stop; false where its checkpoint is kept, or there is none to wait for."""
        saved = self._count("saved")
        patience = _STEP_MS if self._count("step") else _GRACE_MS
        while patience > 0:
            if process.waitForFinished(_POLL_MS):
                return True
            patience -= _POLL_MS
            self._take(bytes(process.readAllStandardOutput().data()))
            if self._count("saved") > saved:
                return False
        return False

    def _count(self, kind: str) -> int:
        return sum(event["event"] == kind for event in self._events)

    def clear(self, project: str) -> None:
        """Forget what the last run told: another one of this project begins."""
        self._project = project
        self._events.clear()
        self._log.clear()
        self._rest, self._end, self._file, self._offset = b"", None, None, 0

    def _take(self, data: bytes) -> None:
        """Whole lines become events; what follows the last line break waits for the rest."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            if not isinstance(event, dict) or "event" not in event:
                self._log = [*self._log, line.decode(errors="replace")][-_LOG_LINES:]
                continue
            self._events.append(event)
            if event["event"] in _ENDS:
                self._end = _ENDS[event["event"]], str(event.get("message", ""))
            self.event_arrived.emit(event)

    def _read_output(self) -> None:
        if self._process is not None:
            self._take(bytes(self._process.readAllStandardOutput().data()))

    def _read_log(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
            self._log = [*self._log, *text.splitlines()][-_LOG_LINES:]

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read_output()
        self._read_log()
        self._process = None
        crashed = status is QProcess.ExitStatus.CrashExit
        if self._end is not None and not crashed:
            self.ended.emit(*self._end)
            return
        how = "was killed or crashed" if crashed else f"ended with code {code}"
        self.ended.emit("failed", f"The training {how}. " + "\n".join(self._log[-5:]))

    def _let_the_window_go_first(self) -> None:
        """Before the child has threads of its own: they all take its priority."""
        try:
            lower_priority(self.pid)
        except psutil.Error:
            return  # gone again, or not allowed: it runs as it is

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            text = self._process.errorString()
            self._process = None
            self.ended.emit("failed", f"The training could not be started: {text}")

    def _poll(self) -> None:
        """Follow the events file of a run that this window did not start."""
        alive = is_training(self._pid)
        self._read_file()
        if self._end is None and alive:
            return
        self._timer.stop()
        self._pid = 0
        self.ended.emit(*(self._end or ("failed", "The training stopped without a word.")))

    def _read_file(self) -> None:
        if self._file is None or not self._file.is_file():
            return
        with self._file.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        self._take(data)


def _environment() -> QProcessEnvironment:
    """The window's, with a core left for the window unless the user's own number of threads says otherwise."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("PYTHONUNBUFFERED", "1")
    if not environment.contains(_THREADS):
        environment.insert(_THREADS, str(all_cores_but_one()))
    return environment


def _fork_lightly(process: QProcess) -> None:
    """Start the child without copying the page tables of a window that holds gigabytes of pixels, where that can be."""
    if hasattr(process, "setUnixProcessParameters"):  # not on Windows, which does not fork
        process.setUnixProcessParameters(QProcess.UnixProcessFlag.UseVFork)


def is_training(pid: int) -> bool:
    """Whether that process lives and is a training: process ids are used again."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and not _COMMANDS.isdisjoint(process.cmdline())
    except (psutil.Error, ValueError):
        return False
