"""What frames are called in lists: no two of a capture alike."""

import pytest

from annotator.domain.capture import Frame


def frame(path: str, subject: str = "", take: str = "", camera: str = "", index: str = "") -> Frame:
    return Frame(0, path, subject, take, camera, index, 64, 48)


@pytest.mark.parametrize(
    ("made", "parts"),
    [
        (frame("anna/smile/c1/0001.jpg", "anna", "smile", "c1", "0001"), ("anna", "smile", "c1", "0001")),
        (frame("anna/smile/c1.jpg", "anna", "smile", "c1"), ("anna", "smile", "c1")),
        (frame("anna_c1_0001.exr", "anna", "", "c1", "0001"), ("anna", "c1", "0001")),
        (frame("001_03.jpg", "canada", "", "", "03"), ("001_03.jpg",)),
        (frame("006_03.jpg", "canada", "", "", "03"), ("006_03.jpg",)),
        (frame("portrait.jpg", "canada", "", "", "portrait"), ("portrait.jpg",)),
        (frame("portrait.jpg"), ("portrait.jpg",)),
        (frame("anna/IMG_1.jpg", "anna", "", "", "1"), ("anna", "IMG_1.jpg")),
        (frame("anna/first_c1.jpg", "anna", "", "c1"), ("anna", "c1", "first_c1.jpg")),
        (frame("anna/second_c1.jpg", "anna", "", "c1"), ("anna", "c1", "second_c1.jpg")),
    ],
)
def test_a_frame_is_called_by_what_tells_it_apart(made: Frame, parts: tuple[str, ...]) -> None:
    assert made.parts == parts
    assert made.name == " / ".join(parts)
