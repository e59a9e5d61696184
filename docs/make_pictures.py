"""The guide's pictures of the window: the real window at 1920 x 1080, driven by mouse and keys, with the shipped model.

    python docs/make_pictures.py FOLDER [--photographs CAPTURES] [--renders SET] [--rig SET] [NAME ...]

Without names it makes all that it can: those of the samples; given a folder of photographs (JPEG, with their markup
for those of retraining) the ones of photographs; given a set of `annotator render SET --preset validation` those of a
project; given the set that `rig_pictures.py` names, those of rigs. Offscreen unless QT_QPA_PLATFORM says otherwise.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from made_up_work import moved_take, portrait_project, worked_project
from PySide6.QtCore import QPoint, QRectF, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from rig_pictures import RIGS

from annotator.app import make_application
from annotator.services.project.queues import Queue
from annotator.services.project.sample_project import ensure_sample_project
from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow
from annotator.window_bench.stalls import run_loop, wait_for
from annotator.window_bench.window import WINDOW

_PATIENCE, _SETTLED = 300.0, 2.0
_MINUTES, _UNDER_WAY = 4.0, 0.7
"""Of the retraining, and the share of it after which its picture is taken."""
_QUALITY = 88
_NONE, _LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


class Studio:
    """One window; every picture begins with a project opened anew."""

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        photographs: Path | None = None,
        renders: Path | None = None,
        rig: Path | None = None,
        size: tuple[int, int] = WINDOW,
    ) -> None:
        self.folder, self.photographs, self.renders, self.scratch = folder, photographs, renders, scratch
        self.rig = rig
        self.session = Session()
        settings = QSettings(str(scratch / "window.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(self.session, settings)
        self.window.resize(*size)
        self.window.show()
        run_loop(_SETTLED)

    # ---- what is shown
    def sample(self) -> None:
        """A sample, its proposal and heatmaps, one landmark chosen."""
        self._open_sample(2)
        self._select("lips_inner_left")
        self._keep("window-sample")

    def tour(self) -> None:
        """The tour at the first start."""
        self._open_sample(0)
        self._act("tour")
        run_loop(_SETTLED)
        self._key(Qt.Key.Key_Right)
        self._keep("window-tour")
        self._key(Qt.Key.Key_Escape)

    def keymap(self) -> None:
        """The keyboard editor."""
        self._open_sample(0)

        def take() -> None:
            dialog = QApplication.activeModalWidget()
            assert dialog is not None
            self._keep("keymap", dialog)
            dialog.close()

        QTimer.singleShot(1500, take)
        self._act("keymap")

    def history(self) -> None:
        """The ledger, and the frame as it was after the first of three corrections."""
        self._open_sample(2)
        self._close_up("lips_inner_upper_mid", 900)
        for name, by in (
            ("lips_inner_left", (14, 10)),
            ("lips_inner_lower_mid", (6, 16)),
            ("nose_tip", (-12, 8)),
        ):
            self._drag(name, QPoint(*by))
        self.window.details.setCurrentWidget(self.window.history)
        self.window.history.setCurrentIndex(1)
        first = self.window.history.ledger.topLevelItem(2)
        assert first is not None
        self.window.history.ledger.setCurrentItem(first)
        self._keep("window-history")
        self.window.details.setCurrentIndex(0)

    def wipe(self) -> None:
        """The proposal right of a line, what was set left of it."""
        self._open_sample(4)
        self._close_up("lips_inner_upper_mid", 700)
        self._drag("lips_inner_right", QPoint(-22, 16))
        self._drag("lips_inner_lower_mid", QPoint(0, 24))
        self._act("wipe")
        self._keep("window-wipe")
        self._act("wipe")

    def loupe(self) -> None:
        """The loupe at the corner of an eye."""
        self._open_sample(2)
        self._close_up("eye_left_outer", 520)
        self._act("loupe")
        QTest.mouseMove(self.window.view.viewport(), self._place("eye_left_outer") + QPoint(3, 2))
        self._keep("window-loupe")
        self._act("loupe")

    def suggestions(self) -> None:
        """Where the neighbours of a corrected corner of the mouth would go."""
        self._open_sample(4)
        self._close_up("lips_inner_left", 420)
        self._drag("lips_inner_left", QPoint(30, -20))
        self._keep("window-suggestions")

    def photograph(self) -> None:
        """A photograph, its proposal, one landmark chosen."""
        self._open_portraits(21)
        self._select("eye_right_upper_3")
        self._keep("window-photograph")

    def retraining(self) -> None:
        """A retraining while it runs, and at its end."""
        self._open_portraits(0)
        options = {"recipe": "finetune", "minutes": _MINUTES, "device": "cpu", "seed": 1}
        job = self.session.jobs.start_training(options)
        self.window.show_training()

        def under_way() -> bool:
            now = self._job(job.id)
            return now.total > 0 and now.done > _UNDER_WAY * now.total

        wait_for(under_way, 4 * _PATIENCE, "a retraining")
        self._keep("window-retrain")
        wait_for(lambda: not self._job(job.id).is_active, 4 * _PATIENCE, "its end")
        self._keep("window-training")
        self.window.arrangement.show_drawer(False)

    def project(self) -> None:
        """The contact sheet and the dashboard of a project in which much was done."""
        assert self.renders is not None
        project = Path(tempfile.mkdtemp(dir=self.scratch)) / "renders.annotator"
        worked_project(project, self.renders)
        self._open(project, 0)
        job = self.session.queues.start_refresh()
        assert job is not None
        wait_for(lambda: not self._job(job.id).is_active, _PATIENCE, "the doubts")
        self.window.lists.setCurrentWidget(self.window.queues)
        self.window.queues.show_queue(Queue.LABEL_ERRORS)
        self._select("mouth_left")
        self._act("page_sheet")
        self._keep("contact-sheet")
        self._act("page_dashboard")
        self._keep("dashboard")
        self._act("page_frame")

    def take(self) -> None:
        """A take: the timeline with keys and tracks, a trail, curves with a key in the hand; then the onion skin close by."""
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        moved_take(folder / "take.annotator", folder / "captures")
        self._open(folder / "take.annotator", 14)
        self._act("trail")
        self._act("time_curves")
        self._select("nose_tip")
        self._keep("take-timeline")
        curves, place = self.window.pages.timeline.curves, 4
        spot = curves.key_place(place, self.session.selection.indices[0], 1)
        assert spot is not None
        QTest.mousePress(curves, _LEFT, _NONE, spot.toPoint())
        for step in (-6, -14, -24):
            QTest.mouseMove(curves, spot.toPoint() + QPoint(0, step))
        self._keep("take-curves", self.window.pages.timeline)
        QTest.mouseRelease(curves, _LEFT, _NONE, spot.toPoint())
        self.session.annotations.undo()
        self._act("trail")
        self._act("onion")
        self._go(14)
        self._close_up("lips_inner_left", 260)
        self._keep("take-onion", self.window.frame_panel)
        self._act("onion")
        self._act("time_curves")

    def close(self) -> None:
        """End the window and its processes."""
        self.session.close_project(discard_pending=True)
        self.window.close()
        self.session.shutdown()

    # ---- hands
    def _open_sample(self, row: int) -> None:
        """In a project of its own, so that no picture shows another one's corrections."""
        self._open(ensure_sample_project(Path(tempfile.mkdtemp(dir=self.scratch))), row)

    def _open_portraits(self, row: int) -> None:
        assert self.photographs is not None
        project = Path(tempfile.mkdtemp(dir=self.scratch)) / "portraits.annotator"
        portrait_project(project, self.photographs)
        self._open(project, row)

    def _open(self, project: Path, row: int) -> None:
        if self.session.is_open:
            self.session.close_project(discard_pending=True)
        self.session.open_project(project)
        self._go(row)

    def _go(self, row: int) -> None:
        session = self.session
        session.frames.go_to_row(row)

        def ready() -> bool:
            image, proposal = (
                session.frames.image(session.frames.current_id),
                session.proposals.get(session.frames.current_id),
            )
            decoded = image is not None and not image.is_preview
            return decoded and proposal is not None and bool(proposal.heatmaps)

        wait_for(ready, _PATIENCE, "a frame and its heatmaps")
        self.window.view.setFocus()
        self.window.view.fit()
        run_loop(_SETTLED)

    def _job(self, number: int) -> Job:
        return next(job for job in self.session.jobs.all if job.id == number)

    def _act(self, name: str) -> None:
        self.window.actions_by_id[name].trigger()

    def _key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key)

    def _select(self, name: str) -> None:
        self.session.selection.select(self.session.scheme.index(name))

    def _close_up(self, name: str, span: float) -> None:
        x, y = (
            self.session.annotations.shown(self.session.frames.current_id)
            .xy[self.session.scheme.index(name)]
            .tolist()
        )
        self.window.view.show_box(QRectF(x - span / 2, y - span / 2, span, span), 0.0)
        run_loop(_SETTLED)

    def _place(self, name: str) -> QPoint:
        x, y = (
            self.session.annotations.shown(self.session.frames.current_id)
            .xy[self.session.scheme.index(name)]
            .tolist()
        )
        return self.window.view.view_at(x, y).toPoint()

    def _drag(self, name: str, by: QPoint) -> None:
        viewport, start = self.window.view.viewport(), self._place(name)
        QTest.mousePress(viewport, _LEFT, _NONE, start)
        for step in (0.25, 0.5, 0.75, 1.0):
            QTest.mouseMove(viewport, start + by * step)
        QTest.mouseRelease(viewport, _LEFT, _NONE, start + by)
        run_loop(_SETTLED)

    def _keep(self, name: str, widget: QWidget | None = None) -> None:
        run_loop(_SETTLED)
        path = self.folder / f"{name}.jpg"
        if not (widget or self.window).grab().save(str(path), "JPEG", _QUALITY):
            raise SystemExit(f"{path} could not be written")
        print(path)


