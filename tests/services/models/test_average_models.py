"""The mean of models that were taught apart."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from blank_model import blank_model
from spots import SCHEME

from annotator.domain.errors import ModelError
from annotator.nn.checkpoint import load_model
from annotator.services.models.average import average_models


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    """Three untrained models, each with weights of its own."""
    found = []
    for seed in range(3):
        found.append(blank_model(tmp_path / str(seed), SCHEME, seed, data={"seed": seed}))
    return found


def test_every_weight_is_the_mean_of_the_models_weights(models: list[Path], tmp_path: Path) -> None:
    card = average_models(models, tmp_path / "mean")
    assert (card.id, card.parent, card.scheme) == ("mean", "blank", SCHEME.id)
    assert card.data == {"seed": 0, "average": ["blank"] * 3}
    mean = load_model(tmp_path / "mean")[0].state_dict()
    states = [load_model(folder)[0].state_dict() for folder in models]
    changed = 0
    for name, value in mean.items():
        if value.is_floating_point():
            expected = (states[0][name] + states[1][name] + states[2][name]) / 3
            assert torch.allclose(value, expected, atol=1e-3)
            changed += not torch.allclose(value, states[0][name], atol=1e-2)
    assert changed > 3


def test_what_has_no_mean_is_refused_and_nothing_is_written(models: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "mean"
    with pytest.raises(ModelError, match="two models or more"):
        average_models(models[:1], out)
    other = blank_model(tmp_path / "other", replace(SCHEME, name="other"))
    with pytest.raises(ModelError, match="another architecture"):
        average_models([models[0], other], out)
    assert not out.exists()
    average_models(models, out)
    with pytest.raises(ModelError, match="there already"):
        average_models(models, out)
