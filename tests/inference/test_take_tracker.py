"""A predictor that follows a take: a window that goes with the face, a state that is kept, and shots that begin anew."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from annotator.domain.errors import ModelError
from annotator.domain.model_card import ModelCard
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference.take_tracker import TakeTracker
from annotator.nn.checkpoint import load_model, save_model
from annotator.nn.zoo import architecture, build

SCHEME = load_scheme("ibug-68")


def blank(folder: Path, open_gate: bool = True) -> Path:
    """A tracker with fresh weights that takes anything for a face."""
    torch.manual_seed(0)
    overview = {"hourglass": {"channels": 8, "depth": 2, "stride": 4, "init": "xavier"}}
    description = architecture("heatmap-1d-tracker", SCHEME, proxy=64, overview=overview)
    module = build(description)
    assert module.tracker is not None
    if open_gate:
        torch.nn.init.constant_(module.tracker.temporal.gate_of_landmark, 1.0)
    loose = {"spread": 1e6, "layout": 1e6, "agreement": 1e6}
    card = ModelCard("blank", SCHEME.id, description, preprocessing={"search": False, "sanity": loose})
    save_model(folder, module, card)
    return folder


def picture(seed: int = 0, shift: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), np.uint8)
    return np.roll(cv2.resize(coarse, (160, 160), interpolation=cv2.INTER_CUBIC), shift, axis=1)


def test_the_state_is_kept_over_frames_and_forgotten_when_a_take_begins(tmp_path: Path) -> None:
    tracker = TakeTracker(blank(tmp_path / "m"), "cpu", precise=True)
    box = np.array([40.0, 40.0, 120.0, 120.0])
    frames = [picture(shift=n) for n in range(3)]
    tracker.begin(box)
    followed = [tracker.propose(frame).xy for frame in frames]
    assert tracker.shots == 1
    tracker.begin(box)
    again = [tracker.propose(frame).xy for frame in frames]
    for one, two in zip(followed, again, strict=True):
        np.testing.assert_array_equal(one, two)
    alone = TakeTracker(tmp_path / "m", "cpu", precise=True, looking_back=False)
    alone.begin(box)
    single = [alone.propose(frame).xy for frame in frames]
    np.testing.assert_allclose(single[0], followed[0])
    assert np.abs(single[2] - followed[2]).max() > 1e-3


def test_a_shut_gate_answers_as_the_detector_frame_by_frame(tmp_path: Path) -> None:
    folder = blank(tmp_path / "m", open_gate=False)
    answers = []
    for looking_back in (True, False):
        tracker = TakeTracker(folder, "cpu", precise=True, looking_back=looking_back)
        tracker.begin(np.array([40.0, 40.0, 120.0, 120.0]))
        answers.append([tracker.propose(picture(shift=n)) for n in range(3)])
    for one, two in zip(*answers, strict=True):
        np.testing.assert_array_equal(one.xy, two.xy)
        np.testing.assert_array_equal(one.covariance, two.covariance)


def test_a_cut_begins_a_new_shot(tmp_path: Path) -> None:
    tracker = TakeTracker(blank(tmp_path / "m"), "cpu", precise=True)
    for number in range(3):
        tracker.propose(picture(shift=number))
    before = tracker.shots
    proposal = tracker.propose(picture(seed=7))
    assert tracker.shots == before + 1
    assert proposal.xy.shape == (68, 2)
    assert proposal.covariance.shape == (68, 2, 2)
    assert (np.linalg.eigvalsh(proposal.covariance) > 0).all()


def test_a_model_that_does_not_look_back_is_refused(tmp_path: Path) -> None:
    description = architecture("tiny", SCHEME)
    save_model(tmp_path / "still", build(description), ModelCard("still", SCHEME.id, description))
    with pytest.raises(ModelError, match="no tracker"):
        TakeTracker(tmp_path / "still", "cpu")
    assert load_model(tmp_path / "still")[0].tracker is None
