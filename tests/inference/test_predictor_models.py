"""The predictor on real model folders: untrained ones, fast arithmetic, and the scheme that belongs to a model."""

from pathlib import Path

import numpy as np
import pytest
import torch

from annotator.domain.errors import ModelError
from annotator.domain.model_card import ModelCard
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.domain.schemes.scheme_writer import write_scheme
from annotator.inference.no_face import is_no_face
from annotator.inference.predictor import Predictor
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build

from .conftest import SCHEME


def test_untrained_model_folder_proposes_without_confidence(tmp_path: Path) -> None:
    scheme = load_scheme("ibug-68")
    description = architecture("tiny", scheme)
    save_model(tmp_path / "tiny", build(description), ModelCard("tiny", scheme.id, description))
    predictor = Predictor(tmp_path / "tiny", device="cpu", threads=1)
    proposal = predictor.propose(np.random.default_rng(0).integers(0, 255, (300, 200, 3), np.uint8))
    assert is_no_face(proposal.message)
    assert proposal.confidence.max() < 0.05
    assert proposal.xy.shape == (68, 2)
    assert len(proposal.heatmaps) == 1 + len(scheme.regions)
    assert (predictor.device, predictor.notes, predictor.card.id) == ("cpu", (), "tiny")


def test_fast_arithmetic_moves_points_by_less_than_a_heatmap_cell(tmp_path: Path) -> None:
    torch.manual_seed(0)
    scheme = load_scheme("ibug-68")
    description = architecture("tiny", scheme)
    module = build(description)
    for name, weights in module.named_parameters():
        if "heads" in name:
            torch.nn.init.normal_(weights, 0.0, 0.3)
    save_model(tmp_path / "tiny", module, ModelCard("tiny", scheme.id, description))
    frame = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    fast = Predictor(tmp_path / "tiny", device="cpu").propose(frame)
    exact = Predictor(tmp_path / "tiny", device="cpu", precise=True).propose(frame)
    assert np.abs(fast.global_xy - exact.global_xy).max() < 1.0
    assert fast.heatmaps[0].logits.dtype == exact.heatmaps[0].logits.dtype == np.float32


def test_a_model_needs_the_scheme_that_it_was_made_for(tmp_path: Path) -> None:
    scheme = load_scheme("ibug-68")
    description = architecture("tiny", scheme)
    save_model(tmp_path / "own", build(description), ModelCard("own", SCHEME.id, description))
    with pytest.raises(ModelError, match="cannot be loaded"):
        Predictor(tmp_path / "own", device="cpu")
    (tmp_path / "own" / "scheme.toml").write_text(write_scheme(SCHEME), encoding="utf-8")
    with pytest.raises(ModelError, match="does not fit the scheme"):
        Predictor(tmp_path / "own", device="cpu")
