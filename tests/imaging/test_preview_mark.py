"""A preview says which file it was made from, and stays a JPEG that everything reads."""

import numpy as np
import simplejpeg

from annotator.imaging.preview_mark import mark_of, marked
from annotator.imaging.pyramid import decode_preview, preview_jpeg


def test_a_mark_comes_back_and_harms_no_pixel() -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    jpeg = preview_jpeg(image)
    assert mark_of(jpeg) is None
    mark = (123_456_789, 1_700_000_000_123_456_789)
    with_mark = marked(jpeg, mark)
    assert mark_of(with_mark) == mark
    np.testing.assert_array_equal(decode_preview(with_mark), decode_preview(jpeg))


def test_other_comments_and_damage_are_no_mark() -> None:
    jpeg = simplejpeg.encode_jpeg(np.zeros((8, 8, 3), np.uint8))
    other = jpeg[:2] + b"\xff\xfe\x00\x07hello" + jpeg[2:]
    assert mark_of(other) is None
    assert mark_of(marked(other, (1, 2))) == (1, 2)
    for damaged in (b"", b"\xff", b"\xff\xd8\xff", jpeg[:20], b"no picture at all"):
        assert mark_of(damaged) is None
    assert mark_of(jpeg[:2] + b"\xff\xfe\x00\x16annotator-source 1 x" + jpeg[2:]) is None
