"""Runs of frames: stills that are moved, takes that follow, and the loop that learns from them what looks back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from list_source import ListSource

from annotator.domain.errors import ModelError
from annotator.domain.model_card import read_card
from annotator.nn.checkpoint import load_model
from annotator.training.augment import generator
from annotator.training.batches import make_batch
from annotator.training.clips import augment_clip, draw_path
from annotator.training.config import AugmentConfig, ClipConfig, GeometryConfig, PhotometryConfig
from annotator.training.source import Mixture, Sample, pick_clip
from annotator.training.takes import TakeIndex, place_in_take
from annotator.training.weights import choose_learning

from .runs import QUICK, job, run
from .toys import dot_centres, toy_sample, toy_scheme

CLIPS = ClipConfig(frames=5, shift=0.02, turn=3.0, scale=0.02, blur=0.0)
STILL_PIXELS = AugmentConfig(
    geometry=GeometryConfig(extent=(0.5, 0.6), centred=1.0, rotation=5.0, flip=0.0),
    photometry=PhotometryConfig(strength=0.0),
)


class Takes(ListSource):
    """Samples of which neighbours follow one another."""

    def clip(self, index: int, count: int) -> list[Sample]:
        return [self[number] for number in range(index, min(index + count, len(self)))]


def test_a_moved_still_keeps_its_landmarks_exact(tmp_path: Path) -> None:
    scheme = toy_scheme(tmp_path)
    frames = augment_clip(np.random.default_rng(3), [toy_sample(1)], 96, scheme, STILL_PIXELS, CLIPS)
    assert len(frames) == 5
    moves = []
    for frame in frames:
        seen = dot_centres(frame.image)
        there = np.isfinite(seen).all(-1)
        away = np.abs(seen - frame.xy).max(-1)[there]
        assert (away < 0.8).sum() >= max(3, len(away) - 1)  # the background may have the colour of one
        moves.append(frame.xy)
    steps = np.linalg.norm(np.diff(np.stack(moves), axis=0), axis=-1)
    assert steps.max() > 0.3
    assert steps.max() < 0.2 * 96


def test_the_motion_is_smooth_and_of_the_size_that_is_asked_for() -> None:
    pivot = np.array([48.0, 48.0])
    still = draw_path(np.random.default_rng(0), 5, 96, pivot, replace(CLIPS, shift=0, turn=0, scale=0))
    for affine in still:
        np.testing.assert_allclose(affine, np.eye(3)[:2], atol=1e-12)
    x = np.stack(
        [[own[0, 2] for own in draw_path(np.random.default_rng(s), 24, 96, pivot, replace(CLIPS, turn=0, scale=0))]
         for s in range(60)]
    )  # fmt: skip
    assert np.all(x[:, 0] == 0)
    pace, push = np.diff(x, axis=1), np.diff(x, 2, axis=1)
    assert 0.4 < np.sqrt((pace**2).mean()) / (0.02 * 96) < 2.5
    assert np.sqrt((push**2).mean()) < np.sqrt((pace**2).mean())


def test_frames_of_a_run_share_light_and_differ_in_noise(tmp_path: Path) -> None:
    photometry = PhotometryConfig(
        strength=1.0, tone=1, grey=0, light=1, blur=0, soften=0, noise=1, jpeg=0, occlude=0
    )
    config, still = replace(STILL_PIXELS, photometry=photometry), replace(CLIPS, shift=0, turn=0, scale=0)
    frames = augment_clip(np.random.default_rng(5), [toy_sample(1)], 96, toy_scheme(tmp_path), config, still)
    a, b = (frame.image.astype(float) for frame in frames[:2])
    assert not np.array_equal(a, b)
    assert abs(a.mean() - b.mean()) < 3
    assert np.abs(a - b).mean() < 25


def test_takes_follow_by_their_names() -> None:
    assert place_in_take("subject_1/talking_0003/cam_01.jpg") == ("subject_1/talking_#/cam_01.jpg", 3)
    assert place_in_take("114/annot/000012.pts") == ("114/annot/#.pts", 12)
    assert place_in_take("subject_1/random_003/cam_01.jpg") is None
    index = TakeIndex()
    index.add(["s/talking_0000/a.jpg", "s/talking_0000/b.jpg", "s/smile/a.jpg"])
    index.add(["s/talking_0002/a.jpg", "s/talking_0001/a.jpg", "s/talking_0001/b.jpg"])
    assert list(index.following(0, 5)) == [0, 4, 3]
    assert list(index.following(0, 2)) == [0, 4]
    assert list(index.following(1, 5)) == [1, 5]
    assert list(index.following(2, 5)) == [2]


def test_a_run_is_drawn_from_a_take_and_a_still_where_there_is_none() -> None:
    takes, stills = Takes([toy_sample(n) for n in range(6)]), ListSource([toy_sample(9)])
    lengths = {len(pick_clip(Mixture([(takes, 1), (stills, 1)]), generator(1, n), 4)) for n in range(30)}
    assert lengths == {1, 4}
    names = [own.name for own in pick_clip(takes, generator(1, 0), 1)]
    assert len(names) == 1


def test_a_batch_holds_one_run_after_another(tmp_path: Path) -> None:
    config = replace(QUICK, clips=CLIPS, batch=2)
    source = Takes([toy_sample(n) for n in range(8)])
    batch = make_batch(config, toy_scheme(tmp_path), source, 0)
    assert batch.source_B3SS.shape == (10, 3, 64, 64)
    again = make_batch(config, toy_scheme(tmp_path), source, 0)
    assert torch.equal(batch.source_B3SS, again.source_B3SS)


def test_a_tracker_grows_from_a_detector_and_only_what_looks_back_learns(tmp_path: Path) -> None:
    scheme, source = toy_scheme(tmp_path), Takes([toy_sample(n) for n in range(8)])
    small = {"proxy": 64, "overview": {"hourglass": {"channels": 8, "depth": 2, "stride": 4}}}
    detector = replace(QUICK, architecture="heatmap-1d", changes=small)
    run(detector, job(tmp_path / "a", scheme, source))
    parent = tmp_path / "a" / "model"
    recipe = replace(
        QUICK,
        architecture="heatmap-1d-tracker",
        changes=small,
        inherit="weights",
        parts="temporal",
        rate=0.05,
        ema=0.0,
        clips=replace(CLIPS, steady=0.5),
    )
    events = run(recipe, job(tmp_path / "b", scheme, source, parent=parent))
    assert all(np.isfinite(event["loss"]) for event in events if event["event"] == "step")
    before, _ = load_model(parent)
    after, card = load_model(tmp_path / "b" / "model")
    assert card.parent == "toy"
    assert read_card(tmp_path / "b" / "model").architecture["overview"]["backbone"] == "heatmap-1d-tracker"
    assert after.tracker is not None
    for name, value in before.overview.state_dict().items():
        torch.testing.assert_close(after.tracker.detector.state_dict()[name], value)
    assert after.tracker.temporal.gate_of_landmark.abs().max() > 0
    with pytest.raises(ModelError, match="look back"):
        choose_learning(before, "temporal")
