"""The calibration alarm of a project: which camera is off, in words, and when nothing can be said."""

from dataclasses import replace
from pathlib import Path

import pytest
from filmed_project import bumped_rig, filmed
from rig_project import make_rig

from annotator.domain.progress import Cancelled
from annotator.services.rigs.check_rigs import check_rigs


def test_the_camera_that_is_off_is_told(tmp_path: Path) -> None:
    with filmed(tmp_path) as store:
        store.rigs.add(bumped_rig())
        (found,) = check_rigs(store)
        assert [shift.name for shift in found.off] == ["left"]
        assert found.off[0].pixels == pytest.approx(17.5, rel=0.2)
        assert (found.known, found.moments) == (True, 12)
        assert "left" in found.text
        assert "Refine the rig" in found.text
        store.rigs.add(make_rig())
        (found,) = check_rigs(store)
        assert (found.rig.version, found.known, found.off) == (2, True, ())


def test_each_rig_is_judged_by_its_own_takes(tmp_path: Path) -> None:
    with filmed(tmp_path, moments=4) as store:
        store.rigs.add(
            replace(bumped_rig(), name="tuesday", takes=("ada/*",)), replace(make_rig(), name="all")
        )
        found = {each.rig.name: each for each in check_rigs(store)}
        assert found["tuesday"].off
        assert (found["all"].known, found["all"].off) == (False, ())
        assert "another rig goes before it" in found["all"].text
        assert [each.rig.name for each in check_rigs(store, "all")] == ["all"]


def test_two_moments_say_nothing(tmp_path: Path) -> None:
    with filmed(tmp_path, moments=2) as store:
        store.rigs.add(bumped_rig())
        (found,) = check_rigs(store)
        assert (found.known, found.off, found.moments) == (False, (), 2)
        assert found.text.startswith("2 moments have points of two cameras or more; 3 are needed")


def test_it_stops_when_asked_and_a_project_without_rigs_has_nothing_to_check(tmp_path: Path) -> None:
    with filmed(tmp_path, moments=2) as store:
        assert check_rigs(store) == ()
        store.rigs.add(make_rig())
        with pytest.raises(Cancelled):
            check_rigs(store, stop=lambda: True)
