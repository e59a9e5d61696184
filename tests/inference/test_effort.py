"""Adaptive effort: fewer looks where the first one leaves no doubt, the same answers; all of them with full effort."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch import Tensor

from annotator.domain.errors import ModelError
from annotator.inference.no_face import is_no_face
from annotator.inference.options import InferenceOptions, OptionChanges
from annotator.inference.predictor import Predictor
from annotator.nn.adc import AttentionDrivenCropping

from .conftest import build_module, paint

Maker = Callable[..., Predictor]
CLEAR = {"clear_spread": 1.0, "clear_layout": 1.0}
"""What is usual for a face clearly seen, so that the painted one is."""


@dataclass
class Looks:
    """A module that counts what it is shown."""

    module: AttentionDrivenCropping = field(default_factory=build_module)
    views: int = 0
    crops: int = 0

    def __post_init__(self) -> None:
        plain_global, plain_crops = self.module.forward_global, self.module.forward_crops

        def forward_global(pictures: Tensor) -> object:
            self.views += len(pictures)
            return plain_global(pictures)

        def forward_crops(crops: Tensor, boxes: Tensor, numbers: list[int]) -> object:
            self.crops += len(crops) * len(numbers)
            return plain_crops(crops, boxes, numbers)

        self.module.forward_global = forward_global  # type: ignore[assignment, method-assign]
        self.module.forward_crops = forward_crops  # type: ignore[assignment, method-assign]


def test_a_face_clearly_seen_has_its_regions_read_once(make_predictor: Maker) -> None:
    frame, points = paint(640, 640, (150.0, 100.0), 330.0)
    crops = {}
    for effort in ("adaptive", "full"):
        looks = Looks()
        proposal = make_predictor(looks.module, effort=effort, iterations=3, sanity=CLEAR).propose(frame)
        assert np.linalg.norm(proposal.xy - points, axis=-1)[:6].max() < 0.8
        crops[effort] = looks.crops
    assert crops == {"adaptive": 3, "full": 9}


@pytest.mark.parametrize(("agree", "doubt", "more"), [(True, False, 0), (False, False, 2), (True, True, 2)])
def test_further_views_where_two_disagree_or_the_face_is_not_clear(
    make_predictor: Maker, monkeypatch: pytest.MonkeyPatch, agree: bool, doubt: bool, more: int
) -> None:
    monkeypatch.setattr("annotator.inference.face_search._agree", lambda *_: agree)
    frame, _ = paint(640, 640, (150.0, 100.0), 330.0)
    one, several = Looks(), Looks()
    card: dict[str, object] = {} if doubt else {"sanity": CLEAR}
    make_predictor(one.module, looks=2, **card).propose(frame)
    make_predictor(several.module, looks=4, **card).propose(frame)
    assert several.views == one.views + more


def test_a_region_whose_box_moved_is_read_again(
    make_predictor: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, _ = paint(640, 640, (150.0, 100.0), 330.0)
    settled, moved = Looks(), Looks()
    make_predictor(settled.module, iterations=2, sanity=CLEAR).propose(frame)
    monkeypatch.setattr("annotator.inference.regions._SETTLED", -1.0)
    make_predictor(moved.module, iterations=2, sanity=CLEAR).propose(frame)
    assert moved.crops == 6
    assert settled.crops < 6


@pytest.mark.parametrize("kind", ["noise", "grey"])
def test_a_frame_without_a_face_takes_few_looks(make_predictor: Maker, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 600, 3), np.uint8)
    frame = noise if kind == "noise" else np.full_like(noise, 90)
    looks, all_looks = Looks(), Looks()
    proposal = make_predictor(looks.module).propose(frame)
    assert is_no_face(proposal.message)
    assert len(proposal.rois) == 3
    assert looks.views <= 24
    assert is_no_face(make_predictor(all_looks.module, effort="full").propose(frame).message)
    assert all_looks.views > looks.views


def test_a_small_face_is_found_by_looking_closer_where_most_is_seen(make_predictor: Maker) -> None:
    frame, points = paint(1280, 1280, (960.0, 250.0), 110.0)
    proposal = make_predictor().propose(frame)
    assert proposal.message == ""
    assert np.linalg.norm(proposal.xy - points, axis=-1)[:6].max() < 1.5


def test_effort_is_one_of_two_words() -> None:
    with pytest.raises(ModelError, match="adaptive or full, not 'some'"):
        InferenceOptions().changed(OptionChanges(effort="some"))
    assert InferenceOptions().changed(OptionChanges(effort="full")).effort == "full"


def test_the_networks_are_shown_at_most_three_pictures_at_once(make_predictor: Maker) -> None:
    module = build_module()
    sizes: list[int] = []
    plain = module.forward_global

    def forward_global(pictures: Tensor) -> object:
        sizes.append(len(pictures))
        return plain(pictures)

    module.forward_global = forward_global  # type: ignore[assignment, method-assign]
    predictor = make_predictor(module, effort="full")
    predictor.propose(np.zeros((300, 300, 3), np.uint8))
    assert max(sizes) == 3
    assert predictor.batch == 1
    assert torch.device(predictor.device).type == "cpu"
