"""Landmarks lie on the borders that are drawn."""

import numpy as np

from annotator.synthesis.borders import border_distances, summarise
from annotator.synthesis.camera import Camera


def test_lips_limbus_and_lids_lie_on_their_borders(renderer, capture, scheme):
    frames = []
    for yaw in (-15, 0, 15):
        camera = Camera("c", yaw, 0, size=4096)
        field = renderer.identity(capture, camera, (2048, 2048))
        frames.append(border_distances(field, capture, camera, scheme, 0.5))
    distances = summarise(frames)
    for group, limit in (("mouth_", 1.5), ("iris_", 1.5), ("nostril_", 3.0)):
        assert np.median([d for name, d in distances.items() if name.startswith(group)]) < limit, group
    lids = [d for name, d in distances.items() if name.startswith("eye_")]
    assert np.median(lids) < 3.0


def test_a_landmark_off_the_border_is_noticed(renderer, capture, scheme):
    from dataclasses import replace

    camera = Camera("c", 0, 0, size=4096)
    field = renderer.identity(capture, camera, (1024, 1024))
    moved = replace(capture, landmarks=capture.landmarks + [0.0, 3.0, 0.0])
    here, there = (border_distances(field, c, camera, scheme, 0.25) for c in (capture, moved))
    assert there["mouth_upper_mid"] > here["mouth_upper_mid"] + 20