def main() -> int:
    """Makes the pictures that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    every = (*SAMPLES, *PHOTOGRAPHS, *RENDERS, *RIGS)
    parser.add_argument("folder", type=Path, help="where to put them")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(every)}")
    parser.add_argument("--photographs", type=Path, help="a folder of photographs")
    parser.add_argument("--renders", type=Path, help="a set of renders with their truth")
    parser.add_argument("--rig", type=Path, help="a set of renders before a fixed rig")
    parser.add_argument("--size", default="{}x{}".format(*WINDOW), help="of the window, such as 1280x720")
    given = parser.parse_args()
    known = {**SAMPLES, **(PHOTOGRAPHS if given.photographs else {}), **(RENDERS if given.renders else {})}
    known |= RIGS if given.rig else {}
    unknown = [name for name in given.names if name not in known]
    if unknown:
        parser.error(f"cannot make {', '.join(unknown)}; can: {', '.join(known)}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.folder.mkdir(parents=True, exist_ok=True)
    make_application(sys.argv[:1])
    with tempfile.TemporaryDirectory() as scratch:
        wide, high = map(int, given.size.split("x"))
        studio = Studio(
            given.folder, Path(scratch), given.photographs, given.renders, given.rig, (wide, high)
        )
        try:
            for name in given.names or known:
                known[name](studio)
        finally:
            studio.close()
    return 0


SAMPLES: dict[str, Callable[[Studio], None]] = {
    "sample": Studio.sample, "tour": Studio.tour, "keymap": Studio.keymap, "history": Studio.history, "wipe": Studio.wipe,
    "loupe": Studio.loupe, "moved": Studio.suggestions, "take": Studio.take,
}  # fmt: skip
PHOTOGRAPHS: dict[str, Callable[[Studio], None]] = {
    "photograph": Studio.photograph, "retraining": Studio.retraining,
}  # fmt: skip
RENDERS: dict[str, Callable[[Studio], None]] = {"project": Studio.project}

if __name__ == "__main__":
    sys.exit(main())
