"""Schemes: what ships is sound, and a wrong file is refused with the line that is wrong."""

import numpy as np
import pytest

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.scheme import LandmarkScheme, has_markup, markup_points
from annotator.domain.schemes.scheme_file import (
    SchemeError,
    available_schemes,
    load_scheme,
    newer_scheme,
    parse_scheme,
)
from annotator.domain.schemes.scheme_writer import write_scheme
from annotator.domain.schemes.view_dependent import view_dependent

SMALL = """schema = 1
name = "tiny"
version = 2
title = "Tiny"
landmarks = [
  { name = "tip", mirror = "tip" },
  { name = "a_left", region = "left", mirror = "a_right", ibug68 = 3 },
  { name = "a_right", region = "right", mirror = "a_left" },
]
curves = [
  { name = "line", landmarks = ["a_left", "tip", "a_right"] },
]
[[regions]]
name = "left"
title = "Left"
colour = "#112233"
mirror = "right"
[[regions]]
name = "right"
title = "Right"
colour = "#332211"
mirror = "left"
"""


@pytest.mark.parametrize(
    ("name", "size", "inside"), [("studio-89@1", 89, 78), ("studio-89@2", 89, 78), ("ibug-68", 68, 51)]
)
def test_shipped_schemes_have_the_sizes_of_the_papers(name: str, size: int, inside: int) -> None:
    scheme = load_scheme(name)
    assert scheme.size == size
    assert sum(len(region.indices) for region in scheme.regions) == inside
    assert len(scheme.regions) == 4
    assert len(scheme.global_only) == size - inside


@pytest.mark.parametrize("name", sorted(available_schemes()))
def test_mirroring_twice_changes_nothing_and_swaps_sides(name: str) -> None:
    scheme = load_scheme(name)
    assert (scheme.mirror[scheme.mirror] == np.arange(scheme.size)).all()
    for i, landmark in enumerate(scheme.landmarks):
        twin = scheme.names[scheme.mirror[i]]
        assert ("left" in landmark.name) == ("right" in twin)


@pytest.mark.parametrize("name", sorted(available_schemes()))
def test_a_scheme_survives_writing_and_reading(name: str) -> None:
    scheme = load_scheme(name)
    assert parse_scheme(write_scheme(scheme)) == scheme


def test_ibug_indices_agree_between_the_schemes() -> None:
    studio, ibug = load_scheme("studio-89"), load_scheme("ibug-68")
    assert [ibug.ibug68[i] for i in range(68)] == list(range(68))
    assert studio.names[studio.ibug68[36]] == "eye_right_outer"
    assert ibug.names[36] == "eye_right_outer"
    assert {studio.names[studio.ibug68[i]] for i in (48, 54)} == {"mouth_right", "mouth_left"}


def small(old: str = "", new: str = "") -> LandmarkScheme:
    assert old in SMALL
    return parse_scheme(SMALL.replace(old, new, 1))


def test_the_small_scheme_is_read() -> None:
    scheme = small()
    assert scheme.id == "tiny@2"
    assert scheme.names == ("tip", "a_left", "a_right")
    assert scheme.mirror.tolist() == [0, 2, 1]
    assert scheme.region_of.tolist() == [-1, 0, 1]
    assert scheme.curves[0].indices == (1, 0, 2)
    assert scheme.ibug68 == {3: 1}


def test_the_outline_is_view_dependent_in_projects_made_before_schemes_said_so_too() -> None:
    for name, count in (("studio-89@1", 9), ("studio-89@2", 9), ("ibug-68@1", 17)):
        scheme = load_scheme(name)
        outline = {name for name in scheme.names if name == "chin" or name.startswith("jaw_")}
        assert {scheme.names[i] for i in scheme.view_dependent} == outline
        assert len(outline) == count
        old = "\n".join(ln for ln in write_scheme(scheme).splitlines() if not ln.startswith("view_dependent"))
        kept = parse_scheme(old)
        assert kept.view_dependent == ()
        assert kept.id == scheme.id
        assert view_dependent(kept).nonzero()[0].tolist() == list(scheme.view_dependent)


def test_a_scheme_of_a_studio_states_its_own() -> None:
    own = small("landmarks = [", 'view_dependent = ["a_right", "tip"]\nlandmarks = [')
    assert own.view_dependent == (0, 2)
    assert view_dependent(own).tolist() == [True, False, True]
    assert parse_scheme(write_scheme(own)) == own
    assert not view_dependent(small()).any()


