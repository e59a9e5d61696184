"""Several calibrated views of one moment beside the frame: a project of them, and a hand that drags while all follow."""

from __future__ import annotations

import shutil
import time
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtTest import QTest

from annotator.domain import edits
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.reader import probe
from annotator.rigs.projection import Lenses
from annotator.services.models.active_model import ensure_active_model
from annotator.services.project.sample_project import sample_folder
from annotator.services.rigs.agreement import agree
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.window_bench.stalls import wait_for
from annotator.window_bench.window import WindowBench

_AWAY, _LENS, _ROUND = 1500.0, 5.0, 35.0
"""Where the cameras stand (mm), focal length in frame widths, and how far round the face (degrees each way)."""
_FACE = 140.0
"""The side of the square on which the landmarks lie, mm."""
_BY_HAND = 2
"""Views of which every landmark is a person's; the others have what a model proposed."""
_OFF = 3.0
_CLOSE = 0.15  # of the frame's width: what is shown of it
_STEPS, _REST = 12, 60.0
_IDLE = 1e-4
"""Seconds of the processor that a turn of the event loop takes in which nothing happened, at most."""


def prepare_rig_project(folder: Path, views: int, image: Path | None) -> Path:
    """A project of one moment that so many calibrated cameras saw, each the same picture, with the consensus taken.

    Args:
        folder: where to make it. image: a frame; None takes a sample.
    """
    source = image or next(sample_folder().rglob("*.jpg"))
    info, scheme = probe(source), load_scheme(DEFAULT_SCHEME)
    size = (info.width, info.height)
    rig = _rig(views, *size)
    captures = folder / "captures"
    captures.mkdir(parents=True)
    names = {f"{camera}{source.suffix}": camera for camera in rig.cameras}
    for name in names:
        file = captures / name
        shutil.copyfile(source, file)
    seen = Lenses.of(list(rig.cameras.values())).project(_face(scheme.size))
    noise = np.random.default_rng(1).normal(0, _OFF, seen.shape)
    path = folder / "rig.annotator"
    with ProjectStore.create(path, scheme, captures) as store:
        store.frames.add(Frame(0, name, "face", "take", camera, "", *size) for name, camera in names.items())
        store.rigs.add(rig)
        entry = ensure_active_model(store)
        assert entry is not None
        for row, frame_id in enumerate(store.frames.by_path()[name] for name in names):
            store.proposals.save(frame_id, _proposal(entry.id, scheme.id, seen[row] + noise[row], size))
            if row < _BY_HAND:
                before = store.annotations.get(frame_id)
                after = edits.apply(edits.move(range(scheme.size), seen[row]), before)[0]
                store.annotations.commit(Change(frame_id, before, after, "Place all"))
        agree(store, entry.id)
    return path


def _rig(views: int, width: int, height: int) -> Rig:
    """Cameras in two rows round a face at the origin, upright where y goes up, as far apart as those of a dome."""
    cameras = {}
    matrix = np.array([[_LENS * width, 0, width / 2], [0, _LENS * width, height / 2], [0, 0, 1.0]])
    for number, yaw in enumerate(np.radians(np.linspace(-_ROUND, _ROUND, views))):
        pitch = np.radians(15 if number % 2 else -13)
        ahead = -np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
        right = np.cross(ahead, [0.0, 1.0, 0.0])
        right /= np.linalg.norm(right)
        turn = np.stack([right, np.cross(ahead, right), ahead])
        pose = np.column_stack([turn, turn @ ahead * _AWAY])
        name = f"cam_{number:02d}"
        bent = np.array([-0.05, 0.1, 0.0, 0.0, 0.0])
        cameras[name] = CameraModel(name, width, height, matrix, bent, pose)
    return Rig("bench", cameras, unit=1.0)


def _face(count: int) -> NDArray[np.float64]:
    """[count, 3] mm: places on a bowed square, row by row, far enough apart to be hit one by one."""
    side = int(np.ceil(np.sqrt(count)))
    rows, columns = np.divmod(np.arange(count), side)
    x, y = _FACE * (columns / (side - 1) - 0.5), _FACE * (rows / (side - 1) - 0.5)
    return np.stack([x, -y, 20 - (x**2 + y**2) / (2 * _FACE)], 1)


def _proposal(model_id: str, scheme_id: str, xy: NDArray[np.float64], size: tuple[int, int]) -> Proposal:
    place, count = xy.astype(np.float32), len(xy)
    wide = np.tile(np.eye(2, dtype=np.float32) * _OFF**2, (count, 1, 1))
    sure, boxes = np.full(count, 0.9, np.float32), np.zeros((0, 4), np.float32)
    return Proposal(model_id, scheme_id, place, wide, sure, boxes, place, wide, "", (), *size)


