"""The kill matrix: every operation, killed at each of its writes or with the disk full from there, leaves old or new."""

import multiprocessing
import random
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.research.bench.kills.write_layer import KILLED, WriteLayer, staged_below
from annotator.research.bench.machine import machine
from annotator.staging import sweep

_REFUSED, _BROKEN = 3, 4
_SECONDS = 300
_MOMENTS = 40
_PROJECTS, _MODELS, _MERGES = (
    f"annotator.research.bench.kills.{name}" for name in ("projects", "models", "merges")
)
_WINDOW = "annotator.window_bench.kills"
OPERATIONS = {
    **dict.fromkeys(
        ("first import", "sample project", "edit", "edits of many frames", "migration", "conversion", "copy"),
        _PROJECTS,
    ),
    **dict.fromkeys(
        ("merge of copies", "cameras that agree", "export coco", "export csv", "export pts"), _PROJECTS
    ),
    **dict.fromkeys(("report", "render's annotations"), _PROJECTS),
    **dict.fromkeys(("save model", "average", "convention", "fine-tuning", "checkpoint", "card"), _MODELS),
    **dict.fromkeys(("model import", "model deletion"), _MODELS),
    **dict.fromkeys(("merge of side files", "side of a conflict"), _MERGES),
    **dict.fromkeys(("keymap", "settings"), _WINDOW),
}
"""What is killed, and where it is: a module with a table `OPERATIONS`. The window's is named, not imported: it needs Qt."""


@dataclass(frozen=True)
class Operation:
    """Something that writes.

    Attributes:
        prepare: makes what is there before, in an empty folder. run: does it. state: what readers see then, as a value
        that the same work always gives; raises for what is half made.
    """

    prepare: Callable[[Path], object]
    run: Callable[[Path], object]
    state: Callable[[Path], object]


@dataclass(frozen=True)
class OperationRow:
    """One operation: its writes, at how many it was killed and met a full disk, and what was wrong then."""

    name: str
    writes: int
    kills: int
    full: int
    bad: tuple[str, ...]


@dataclass(frozen=True)
class KillFigures:
    """What `bench kills` reports."""

    rows: tuple[OperationRow, ...]
    seed: int
    machine: dict[str, Any]

    @property
    def bad(self) -> int:
        """How many times something half made was left."""
        return sum(len(row.bad) for row in self.rows)


def kill_matrix(
    names: Sequence[str] = tuple(OPERATIONS),
    most: int = 0,
    seed: int = 1,
    progress: Progress = silent,
    stop: Stop = never,
) -> KillFigures:
    """Kill each operation at each of its writes, or at `most` of them, drawn by the seed; 0: at all.

    Raises:
        AnnotatorError: no such operation. Cancelled: asked to stop.
    """
    unknown = [name for name in names if name not in OPERATIONS]
    if unknown:
        raise AnnotatorError(f"There is no operation {unknown[0]!r}; there are {', '.join(OPERATIONS)}.")
    rows = []
    for number, name in enumerate(names):
        with tempfile.TemporaryDirectory(prefix="kills-") as folder:
            rows.append(_Matrix(name, Path(folder)).row(most, seed, progress, stop))
        progress(number + 1, len(names), name)
    return KillFigures(tuple(rows), seed, machine())


