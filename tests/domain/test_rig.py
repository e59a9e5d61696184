"""What a rig refuses, and where its cameras stand."""

import json

import numpy as np
import pytest

from annotator.domain.rigs.rig import CameraModel, Rig, RigError
from annotator.domain.rigs.rig_values import numbers, rig_from_plain, rig_to_plain

K = np.array([[1000.0, 0, 320], [0, 1000, 240], [0, 0, 1]])


def camera(name: str = "a", turn: np.ndarray | None = None, **changes) -> CameraModel:
    turn = np.eye(3) if turn is None else turn
    pose = np.concatenate([turn, np.array([[0.0], [0.0], [500.0]])], axis=1)
    values = {"width": 640, "height": 480, "matrix": K, "distortion": np.zeros(0), "camera_from_world": pose}
    return CameraModel(name, **(values | changes))


def test_a_camera_stands_where_its_pose_puts_it() -> None:
    half_turn = np.diag([-1.0, 1.0, -1.0])  # about y
    np.testing.assert_allclose(camera().position, [0, 0, -500])
    np.testing.assert_allclose(camera(turn=half_turn).position, [0, 0, 500])


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"matrix": np.full((3, 3), np.nan)},
        {"matrix": np.diag([-1.0, 1, 1])},
        {"distortion": np.zeros(3)},
        {"distortion": np.array([np.inf, 0, 0, 0, 0])},
        {"camera_from_world": np.zeros((3, 4))},
        {"camera_from_world": np.diag([1.0, 1, -1, 1])[:3]},
    ],
)
def test_a_camera_that_cannot_be_is_refused_by_name(wrong) -> None:
    with pytest.raises(RigError, match="a"):
        camera(**wrong)


def test_a_rig_needs_two_cameras_by_their_own_names() -> None:
    with pytest.raises(RigError, match="two or more"):
        Rig("dome", {"a": camera()})
    with pytest.raises(RigError, match="calls the camera"):
        Rig("dome", {"a": camera(), "b": camera("c")})


def test_a_rig_holds_for_the_takes_that_its_patterns_name() -> None:
    def rig(*takes: str) -> Rig:
        return Rig("dome", {"a": camera(), "b": camera("b")}, takes)

    assert rig().holds_for("ada", "smile")
    assert rig("ada/*", "ben/smile").holds_for("ada", "")
    assert rig("ada").holds_for("ada", "")
    assert not rig("ada/*", "ben/smile").holds_for("ben", "smile2")


def test_values_of_a_rig_are_checked_when_they_are_read() -> None:
    rig = Rig("dome", {"a": camera(), "b": camera("b")}, ("ada/*",), 1.0, "by hand", ("a note",))
    plain = rig_to_plain(rig)
    assert rig_to_plain(rig_from_plain(json.loads(json.dumps(plain)))) == plain
    first = plain["cameras"][0]
    for wrong in (
        {"schema": 2}, {"kind": "x"}, {"cameras": {}}, {"cameras": [first]}, {"cameras": [first, first]}, {"takes": "ada"},
        {"cameras": [first, first | {"width": 1e9}]}, {"cameras": [first, first | {"matrix": [[1, 2], [3]]}]},
        {"cameras": [first, {}]}, {"unit_mm": -1}, {"name": "a\nb"}, {"cameras": [first, first | {"name": None}]},
    ):  # fmt: skip
        with pytest.raises(RigError):
            rig_from_plain(plain | wrong)
    with pytest.raises(RigError, match="Update"):
        rig_from_plain(plain | {"schema": 2})


def test_numbers_of_any_count_are_asked_for_in_words() -> None:
    with pytest.raises(RigError, match=r"^The terms must be finite\.$"):
        numbers(["nan"], (-1,), "The terms")
    with pytest.raises(RigError, match=r"^The size must be 2 finite numbers\.$"):
        numbers([1, "nan"], (2,), "The size")
