"""Marks leave their pixel free and differ in form."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from annotator.domain.annotation import Flag, LandmarkState
from annotator.ui.common.glyphs import REACH, Mark, mark_pixmap

pytestmark = pytest.mark.gui
STATES = (LandmarkState.PROPOSED, LandmarkState.CORRECTED, LandmarkState.CONFIRMED)


def ink(mark: Mark) -> np.ndarray:
    """Where a mark paints, bool; four device pixels a logical one."""
    image = mark_pixmap(mark, 4.0).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return data[..., 3] > 60


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "more", [{}, {"selected": True}, {"hovered": True}, {"flags": int(Flag.OUT_OF_FRAME)}]
)
def test_the_pixel_under_a_mark_is_seen(qapp, state, more) -> None:
    middle = 4 * REACH
    painted = ink(Mark(int(state), **more))
    assert not painted[middle - 4 : middle + 4, middle - 4 : middle + 4].any()
    assert painted.any()


def test_states_are_told_apart_by_form(qapp) -> None:
    forms = [ink(Mark(int(state))) for state in STATES]
    for a, b in ((0, 1), (1, 2), (0, 2)):
        assert (forms[a] ^ forms[b]).sum() > 0.2 * forms[b].sum()