class _Matrix:
    """One operation in a folder of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name, self._module = name, OPERATIONS[name]
        self._operation: Operation = import_module(self._module).OPERATIONS[name]
        self._before, self._work = folder / "before", folder / "work"
        self._before.mkdir()

    def row(self, most: int, seed: int, progress: Progress, stop: Stop) -> OperationRow:
        self._operation.prepare(self._before)
        self._old = self._operation.state(self._before)
        code, writes, text = self._fresh()
        self._new = self._operation.state(self._work)
        if code or self._new == self._old or staged_below(self._work):
            return OperationRow(
                self._name, writes, 0, 0, (f"does not work undisturbed: {text or 'nothing changed'}",)
            )
        if not writes:
            return self._at_random_moments(most or _MOMENTS, seed)
        points = list(range(1, writes + 1))
        if most and writes > most:
            points = sorted(random.Random(seed).sample(points, most))
        bad: list[str] = []
        for done, at in enumerate(points):
            if stop():
                raise Cancelled
            progress(done, len(points), f"{self._name}, write {at} of {writes}")
            for full in (False, True):
                wrong = self._disturbed(at, full)
                bad += [f"{'full' if full else 'killed'} at write {at} of {writes}: {wrong}"] if wrong else []
        return OperationRow(self._name, writes, len(points), len(points), tuple(bad))

    def _at_random_moments(self, count: int, seed: int) -> OperationRow:
        """For what writes past Python: done over and over by a process that is killed at some moment."""
        bad, moments = [], random.Random(seed)
        for _ in range(count):
            shutil.rmtree(self._work, ignore_errors=True)
            shutil.copytree(self._before, self._work, symlinks=True)
            told, teller = _context().Pipe(duplex=False)
            child = _context().Process(
                target=_over_and_over, args=(self._module, self._name, self._work, teller), daemon=True
            )
            child.start()
            teller.close()
            told.recv()
            time.sleep(moments.uniform(0, 0.05))
            child.kill()
            child.join()
            seen = self._seen()
            bad += [f"killed at some moment: {seen}"] if isinstance(seen, str) else []
        return OperationRow(self._name, 0, count, 0, tuple(bad))

    def _disturbed(self, at: int, full: bool) -> str:
        """What is wrong after a kill or a full disk; empty where all is well."""
        code, _, text = self._fresh(at, full)
        if code not in ((0, _REFUSED) if full else (0, KILLED)):
            return text or f"ended with code {code}"
        if full and staged_below(self._work):
            return f"left {staged_below(self._work)[0]} behind"
        seen = self._seen()
        if isinstance(seen, str):
            return seen
        for folder in [self._work, *(path for path in self._work.rglob("*") if path.is_dir())]:
            sweep(folder)  # as the next start does
        if self._seen() != seen:
            return "the next start changed it"
        code, _, text = self._child()
        if code not in ((0, _REFUSED) if seen == [self._new] else (0,)):
            return f"does not work again: {text or code}"
        if self._seen() != [self._new]:
            return "another result when done again"
        return f"left {left[0]} behind" if (left := staged_below(self._work)) else ""

    def _seen(self) -> list[object] | str:
        """The state in a list, or what is wrong with it."""
        try:
            state = self._operation.state(self._work)
        except Exception as error:
            return f"half made: {type(error).__name__}: {error}"
        return [state] if state in (self._old, self._new) else f"neither old nor new: {state!r}"

    def _fresh(self, at: int = 0, full: bool = False) -> tuple[int, int, str]:
        shutil.rmtree(self._work, ignore_errors=True)
        shutil.copytree(self._before, self._work, symlinks=True)
        return self._child(at, full)

    def _child(self, at: int = 0, full: bool = False) -> tuple[int, int, str]:
        """The operation in a process of its own: exit code, number of writes, and what it said where it failed."""
        context = _context()
        told, teller = context.Pipe(duplex=False)
        child = context.Process(
            target=_run, args=(self._module, self._name, self._work, at, full, teller), daemon=True
        )
        child.start()
        teller.close()
        try:
            writes, text = told.recv() if told.poll(_SECONDS) else (0, "hangs")
        except EOFError:
            writes, text = 0, ""
        child.join(_SECONDS if text != "hangs" else 0)
        if child.exitcode is None:
            child.kill()
            child.join()
        return int(child.exitcode or 0), writes, text


def _context() -> Any:
    """Processes that begin from one where everything is loaded already, where the system has that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_PROJECTS, _MODELS, _WINDOW])
    return context


def _over_and_over(module: str, name: str, folder: Path, teller: Any) -> None:
    operation: Operation = import_module(module).OPERATIONS[name]
    teller.send("ready")
    while True:
        operation.run(folder)
        operation.prepare(folder)


def _run(module: str, name: str, folder: Path, at: int, full: bool, teller: Any) -> None:
    """In the child: do it under the layer, tell what came of it."""
    operation: Operation = import_module(module).OPERATIONS[name]
    layer = WriteLayer(at, full)
    layer.install()
    try:
        operation.run(folder)
    except (AnnotatorError, OSError) as error:  # what every command tells in one line
        code, text = _REFUSED, str(error)
    except Exception:
        code, text = _BROKEN, traceback.format_exc(limit=-4)
    else:
        code, text = 0, ""
    layer.rest()
    teller.send((layer.count, text))
    teller.close()
    raise SystemExit(code)
