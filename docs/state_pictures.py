"""Pictures of the window's states at another size of window or text; `make_pictures.py` makes them at all three sizes.

python docs/state_pictures.py FOLDER [--size 1280x720] [--text 150] [--photographs CAPTURES] [NAME ...]
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from picture_hands import SETTLED, Hands
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.app import make_application
from annotator.domain.assets import DEFAULT_SCHEME, asset
from annotator.domain.model_card import CARD, read_card
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.project.queue.queues import Queue
from annotator.store.project_store import ProjectStore
from annotator.ui.common.theme import apply_theme
from annotator.ui.dialogs.export import ExportDialog
from annotator.ui.dialogs.review import ReviewDialog
from annotator.window_bench.stalls import run_loop, wait_for

_SMALLER = 80
"""Quality of the JPEGs: they are many."""


class States(Hands):
    """Each method shows one state and keeps its picture."""

    def start(self) -> None:
        """Nothing is open."""
        if self.session.is_open:
            self.session.close_project(discard_pending=True)
        self.keep("start")

    def no_frames(self) -> None:
        """A project without frames."""
        self._close()
        path = Path(tempfile.mkdtemp(dir=self.scratch)) / "new-show.annotator"
        ProjectStore.create(path, load_scheme(DEFAULT_SCHEME), path.parent).close()
        self.session.open_project(path)
        self.keep("no-frames")
        self._close()

    def panes(self) -> None:
        """The panes as they come, with contours, one over all the room, and where the frame is."""
        self.open_sample(2)
        self.select("lips_inner_left")
        self.keep("panes")
        self.window.options.update_heat(contours=True)
        QTest.mouseMove(self.window.heatmaps.panes[2], QPoint(20, 40))
        self.select("eye_right_upper_3")
        self.act("pane_large")
        self.keep("pane-large")
        self.act("pane_large")
        self.act("panes_follow")
        self.close_up("eye_right_upper_3", 420)
        self.keep("panes-follow")
        self.act("panes_follow")
        self.window.options.update_heat(contours=False)

    def grid(self) -> None:
        """The panes in a column that was made wide."""
        self.open_sample(2)
        columns = self.window.arrangement.splitters["columns"]
        before = columns.sizes()
        middle, right = before[1] + before[2], 0.55
        columns.setSizes([before[0], round(middle * (1 - right)), round(middle * right)])
        self.select("lips_inner_left")
        self.keep("panes-grid")
        columns.setSizes(before)

    def two_models(self) -> None:
        """Two models on one crop, as before and after a retraining."""
        self.open_sample(2)
        folder = self.scratch / "earlier"
        if not folder.exists():
            shutil.copytree(asset("models/starter"), folder)
            card = replace(read_card(folder), id="starter-earlier", title="Starter, before the retraining")
            (folder / CARD).write_text(card.to_toml(), "utf-8")
        self.session.store.models.add(read_card(folder), folder)
        self.select("lips_inner_left")
        self.window.heatmaps.two.compare_with(self.session.models.all()[-1])
        other = self.window.heatmaps.other
        wait_for(lambda: other.content.base is not None, 300.0, "the other model")
        self.keep("two-models")
        self.window.heatmaps.two.compare_with(None)

    def go_on(self) -> None:
        """After *accept and go on*: the next frame at its least sure landmark, and a message on the picture."""
        self.open_sample(0)
        self.act("accept_frame_next")
        self.ready()
        self.window.banners.show_message("info", "Another program changed 3 frames")
        self.keep("go-on")
        self.window.banners.notice.hide()

    def shaping(self) -> None:
        """The transform box and the reach of soft selection."""
        self.open_sample(2)
        self.select("lips_inner_left")
        self.act("select_region")
        self.close_up("lips_inner_upper_mid", 1100)
        self.act("transform")
        self.keep("transform-box")
        self.key(Qt.Key.Key_Escape)
        self.window.options.update(soft=True)
        self.select("lips_inner_left")
        self.keep("soft-selection")
        self.window.options.update(soft=False)

    def seen(self) -> None:
        """All labels; ellipses; the picture alone."""
        self.open_sample(2)
        self.act("labels_all")
        self.close_up("eye_right_upper_3", 900)
        self.keep("labels")
        self.act("labels_selected")
        self.act("ellipses")
        self.keep("ellipses")
        self.act("ellipses")
        self.window.view.fit()
        self.act("picture_only")
        self.keep("picture-only")
        self.act("picture_only")

    def suggestions(self) -> None:
        """Where the neighbours of a corrected landmark would go."""
        self.open_sample(4)
        self.close_up("lips_inner_left", 420)
        self.drag("lips_inner_left", QPoint(30, -20))
        self.keep("suggestions")

    def hidden(self) -> None:
        """What a turned face probably hides."""
        self.open_sample(0)
        frames = self.session.frames
        turned = next(row for row in (5, 3, 1) if frames.listed[row].frame.camera == "three_quarter")
        self.go(turned)
        assert len(self.window.rig.hidden.suggested)
        self.close_up("nose_tip", 2200)
        self.keep("predicted-occlusion")

    def review(self) -> None:
        """Notes, a reason, the queue of notes."""
        self.open_sample(1)
        self.select("lips_inner_left")
        self.act("note")
        QTest.keyClicks(self.window.focusWidget() or self.window, "half a lip too far out")
        self.key(Qt.Key.Key_Return)
        self._asked("reject-reason", "reject_reason", "Face is cut off", "")
        self.go(2)
        self._asked("needs-work-by", "needs_work_for", "mouth is off", "Ben")
        self.act("queue_notes")
        self.go(1)
        run_loop(SETTLED)
        self.keep("notes")
        self.window.queues.show_queue(Queue.UNCERTAIN)
        self.window.show_queue(False)
        self.window.details.setCurrentIndex(0)

    def export(self) -> None:
        """The export with its suggested name and count."""
        self.open_sample(0)
        self.act("accept_frame_next")

        def take() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, ExportDialog)
            self.keep("export", dialog)
            dialog.reject()

        QTimer.singleShot(1500, take)
        self.act("export")

    def missing(self) -> None:
        """Pictures that are gone."""
        moved = Path(tempfile.mkdtemp(dir=self.scratch)) / "captures"
        shutil.copytree(asset("resources/samples"), moved)
        self.open_sample(0)
        self.session.relink(moved)
        path = self.session.path
        for gone in sorted(moved.rglob("*.jpg"))[1:3]:
            gone.unlink()
        self._close()
        self.open(path, 0)
        self.keep("missing-pictures")

    def _asked(self, name: str, command: str, text: str, person: str) -> None:
        def take() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, ReviewDialog)
            dialog.text.setEditText(text)
            dialog.assignee.setEditText(person)
            self.keep(name, dialog)
            dialog.accept()

        QTimer.singleShot(1500, take)
        self.act(command)

    def _close(self) -> None:
        if self.session.is_open:
            self.session.close_project(discard_pending=True)


STATES: dict[str, Callable[[States], None]] = {
    "start": States.start, "no-frames": States.no_frames, "panes": States.panes, "grid": States.grid,
    "two-models": States.two_models, "go-on": States.go_on, "shaping": States.shaping, "seen": States.seen,
    "suggestions": States.suggestions, "hidden": States.hidden, "review": States.review, "export": States.export,
    "missing": States.missing,
}  # fmt: skip


def main() -> int:
    """Makes the pictures that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where to put them")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(STATES)}")
    parser.add_argument("--size", default="1920x1080", help="of the window, logical pixels")
    parser.add_argument("--text", type=int, default=100, help="size of the texts in percent")
    given = parser.parse_intermixed_args()
    unknown = [name for name in given.names if name not in STATES]
    if unknown:
        parser.error(f"cannot make {', '.join(unknown)}; can: {', '.join(STATES)}")
    wide, high = (int(side) for side in given.size.split("x"))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    given.folder.mkdir(parents=True, exist_ok=True)
    apply_theme(make_application(sys.argv[:1]), given.text / 100)
    with tempfile.TemporaryDirectory() as scratch:
        states = States(given.folder, Path(scratch), size=(wide, high), quality=_SMALLER)
        states.tail = f"-{wide}" + (f"-text-{given.text}" if given.text != 100 else "")
        try:
            for name in given.names or STATES:
                STATES[name](states)
        finally:
            states.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
