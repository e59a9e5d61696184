"""Frames put together from a small whole and sharp parts."""

import numpy as np
import pytest

from annotator.imaging.sampling import pasted


def test_parts_are_exact_and_the_rest_lies_where_it_was() -> None:
    across = np.linspace(0, 250, 64)
    frame = np.repeat(np.tile(across, (48, 1))[..., None], 3, 2).round().astype(np.uint8)
    whole = frame.reshape(12, 4, 16, 4, 3).mean((1, 3)).astype(np.uint8)
    boxes = [(4, 8, 20, 30), (16, 20, 40, 48)]
    made = pasted(whole, (64, 48), [((x0, y0, x1, y1), frame[y0:y1, x0:x1]) for x0, y0, x1, y1 in boxes])
    for x0, y0, x1, y1 in boxes:
        np.testing.assert_array_equal(made[y0:y1, x0:x1], frame[y0:y1, x0:x1])
    # a ramp enlarged stays the ramp where no border is near
    assert np.abs(made[:, 4:-4].astype(int) - frame[:, 4:-4]).max() <= 2
    half = frame.reshape(24, 2, 32, 2, 3).mean((1, 3)).astype(np.uint8)
    made = pasted(whole, (64, 48), [((8, 16, 40, 36), half[8:18, 4:20])])  # a pixel for a block of four
    assert np.abs(made[16:36, 10:38].astype(int) - frame[16:36, 10:38]).max() <= 2
    for part in (frame[:6, :5], frame[:3, :2], frame[:20, :20]):
        with pytest.raises(ValueError, match="do not fit"):
            pasted(whole, (64, 48), [((0, 0, 5, 5), part)])
    with pytest.raises(ValueError, match="do not fit"):
        pasted(whole, (64, 48), [((0, 0, 5, 5), frame[:5, :4])])
