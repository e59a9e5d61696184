"""What a turned head hides: the pose from one picture's landmarks, and the far side from the pose."""

import numpy as np
import pytest
from numpy.typing import NDArray

from annotator.domain.faces.turned_head import TurnedHead, shipped_head
from annotator.domain.schemes.scheme_file import available_schemes, load_scheme, read_scheme
from annotator.domain.schemes.view_dependent import view_dependent

SCHEME = load_scheme("studio-89")
FIXED = ~view_dependent(SCHEME)


@pytest.fixture
def head() -> TurnedHead:
    found = shipped_head(SCHEME.id, SCHEME.size)
    assert found is not None
    return found


def seen(head: TurnedHead, yaw: float, roll: float = 0.0, size: float = 3.0) -> NDArray[np.float64]:
    """Landmarks in a picture by a camera so many degrees to the subject's left, its picture turned by `roll`."""
    a, b = np.radians([yaw, roll])
    x, y, z = head.points.astype(np.float64).T
    across, down = x * np.cos(a) - z * np.sin(a), -y
    turned = np.array([[np.cos(b), -np.sin(b)], [np.sin(b), np.cos(b)]])
    return size * np.stack([across, down], 1) @ turned.T + 700


@pytest.mark.parametrize(("yaw", "roll"), [(0, 0), (50, 0), (-50, 0), (35, 40), (-70, -170)])
def test_the_direction_to_the_camera_is_found_at_any_turn(head: TurnedHead, yaw: float, roll: float) -> None:
    found = head.direction(seen(head, yaw, roll), FIXED)
    assert found is not None
    assert np.degrees(np.arctan2(found[0], found[2])) == pytest.approx(yaw, abs=0.5)


def test_the_far_side_is_hidden_and_the_near_side_seen(head: TurnedHead) -> None:
    left = head.points[:, 0] > 8
    for yaw, far in ((60, ~left & (head.points[:, 0] < -8)), (-60, left)):
        hidden = head.hidden(seen(head, yaw), FIXED)
        assert hidden[far].sum() >= 10
        assert hidden.sum() - hidden[far].sum() <= 3


def test_a_face_from_the_front_hides_next_to_nothing(head: TurnedHead) -> None:
    assert head.hidden(seen(head, 0), FIXED).sum() <= 2


def test_too_few_landmarks_say_nothing(head: TurnedHead) -> None:
    xy = seen(head, 60)
    xy[5:] = np.nan
    assert head.direction(xy, FIXED) is None
    assert not head.hidden(xy, FIXED).any()


def test_every_shipped_scheme_has_its_head() -> None:
    for path in available_schemes().values():
        scheme = read_scheme(path)
        assert shipped_head(scheme.id, scheme.size) is not None
    assert shipped_head("of-somebody@1", 12) is None
    assert shipped_head(SCHEME.id, 12) is None
