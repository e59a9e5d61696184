"""A window in a process of its own that drags one landmark after the other until it is killed, and tells of every step.

`python tireless_editor.py PROJECT SETTINGS` prints one JSON object a line: `{"pressed": landmark}` while the button is
down, and `{"released": landmark, "frame": id, "x": .., "y": ..}` as soon as the release is through.
"""

import json
import sys
from itertools import count
from pathlib import Path

from artist import LEFT, NO_KEYS, at_the_window
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication


def tell(**values: object) -> None:
    """One line to whoever started this."""
    print(json.dumps(values), flush=True)


def edit_for_ever(project: Path, settings: Path) -> None:
    """Never returns."""
    with at_the_window(settings, project) as artist:
        artist.wait_for_picture()
        view, session = artist.window.view, artist.session
        for number in count():
            session.frames.go_to_row(number // 5 % len(session.frames.listed))
            landmark = number % session.scheme.size
            x, y = session.annotations.shown(artist.frame).xy[landmark].tolist()
            view.show_box(QRectF(x - 12, y - 12, 24, 24))
            QApplication.processEvents()
            start = view.view_at(x, y).toPoint()
            QTest.mousePress(view.viewport(), LEFT, NO_KEYS, start)
            QTest.mouseMove(view.viewport(), start + QPoint(9, 6))
            tell(pressed=landmark)
            QTest.mouseMove(view.viewport(), start + QPoint(18, 12))
            QTest.mouseRelease(view.viewport(), LEFT, NO_KEYS, start + QPoint(18, 12))
            at = session.annotations.shown(artist.frame).xy[landmark].tolist()
            tell(released=landmark, frame=artist.frame, x=at[0], y=at[1])


if __name__ == "__main__":
    edit_for_ever(Path(sys.argv[1]), Path(sys.argv[2]))