class RigBench(WindowBench):
    """The window on one moment of several cameras, all views beside the frame with their original pixels.

    Times go into `watch`: of a drag's steps and of what follows them, of the release, of a change to another view. The longest
    turn of the event loop that a step brings is what a hand waits for.
    """

    def run(self, count: int) -> None:
        """`count` rounds; the first is not counted. What is dragged in a round was taken from the views before."""
        self.session.open_project(self.project)
        self.session.frames.go_to_row(0)
        self._settle([0])
        rigs = self.window.rig.rigs
        wait_for(lambda: rigs.outlook is not None and self.window.rig.panel.isVisible(), _REST, "the views")
        for number in range(count + 1):
            if number == 1:
                self.watch.forget()
            self._close_up(number % self.session.scheme.size)
            self._agreed()
            self._drag_before_views(number)
            self._look_elsewhere()

    def kept_memory(self) -> dict[str, int]:
        """Resident bytes, and bytes of pixels that are kept for the frame and its views."""
        pixels = [self.session.frames.image(frame_id) for frame_id in self.window.rig.rigs.frame_ids()]
        return {
            "resident": psutil.Process().memory_info().rss,
            "pixels": sum(image.nbytes for image in pixels if image is not None),
            "views": sum(image is not None and not image.is_preview for image in pixels),
        }

    def _close_up(self, landmark: int) -> None:
        """So near that the views want their own pixels, and have them."""
        session, view = self.session, self.window.view
        frame_id = session.frames.current_id
        x, y = session.annotations.shown(frame_id).xy[landmark].tolist()
        frame = session.frames.current
        assert frame is not None
        side = _CLOSE * frame.width
        session.selection.select(landmark)
        view.show_box(QRectF(x - side / 2, y - side / 2, side, side), 0.0)
        views = self.window.rig.panel.views
        wait_for(
            lambda: (
                all(own.place[2] > 0 and not own.wants_pixels for own in views.values())
                and self._is_full(frame_id)
            ),
            _REST,
            "the views' pixels",
        )

    def _agreed(self) -> None:
        """Wait until the views were asked anew, so that the next edit finds what it makes stale."""
        session, ids = self.session, self.window.rig.rigs.frame_ids()
        table, model_id = session.store.consensus, session.proposals.model_id or ""
        wait_for(
            lambda: len(table.frame_ids(model_id, taken=True, among=ids)) == len(ids), _REST, "the views"
        )

    def _drag_before_views(self, number: int) -> None:
        landmark = number % self.session.scheme.size
        x, y = self.session.annotations.shown(self.session.frames.current_id).xy[landmark].tolist()
        place, away = self.window.view.view_at(x, y).toPoint(), 1 if number % 2 else -1
        answers: list[object] = []
        self.window.rig.rigs.held.connect(answers.append)
        self.watch.time("press", partial(self._send, partial(self._mouse, QTest.mousePress, place)))
        for step in range(1, _STEPS + 1):
            there = place + QPoint(away * 3 * step, away * 2 * step)
            answers.clear()
            self.watch.time("drag step", partial(self._send, partial(self._move, there)))
            self._follow(answers)
        self.window.rig.rigs.held.disconnect(answers.append)
        end = place + QPoint(away * 3 * _STEPS, away * 2 * _STEPS)
        self.watch.time("release to commit", lambda: self._mouse(QTest.mouseRelease, end))
        if self.session.annotations.shown(self.session.frames.current_id).xy[landmark].tolist() == [x, y]:
            raise AnnotatorError("The window's benchmark dragged a landmark before its views, but it stayed.")
        self._paint()

    def _follow(self, answers: list[object]) -> None:
        """All views show what is held; the turns of the event loop until then, by the longest and together."""
        turns: list[tuple[float, float]] = []
        panel, patience = self.window.rig.panel, time.monotonic() + _REST
        while not turns or not answers or panel.is_behind:
            clock, processor = time.perf_counter(), time.thread_time()
            self.application.processEvents()
            turns.append((time.perf_counter() - clock, time.thread_time() - processor))
            if time.monotonic() > patience:
                raise AnnotatorError("The window's benchmark waited in vain for the views to follow a drag.")
        self.watch.add("views follow, longest turn", *max(turns, key=lambda turn: turn[1]))
        busy = np.array([turn for turn in turns if turn[1] > _IDLE]).reshape(-1, 2)
        self.watch.add("views follow, all turns", *busy.sum(0).tolist())

    def _look_elsewhere(self) -> None:
        """Another view as the frame, and back."""
        first, second = self.window.rig.rigs.frame_ids()[:2]
        for frame_id in (second, first):
            self._settle([self.session.frames.current_row])
            choose = partial(self.window.rig.panel.choose, frame_id)
            self.watch.time("another view", partial(self._send, choose))
