"""A rig from what people set in a project, and the reasons where there is none."""

from pathlib import Path

import numpy as np
import pytest
from filmed_project import filmed
from rig_project import NAMES, make_project, make_rig

from annotator.domain.progress import Cancelled
from annotator.domain.rigs.rig import RigError
from annotator.services.rigs.solve_rig import SolveWishes, keep_solved, solve_rig

CORNERS = ("eye_left_outer", "eye_right_outer")


def apart(rig) -> np.ndarray:
    places = np.array([camera.position for camera in rig.cameras.values()])
    return np.linalg.norm(places - np.roll(places, 1, axis=0), axis=1)


def corners(store) -> tuple[str, str]:
    return store.scheme.names[36], store.scheme.names[45]


def test_people_solve_a_rig_in_millimetres(tmp_path: Path) -> None:
    with filmed(tmp_path, moments=8, people=8) as store:
        wishes = SolveWishes("solved", ("ada/*",), {"": 5000.0}, (*corners(store), 90.0))
        found = solve_rig(store, wishes)
        np.testing.assert_allclose(apart(found.rig), apart(make_rig()), rtol=0.05)
        assert (found.rig.unit, found.moments, dict(found.left_out)) == (1.0, 8, {})
        assert found.solution.error < 5
        assert found.text.startswith("solved: 3 cameras from 8 moments. Points that were held out")
        assert store.rigs.list() == ()
        kept = keep_solved(store, found)
        assert (kept.label, kept.rig.takes) == ("solved (version 1)", ("ada/*",))
        assert store.rigs.of_take("ada", "talk").name == "solved"


def test_proposals_do_not_count(tmp_path: Path) -> None:
    with (
        filmed(tmp_path) as store,
        pytest.raises(RigError, match="No moment of these takes has points of people"),
    ):
        solve_rig(store, SolveWishes("solved"))


def test_a_camera_that_shares_little_is_left_out_and_told(tmp_path: Path) -> None:
    with filmed(tmp_path, moments=8, people=8) as store:
        ids = store.frames.by_path()
        for path, frame in ids.items():
            if "/right/" in path and not path.endswith("/0.jpg"):
                _clear(store, frame, keep=0)
            elif path.endswith("/right/0.jpg"):
                _clear(store, frame, keep=5)
        found = solve_rig(store, SolveWishes("solved", focal={"": 5000.0}))
        assert list(found.rig.cameras) == list(NAMES[:2])
        assert "shares 5 points" in found.left_out["right"]


def _clear(store, frame: int, keep: int) -> None:
    from annotator.domain import edits
    from annotator.store.history.changes import Change

    before = store.annotations.get(frame)
    after = edits.apply(edits.clear(range(keep, store.scheme.size)), before)[0]
    store.annotations.commit(Change(frame, before, after, "Clear"))


@pytest.mark.parametrize(
    ("wishes", "why"),
    [
        (SolveWishes(" "), "Give the rig a name"),
        (SolveWishes("a", ("cem/*",)), "No take of the project is called cem"),
        (SolveWishes("a", focal={"top": 5.0}), "no camera top"),
        (SolveWishes("a", focal={"": -5.0}), "above zero"),
        (SolveWishes("a", length=("nose", "moon", 3.0)), "no landmark nose and moon"),
    ],
)
def test_a_wish_that_cannot_be_is_told(tmp_path: Path, wishes: SolveWishes, why: str) -> None:
    with filmed(tmp_path, moments=3, people=3) as store, pytest.raises(RigError, match=why):
        solve_rig(store, wishes)


def test_a_length_needs_two_landmarks(tmp_path: Path) -> None:
    with filmed(tmp_path, moments=3, people=3) as store:
        one, _ = corners(store)
        with pytest.raises(RigError, match="needs two landmarks"):
            solve_rig(store, SolveWishes("a", length=(one, one, 9.0)))


def test_it_stops_when_asked(tmp_path: Path) -> None:
    with filmed(tmp_path, moments=3, people=3) as store:
        with pytest.raises(Cancelled):
            solve_rig(store, SolveWishes("a"), stop=lambda: True)
        assert store.rigs.list() == ()


def test_frames_of_several_sizes_are_refused(tmp_path: Path) -> None:
    from rig_project import place, seen

    from annotator.domain.capture import Frame

    with make_project(tmp_path) as store:
        store.frames.add([Frame(0, "cem/a/front/0.jpg", "cem", "a", "front", "0", 64, 48)])
        store.frames.add([Frame(0, "cem/a/left/0.jpg", "cem", "a", "left", "0", 2048, 1536)])
        for path in (
            "ada/smile/front/0.jpg",
            "ada/smile/left/0.jpg",
            "cem/a/front/0.jpg",
            "cem/a/left/0.jpg",
        ):
            place(store, path, seen(make_rig().cameras["front"]) / (64 if "cem/a/front" in path else 1))
        with pytest.raises(RigError, match="camera front have several sizes"):
            solve_rig(store, SolveWishes("a"))
