"""From one version of a scheme to the next: what stays, what is proposed, what is left to place."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.annotation import Annotation, Flag, LandmarkState, ReviewState
from annotator.domain.errors import AnnotatorError
from annotator.domain.schemes.conversion import load_conversion
from annotator.domain.schemes.scheme_file import load_scheme

V1, V2, IBUG = (load_scheme(name) for name in ("studio-89@1", "studio-89@2", "ibug-68"))


@pytest.fixture
def old() -> Annotation:
    """All landmarks at (100, 100) but the outer eye corners, 200 pixels apart; confirmed and approved."""
    xy = np.full((V1.size, 2), 100.0, np.float32)
    xy[V1.index("eye_right_outer")], xy[V1.index("eye_left_outer")] = (400, 300), (600, 300)
    state = np.full(V1.size, LandmarkState.CONFIRMED, np.uint8)
    return Annotation(V1.id, xy, state, np.zeros(V1.size, np.uint8), ReviewState.APPROVED)


def test_what_did_not_move_keeps_place_state_and_flags(old: Annotation) -> None:
    pupil = V1.index("pupil_left")
    flags = old.flags.copy()
    flags[pupil] = Flag.OCCLUDED
    new = load_conversion(V1, "studio-89@2").annotation(replace(old, flags=flags))
    assert new.scheme_id == "studio-89@2"
    assert new.state[V2.index("pupil_left")] == LandmarkState.CONFIRMED
    assert new.flags[V2.index("pupil_left")] == Flag.OCCLUDED
    np.testing.assert_array_equal(new.xy[V2.index("pupil_left")], old.xy[pupil])


def test_what_moved_is_proposed_in_the_frame_of_the_face_and_never_confirmed(old: Annotation) -> None:
    conversion = load_conversion(V1, "studio-89@2")
    new = conversion.annotation(old)
    assert not (new.is_human & conversion.moved).any()
    assert new.review == ReviewState.NEEDS_WORK
    tip = V2.index("nose_tip")
    assert new.state[tip] == LandmarkState.PROPOSED
    step = new.xy[tip] - old.xy[V1.index("nose_tip")]
    assert step[1] < -4  # a twentieth of the eye distance up
    turned = np.array([[0.0, -1.0], [1.0, 0.0]])  # the same face upright and on its side
    aside = replace(old, xy=(old.xy @ turned).astype(np.float32))
    np.testing.assert_allclose(conversion.annotation(aside).xy, new.xy @ turned, atol=1e-3)


def test_without_eye_corners_only_what_did_not_move_is_known(old: Annotation) -> None:
    xy, state = old.xy.copy(), old.state.copy()
    corner = V1.index("eye_left_outer")
    xy[corner], state[corner] = np.nan, LandmarkState.MISSING
    conversion = load_conversion(V1, "studio-89@2")
    new = conversion.annotation(replace(old, xy=xy, state=state))
    assert ((new.state == LandmarkState.MISSING) == conversion.moved).all()


def test_both_sides_of_the_face_convert_alike() -> None:
    conversion = load_conversion(V1, "studio-89@2")
    assert (conversion.moved == conversion.moved[V2.mirror]).all()
    np.testing.assert_allclose(conversion.offset, conversion.offset[V2.mirror] * [-1, 1], atol=1e-9)


def test_there_is_no_conversion_between_strangers() -> None:
    for source, target in ((IBUG, "studio-89@2"), (V2, "studio-89@1")):
        with pytest.raises(AnnotatorError, match="studio-89@1 to @2"):
            load_conversion(source, target)
