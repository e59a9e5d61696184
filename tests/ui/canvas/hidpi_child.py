"""A frame view on a screen of two device pixels a logical pixel; prints what it shows as JSON. Run by test_hidpi."""

import json
import os

os.environ.update(QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR="2")

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from annotator.app import make_application
from annotator.domain.annotation import Annotation
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.ui.canvas.frame_badges import FrameBadges
from annotator.ui.canvas.frame_view import FrameView
from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.common.view_options import Options


def main() -> None:
    application = make_application([])
    rows, columns = np.mgrid[0:512, 0:512]
    pixels = np.repeat(((rows * 7 + columns * 13) % 256).astype(np.uint8)[..., None], 3, 2)
    levels = [np.ascontiguousarray(pixels[:: 2**i, :: 2**i]) for i in range(5)]
    view = FrameView()
    badges = FrameBadges(view)
    view.zoom_changed.connect(badges.show_zoom)
    view.resize(200, 150)
    view.show()
    QTest.qWaitForWindowExposed(view)
    view.show_image(levels, 512, 512)
    ratio = view.devicePixelRatioF()
    view.zoom_to(1 / ratio)
    view.grab()
    application.processEvents()
    shown = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    device = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), -1)[:, : shown.width()]
    origin = view.frame_at(QPointF(0, 0))
    x, y = round(origin.x()), round(origin.y())
    same = bool((device == pixels[y : y + shown.height(), x : x + shown.width(), 0]).all())
    scheme = load_scheme("studio-89")
    value = Annotation.empty(scheme)
    xy, state = value.xy.astype(np.float64), value.state.copy()
    xy[7], state[7] = (256.5, 256.5), 2
    view.set_options(Options())
    view.overlay.set_scheme(scheme)
    view.show_points(OverlayData(scheme=scheme, xy=xy, state=state, flags=value.flags, selected=frozenset()))
    chosen: list[int] = []
    view.select_requested.connect(lambda indices, _mode: chosen.extend(indices))
    at = view.view_at(256.5, 256.5).toPoint()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    print(json.dumps({"ratio": ratio, "same": same, "zoom": badges.zoom.text(), "chosen": chosen}))


if __name__ == "__main__":
    main()
