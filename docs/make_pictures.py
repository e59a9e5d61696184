"""The pictures of the documentation: the real window at 1920 x 1080, driven by mouse and keys, with the shipped model; its
states at three sizes; landmarks on faces.

    python docs/make_pictures.py docs/pictures [--photographs CAPTURES] [--renders SET] [--rig SET] [NAME ...]

Without names it makes all that it can: those of the samples; given a folder of photographs (JPEG, with their markup
for those of retraining) the ones of photographs; given a set of `annotator render SET --preset validation` those of a
project; given the set that `rig_pictures.py` names, those of rigs. Offscreen unless QT_QPA_PLATFORM says otherwise. Plots come
from the commands beside them in benchmarks.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from made_up_work import moved_take, worked_project
from picture_hands import PATIENCE, SETTLED, Hands
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from rig_pictures import RIGS

from annotator.app import make_application
from annotator.domain.assets import asset
from annotator.services.project.queue.queues import Queue
from annotator.window_bench.stalls import run_loop, wait_for
from annotator.window_bench.window import WINDOW

_MINUTES, _UNDER_WAY = 4.0, 0.7
"""Of the retraining, and the share of it after which its picture is taken."""
_NONE, _LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


class Guide(Hands):
    """What the guide shows."""

    # ---- what is shown
    def sample(self) -> None:
        """A sample, its proposal and heatmaps, one landmark chosen."""
        self.open_sample(2)
        self.select("lips_inner_left")
        self.keep("window-sample")

    def tour(self) -> None:
        """The tour at the first start."""
        self.open_sample(0)
        self.act("tour")
        run_loop(SETTLED)
        self.key(Qt.Key.Key_Right)
        self.keep("window-tour")
        self.key(Qt.Key.Key_Escape)

    def keymap(self) -> None:
        """The keyboard editor."""
        self.open_sample(0)

        def take() -> None:
            dialog = QApplication.activeModalWidget()
            assert dialog is not None
            self.keep("keymap", dialog)
            dialog.close()

        QTimer.singleShot(1500, take)
        self.act("keymap")

    def history(self) -> None:
        """The ledger, and the frame as it was after the first of three corrections."""
        self.open_sample(2)
        self.close_up("lips_inner_upper_mid", 900)
        for name, by in (
            ("lips_inner_left", (14, 10)),
            ("lips_inner_lower_mid", (6, 16)),
            ("nose_tip", (-12, 8)),
        ):
            self.drag(name, QPoint(*by))
        self.window.details.setCurrentWidget(self.window.history)
        self.window.history.setCurrentIndex(1)
        first = self.window.history.ledger.topLevelItem(2)
        assert first is not None
        self.window.history.ledger.setCurrentItem(first)
        self.keep("window-history")
        self.window.details.setCurrentIndex(0)

    def wipe(self) -> None:
        """The proposal right of a line, what was set left of it."""
        self.open_sample(4)
        self.close_up("lips_inner_upper_mid", 700)
        self.drag("lips_inner_right", QPoint(-22, 16))
        self.drag("lips_inner_lower_mid", QPoint(0, 24))
        self.act("wipe")
        self.keep("window-wipe")
        self.act("wipe")

    def loupe(self) -> None:
        """The loupe at the corner of an eye."""
        self.open_sample(2)
        self.close_up("eye_left_outer", 520)
        self.act("loupe")
        QTest.mouseMove(self.window.view.viewport(), self.place("eye_left_outer") + QPoint(3, 2))
        self.keep("window-loupe")
        self.act("loupe")

    def suggestions(self) -> None:
        """Where the neighbours of a corrected corner of the mouth would go."""
        self.open_sample(4)
        self.close_up("lips_inner_left", 420)
        self.drag("lips_inner_left", QPoint(30, -20))
        self.keep("window-suggestions")

    def photograph(self) -> None:
        """A photograph, its proposal, one landmark chosen."""
        self.open_portraits(21)
        self.select("eye_right_upper_3")
        self.keep("window-photograph")

    def retraining(self) -> None:
        """A retraining while it runs, and at its end."""
        self.open_portraits(0)
        options = {"recipe": "finetune", "minutes": _MINUTES, "device": "cpu"}
        job = self.session.jobs.start_training(options)
        self.window.show_training()

        def under_way() -> bool:
            state = self.window.training.state
            return bool(state.loss) and state.share > _UNDER_WAY

        wait_for(under_way, 4 * PATIENCE, "a retraining")
        self.keep("window-retrain")
        wait_for(lambda: not self.job(job.id).is_active, 4 * PATIENCE, "its end")
        self.keep("window-training")
        self.window.arrangement.show_drawer(False)

    def project(self) -> None:
        """The contact sheet and the dashboard of a project in which much was done."""
        assert self.renders is not None
        project = Path(tempfile.mkdtemp(dir=self.scratch)) / "renders.annotator"
        worked_project(project, self.renders)
        self.open(project, 0)
        job = self.session.queues.start_refresh()
        assert job is not None
        wait_for(lambda: not self.job(job.id).is_active, PATIENCE, "the doubts")
        self.window.lists.setCurrentWidget(self.window.queues)
        self.window.queues.show_queue(Queue.LABEL_ERRORS)
        self.select("mouth_left")
        self.act("page_sheet")
        sheet = self.window.pages.sheet
        self.wait_at_rest(lambda: sheet.patches.nbytes, "patches")
        self.keep("contact-sheet")
        self.act("page_dashboard")
        board = self.window.pages.dashboard
        wait_for(lambda: board.statistics is not None, PATIENCE, "the statistics")
        self.keep("dashboard")
        self.act("page_frame")

    def take(self) -> None:
        """A take: the timeline with keys and tracks, a trail, curves with a key in the hand; then the onion skin close by."""
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        moved_take(folder / "take.annotator", folder / "captures")
        self.open(folder / "take.annotator", 14)
        self.act("trail")
        self.act("time_curves")
        self.select("nose_tip")
        self.keep("take-timeline")
        curves, place = self.window.pages.timeline.curves, 4
        spot = curves.key_place(place, self.session.selection.indices[0], 1)
        assert spot is not None
        QTest.mousePress(curves, _LEFT, _NONE, spot.toPoint())
        for step in (-6, -14, -24):
            QTest.mouseMove(curves, spot.toPoint() + QPoint(0, step))
        self.keep("take-curves", self.window.pages.timeline)
        QTest.mouseRelease(curves, _LEFT, _NONE, spot.toPoint())
        self.session.annotations.undo()
        self.act("trail")
        self.act("onion")
        self.go(14)
        self.close_up("lips_inner_left", 260)
        self.keep("take-onion", self.window.frame_panel)
        self.act("onion")
        self.act("time_curves")


def main() -> int:
    """Makes the pictures that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    every = (*SAMPLES, *PHOTOGRAPHS, *RENDERS, *RIGS, *OTHERS, *OF_PORTRAITS)
    parser.add_argument("folder", type=Path, help="where to put them")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(every)}")
    parser.add_argument("--photographs", type=Path, help="a folder of photographs")
    parser.add_argument("--renders", type=Path, help="a set of renders with their truth")
    parser.add_argument("--rig", type=Path, help="a set of renders before a fixed rig")
    parser.add_argument(
        "--size", default="{}x{}".format(*WINDOW), help="of the guide's window, such as 1280x720"
    )
    given = parser.parse_intermixed_args()
    known = {**SAMPLES, **(PHOTOGRAPHS if given.photographs else {}), **(RENDERS if given.renders else {})}
    known |= RIGS if given.rig else {}
    others = {**OTHERS, **(OF_PORTRAITS if given.photographs else {})}
    names = given.names or [*known, *others]
    unknown = [name for name in names if name not in {**known, **others}]
    if unknown:
        parser.error(f"cannot make {', '.join(unknown)}; can: {', '.join((*known, *others))}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.folder.mkdir(parents=True, exist_ok=True)
    if of_window := [name for name in names if name in known]:
        make_application(sys.argv[:1])
        wide, high = map(int, given.size.split("x"))
        with tempfile.TemporaryDirectory() as scratch:
            guide = Guide(given.folder, Path(scratch), given.photographs, given.renders, (wide, high))
            guide.rig = given.rig
            try:
                for name in of_window:
                    known[name](guide)
            finally:
                guide.close()
    for name in names:
        if name in others:
            others[name](given)
    return 0


def states(given: argparse.Namespace) -> None:
    """The states of the window at three sizes."""
    for size, text in SIZES:
        _make("state_pictures.py", str(given.folder / "states"), "--size", size, "--text", text)


def landmarks(given: argparse.Namespace) -> None:
    """Landmarks on a rendered face, and on a portrait where there is one."""
    portraits = sorted(given.photographs.glob("*.jpg"))[:1] if given.photographs else []
    _make("landmark_pictures.py", str(given.folder), *map(str, portraits))


def corners(given: argparse.Namespace) -> None:
    """Corners of eyes and mouths on portraits, by the shipped models."""
    models = [str(asset(f"models/{name}")) for name in ("starter@1", "starter")]
    _make("corner_pictures.py", str(given.photographs), str(given.folder / "corners.jpg"), *models)


def _make(script: str, *arguments: str) -> None:
    """In a process of its own: the size of texts is the application's."""
    subprocess.run([sys.executable, str(Path(__file__).with_name(script)), *arguments], check=True)


SAMPLES: dict[str, Callable[[Guide], None]] = {
    "sample": Guide.sample, "tour": Guide.tour, "keymap": Guide.keymap, "history": Guide.history, "wipe": Guide.wipe,
    "loupe": Guide.loupe, "moved": Guide.suggestions, "take": Guide.take,
}  # fmt: skip
PHOTOGRAPHS: dict[str, Callable[[Guide], None]] = {
    "photograph": Guide.photograph, "retraining": Guide.retraining,
}  # fmt: skip
SIZES = (("1920x1080", "100"), ("1280x720", "100"), ("1920x1080", "150"))
"""Of the window, and of its texts in percent."""
OTHERS: dict[str, Callable[[argparse.Namespace], None]] = {"states": states, "landmarks": landmarks}
OF_PORTRAITS: dict[str, Callable[[argparse.Namespace], None]] = {"corners": corners}
RENDERS: dict[str, Callable[[Guide], None]] = {"project": Guide.project}

if __name__ == "__main__":
    sys.exit(main())
