"""Networks as other runtimes get them: the same answers, by operations that all know."""

import pytest
import torch
from torch import nn

from annotator.domain.errors import AnnotatorError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.portable import PortableAnswer, onnx_bytes, portable
from annotator.nn.zoo import architecture, build


@pytest.fixture
def model() -> AttentionDrivenCropping:
    torch.manual_seed(0)
    made = build(architecture("tiny", load_scheme("studio-89"))).eval()
    for part in made.modules():  # a fresh head gives flat maps, and fresh norms do nothing
        if isinstance(part, nn.GroupNorm | nn.Conv2d) and part.bias is not None:
            nn.init.normal_(part.weight, std=0.3)
            nn.init.normal_(part.bias, std=0.3)
    return made


def test_a_portable_copy_answers_alike_without_group_norms(model: AttentionDrivenCropping) -> None:
    side = model.config.proxy
    pictures = torch.rand(3, 3, side, side) * 255
    pictures[2] = 7.0  # nothing varies
    changed = portable(model)
    assert not any(isinstance(part, nn.GroupNorm) for part in changed.modules())
    assert any(isinstance(part, nn.GroupNorm) for part in model.modules())
    with torch.inference_mode():
        own, theirs = model.forward_global(pictures), changed.forward_global(pictures)
    assert own.xy_BL2.std() > 1e-3
    torch.testing.assert_close(theirs.logits_BLhw, own.logits_BLhw, atol=2e-3, rtol=1e-3)
    torch.testing.assert_close(theirs.xy_BL2, own.xy_BL2, atol=1e-4, rtol=0)


def test_a_regions_answer_is_that_of_its_upright_crop(model: AttentionDrivenCropping) -> None:
    side = model.config.crop
    crops = torch.rand(2, 3, side, side) * 255
    box = torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(2, 1, 4)
    for region in range(len(model.regions)):
        with torch.inference_mode():
            true = model.forward_crops(crops[:, None], box, [region])[0]
            heatmaps, points, covariances = PortableAnswer(model, region)(crops)
        torch.testing.assert_close(points, true.unit_BK2, atol=1e-4, rtol=0)
        assert heatmaps.shape[:2] == points.shape[:2] == covariances.shape[:2] == true.unit_BK2.shape[:2]


def test_without_the_extra_it_is_named(
    monkeypatch: pytest.MonkeyPatch, model: AttentionDrivenCropping
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(AnnotatorError, match=r"annotator-landmarks\[onnx\]"):
        onnx_bytes(PortableAnswer(model), model.config.proxy)
