"""Beards and moustaches: where they grow, how long, how grey."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from annotator.studio.hair.beards import BEARDS, MOUSTACHES, beard_hair, beard_weight, moustache_weight

from .conftest import EYE_LEVEL_MM, dressed


@pytest.mark.parametrize("style", sorted(MOUSTACHES))
def test_moustaches_start_above_the_border_of_the_upper_lip(subject, resting, level, style):
    wearer = dressed(subject, beard_style="none", moustache_style=style)
    (hairs,) = beard_hair(resting, level.fields[:, 1], wearer, np.random.default_rng(1), 0.2)
    assert len(hairs.curves) > 20
    roots = hairs.curves[:, 0] + [0.0, EYE_LEVEL_MM, 128.0]
    border = level.rest[(np.abs(level.fields[:, 1] - 1.5) < 0.1) & (level.rest[:, 1] > 660)]
    for root in roots[:: max(1, len(roots) // 60)]:
        beside = border[np.argsort(np.abs(border[:, 0] - root[0]))[:4]]
        if abs(root[0]) < 24:
            assert root[1] > beside[:, 1].min() - 0.3


@pytest.mark.parametrize("style", sorted(BEARDS))
def test_beards_leave_the_lips_free(subject, level, style):
    weight = beard_weight(level.rest, level.fields[:, 1], dressed(subject, beard_style=style))
    assert weight.max() > 0.3
    assert weight[level.fields[:, 1] > 1.55].max() == 0.0


@pytest.mark.parametrize("style", ["stubble", "short", "full", "long"])
def test_beards_end_at_the_throat(subject, level, style):
    weight = beard_weight(level.rest, level.fields[:, 1], dressed(subject, beard_style=style))
    side_of_the_neck = (level.rest[:, 2] < 60) & (level.rest[:, 1] < 636)
    assert weight[side_of_the_neck].max() == 0.0
    assert weight[level.rest[:, 1] < 586].max() == 0.0
    under_the_chin = np.linalg.norm(level.rest - [0.0, 612.0, 125.0], axis=1).argmin()
    assert weight[under_the_chin] > 0.2


def test_a_long_beard_narrows_towards_its_tip(subject, resting, level):
    wearer = dressed(subject, beard_style="long", moustache_style="none")
    (hairs,) = beard_hair(resting, level.fields[:, 1], wearer, np.random.default_rng(1), 0.2)
    length = np.linalg.norm(np.diff(hairs.curves, axis=1), axis=2).sum(1)
    from_middle = np.abs(hairs.curves[:, 0, 0])
    assert np.median(length[from_middle > 55]) < 0.5 * np.median(length[from_middle < 15])


def test_no_hair_grows_inside_the_mouth(subject, resting, level):
    inside = level.rest[level.fields[:, 1] > 11.5]
    assert len(inside) > 500
    wearer = dressed(subject, beard_style="full", moustache_style="walrus")
    for hairs in beard_hair(resting, level.fields[:, 1], wearer, np.random.default_rng(1), 0.2):
        roots = hairs.curves[:, 0] + [0.0, EYE_LEVEL_MM, 128.0]
        near_skin, near_inside = (
            cKDTree(part).query(roots)[0] for part in (level.rest[level.fields[:, 1] < 0], inside)
        )
        assert (near_skin < near_inside).all()


def test_a_pencil_moustache_is_narrower_than_a_walrus(subject, level):
    lip = level.fields[:, 1]
    areas = {
        style: moustache_weight(level.rest, lip, dressed(subject, moustache_style=style)).sum()
        for style in ("pencil", "natural", "walrus")
    }
    assert areas["pencil"] < 0.75 * areas["natural"] < areas["walrus"]


def test_grey_beards_and_brows_are_dimmer_and_stubble_stays_fine(subject, resting, level):
    lip = level.fields[:, 1]
    for style in ("stubble", "full"):
        dark, grey = (
            beard_hair(
                resting,
                lip,
                dressed(subject, beard_style=style, moustache_style="none", traits={"beard_grey": share}),
                np.random.default_rng(1),
                0.1,
            )[0]
            for share in (0.0, 1.0)
        )
        assert grey.tone < 0.7 < dark.tone
        assert len(grey.curves) > len(dark.curves)
    stubble, full = (
        beard_hair(
            resting,
            lip,
            dressed(subject, beard_style=style, moustache_style="none"),
            np.random.default_rng(1),
            0.1,
        )
        for style in ("stubble", "full")
    )
    assert stubble[0].width.max() < 0.6 * full[0].width.max()