@pytest.mark.parametrize("wrong", ['["tap"]', '"tip"', '["tip", "tip"]', "[3]"])
def test_view_dependent_names_landmarks_once(wrong: str) -> None:
    with pytest.raises(SchemeError, match="view_dependent") as caught:
        small("version = 2", f"version = 2\nview_dependent = {wrong}")
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("version = 2", "version = zwei", 3, "TOML"),
        ("version = 2", "version = 0", 3, "whole number"),
        ("schema = 1", "schema = 9", 1, "schema"),
        ('mirror = "tip"', 'mirror = "top"', 6, "mirror"),
        ('region = "left"', 'region = "ear"', 7, "ear"),
        ('name = "a_right"', 'name = "tip"', 8, "twice"),
        ("ibug68 = 3", "ibug68 = 68", 7, "ibug68"),
        ("ibug68 = 3", "colour = 3", 7, "unknown key"),
        ('"tip", "a_right"]', '"tap", "a_right"]', 11, "tap"),
        ('colour = "#332211"', 'colour = "red"', 21, "colour"),
        ('title = "Right"\n', "", 19, "title"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(SchemeError, match=says) as caught:
        small(old, new)
    assert caught.value.line == line


def test_an_unknown_scheme_names_those_that_ship() -> None:
    with pytest.raises(SchemeError, match="studio-89"):
        load_scheme("studio-90")
    with pytest.raises(SchemeError, match="studio-89@1"):
        load_scheme("studio-89@7")


def test_a_name_without_a_version_is_the_default_and_both_versions_load() -> None:
    assert load_scheme("studio-89").id == DEFAULT_SCHEME
    assert [load_scheme(f"studio-89@{version}").version for version in (1, 2)] == [1, 2]
    assert load_scheme("studio-89@1").names == load_scheme("studio-89@2").names


def test_an_older_version_knows_its_newer_one() -> None:
    assert newer_scheme("studio-89@1") == "studio-89@2"
    assert newer_scheme("studio-89@2") is None
    assert newer_scheme("ibug-68@1") is None
    assert newer_scheme("their-own@1") is None


def test_the_second_version_tells_anchors_from_sliding_landmarks_and_knows_all_68() -> None:
    scheme = load_scheme("studio-89@2")
    sliding = {name for name, slides in zip(scheme.names, scheme.is_sliding, strict=True) if slides}
    assert {
        "eye_left_upper_2",
        "jaw_right_1",
        "mouth_lower_left_1",
        "nose_bridge_1",
        "brow_left_3",
    } <= sliding
    assert not sliding & {"eye_left_inner", "eye_left_outer", "mouth_left", "chin", "pupil_left", "nose_tip"}
    assert {scheme.names[i] for i in scheme.mirror[scheme.is_sliding]} == sliding
    assert sorted([*scheme.ibug68, *(point.ibug68 for point in scheme.derived)]) == list(range(68))


SLIDING = ('name = "tip", mirror = "tip"', 'name = "tip", mirror = "tip", kind = "sliding", curve = "line"')
DERIVED = (
    "[[regions]]",
    'derived = [ { ibug68 = 5, curve = "line", between = ["a_left", "tip"] } ]\n[[regions]]',
)


def test_sliding_and_derived_points_are_read_and_written() -> None:
    scheme = parse_scheme(SMALL.replace(*SLIDING).replace(*DERIVED, 1))
    assert scheme.is_sliding.tolist() == [True, False, False]
    assert scheme.landmarks[0].curve == "line"
    assert (scheme.derived[0].ibug68, scheme.derived[0].between) == (5, (1, 0))
    assert parse_scheme(write_scheme(scheme)) == scheme


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('curve = "line" }', 'curve = "lines" }', "no curve"),
        ('kind = "sliding", ', "", "kind"),
        (', curve = "line" }', " }", "kind"),
        ('kind = "sliding"', 'kind = "gliding"', "kind"),
        ("ibug68 = 5", "ibug68 = 3", "unused"),
        ('between = ["a_left", "tip"]', 'between = ["a_left", "a_right"]', "neighbours"),
        ('between = ["a_left", "tip"]', 'between = "tip"', "neighbours"),
    ],
)
def test_wrong_sliding_and_derived_points_are_refused(old: str, new: str, says: str) -> None:
    text = SMALL.replace(*SLIDING).replace(*DERIVED, 1)
    assert old in text
    with pytest.raises(SchemeError, match=says):
        parse_scheme(text.replace(old, new, 1))


V1, V2, IBUG = (load_scheme(name) for name in ("studio-89@1", "studio-89@2", "ibug-68"))


def test_which_schemes_know_all_68() -> None:
    assert has_markup(V2)
    assert has_markup(IBUG)
    assert not has_markup(V1)


def test_own_landmarks_are_taken_as_they_are_and_the_jaw_is_filled_in_on_its_curve() -> None:
    angle = np.radians(np.linspace(180, 0, 17))  # point 0 at the subject's right ear
    circle = np.stack([np.cos(angle), np.sin(angle)], 1) * 100
    xy = np.zeros((V2.size, 2))
    for place, index in V2.ibug68.items():
        xy[index] = circle[place] if place < 17 else (place, -place)
    points = markup_points(V2, xy)
    np.testing.assert_allclose(points[:17], circle, atol=0.5)
    np.testing.assert_array_equal(points[17:, 0], np.arange(17, 68))


def test_a_missing_landmark_leaves_only_its_own_points_missing() -> None:
    xy = np.ones((V2.size, 2), np.float32)
    xy[V2.index("jaw_left_2")] = np.nan
    missing = np.isnan(markup_points(V2, xy)).any(1)
    assert set(np.flatnonzero(missing)) == {9, 11, 12, 13, 15}
    assert np.isnan(markup_points(V1, np.ones((V1.size, 2))))[[1, 61 - 44]].any()
