"""A project's rig is refined from its own landmarks, kept as a version, and refused where it does not help."""

from dataclasses import replace
from pathlib import Path

import pytest
from filmed_project import bumped_rig, filmed
from rig_project import make_project, make_rig

from annotator.domain.errors import ProjectError
from annotator.domain.progress import Cancelled
from annotator.domain.rigs.rig import RigError
from annotator.services.rigs.refine_rig import keep_refined, moving_of, refine_rig
from annotator.store.project_store import ProjectStore


def kept(store: ProjectStore) -> list[tuple[str, int, str]]:
    return [
        (each.name, each.version, each.rig.source)
        for rig in store.rigs.list()
        for each in store.rigs.versions(rig.name)
    ]


@pytest.mark.parametrize("people", [0, 12])
def test_a_bumped_camera_comes_back_as_a_new_version(tmp_path: Path, people: int) -> None:
    with filmed(tmp_path, people=people) as store:
        store.rigs.add(bumped_rig())
        found = refine_rig(store)
        changes = {each.name: each for each in found.refinement.cameras}
        assert changes["left"].degrees == pytest.approx(0.2, abs=0.05)
        assert changes["left"].after < 4 < changes["left"].before
        assert found.refusal == ""
        assert [row[1] for row in kept(store)] == [1]
        added = keep_refined(store, found, user="ann")
        assert (added.version, added.user) == (2, "ann")
        assert kept(store) == [("dome", 1, "by hand"), ("dome", 2, "refined from version 1")]
        assert refine_rig(store).base.version == 2


def test_what_does_not_help_is_refused_unless_it_is_wanted(tmp_path: Path) -> None:
    with filmed(tmp_path) as store:
        store.rigs.add(make_rig())
        found = refine_rig(store)
        with pytest.raises(RigError, match="does not help"):
            keep_refined(store, found)
        assert len(kept(store)) == 1
        assert keep_refined(store, found, anyway=True).version == 2


def test_only_what_may_move_moves(tmp_path: Path) -> None:
    with filmed(tmp_path) as store:
        store.rigs.add(bumped_rig())
        found = refine_rig(store, "dome", moving_of(("focal",)))
        assert all(each.degrees == pytest.approx(0, abs=1e-5) for each in found.refinement.cameras)
    for parts, why in (((), "Nothing may move"), (("rotation", "colour"), "colour cannot move")):
        with pytest.raises(RigError, match=why):
            moving_of(parts)


def test_a_version_that_came_meanwhile_is_not_passed_over(tmp_path: Path) -> None:
    with filmed(tmp_path) as store:
        store.rigs.add(bumped_rig())
        found = refine_rig(store)
        store.rigs.add(make_rig())
        with pytest.raises(RigError, match=r"version 2.* came meanwhile"):
            keep_refined(store, found)


def test_stopped_it_leaves_all_as_it_was(tmp_path: Path) -> None:
    with filmed(tmp_path) as store:
        store.rigs.add(bumped_rig())
        told: list[str] = []
        with pytest.raises(Cancelled):
            refine_rig(
                store,
                progress=lambda _done, _total, text: told.append(text),
                stop=lambda: "Adjusting cameras and points" in told,
            )
        assert told[0] == "Reading moments"
        assert len(kept(store)) == 1


def test_too_little_is_told_with_what_to_do(tmp_path: Path) -> None:
    with make_project(tmp_path) as store:
        with pytest.raises(RigError, match="no rig"):
            refine_rig(store)
        store.rigs.add(make_rig())
        with pytest.raises(RigError, match="Propose its frames"):
            refine_rig(store)
        store.rigs.add(replace(make_rig(), name="other", takes=("ada/*", "ben/*")))
        with pytest.raises(RigError, match="say which: dome, other"):
            refine_rig(store)
        with pytest.raises(RigError, match=r"dome .* not in use .* another rig goes before"):
            refine_rig(store, "dome")
        with pytest.raises(ProjectError, match="no rig nobody"):
            refine_rig(store, "nobody")


def test_few_moments_are_picked_evenly_and_peoples_first(tmp_path: Path) -> None:
    from annotator.services.rigs.seen_moments import MomentsOfRigs, rig_named

    with filmed(tmp_path, moments=20, people=3) as store:
        store.rigs.add(make_rig())
        seen = MomentsOfRigs(store).of(rig_named(store, None), most=8)
        people = [moment for moment in seen.moments if moment.trusted.any()]
        assert (len(seen.moments), len(people)) == (8, 3)
        assert len({moment.xy.tobytes() for moment in seen.moments}) == 8
