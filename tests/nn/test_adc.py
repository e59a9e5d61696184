"""Attention-driven cropping: parts against the whole, gradients through boxes, mirrored sharing, holistic models."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.adc import AdcConfig, AttentionDrivenCropping, shrink
from annotator.nn.attention_crop import BoxRule, to_unit
from annotator.nn.hourglass import HourglassConfig, HourglassNetwork
from annotator.nn.soft_argmax import centres
from annotator.nn.zoo import architecture, build

REGIONS = ((0, 1, 2), (3, 4, 5), (6, 7))
MIRROR = (4, 5, 3, 2, 0, 1, 7, 6, 8)


def network(count: int) -> nn.Module:
    return HourglassNetwork(count, HourglassConfig(channels=8, depth=2, stride=2, init="xavier"))


def model(**changes: object) -> AttentionDrivenCropping:
    torch.manual_seed(5)
    config = AdcConfig(REGIONS, MIRROR, proxy=16, crop=16, **changes)  # type: ignore[arg-type]
    return AttentionDrivenCropping(9, config, network, network)


def test_the_whole_equals_its_parts() -> None:
    adc = model().eval()
    source = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    with torch.inference_mode():
        whole = adc(source)
        overview = adc.forward_global(shrink(source, 16))
        boxes = adc.boxes(overview.xy_BL2 * 64, 64.0)
        single = [adc.forward_regions(source, boxes[:, r : r + 1], [r])[0] for r in (2, 0, 1)]
    torch.testing.assert_close(whole.boxes_BR4, boxes)
    for region in single:
        torch.testing.assert_close(whole.regions[region.region].xy_BK2, region.xy_BK2)
        torch.testing.assert_close(whole.xy_BL2[:, list(region.indices)], region.xy_BK2)
        torch.testing.assert_close(to_unit(region.xy_BK2, region.boxes_B4), region.unit_BK2)
    torch.testing.assert_close(whole.xy_BL2[:, 8], overview.xy_BL2[:, 8] * 64)


def test_a_slice_of_the_frame_gives_the_same_answers() -> None:
    adc = model().eval()
    frame = torch.randint(0, 256, (2, 3, 90, 80), dtype=torch.uint8)
    boxes = torch.tensor([[[30.5, 40, 52, 61]], [[28, 38, 60.25, 70]]])
    whole = adc.forward_regions(frame, boxes, [1])[0]
    part = adc.forward_regions(frame[:, :, 30:80, 20:70], boxes, [1], torch.tensor([[20, 30], [20, 30]]))[0]
    torch.testing.assert_close(whole.xy_BK2, part.xy_BK2)


def test_iterating_crops_round_the_last_answer() -> None:
    adc = model().eval()
    source = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    with torch.inference_mode():
        once, twice = adc(source), adc(source, iterations=2)
    torch.testing.assert_close(twice.boxes_BR4, adc.boxes(once.xy_BL2, 64.0))


def test_shared_networks_see_the_mirrored_region_mirrored() -> None:
    adc = model(share_mirrored=True).eval()
    assert len(adc.regional) == 2
    crops = 255 * torch.rand(2, 3, 3, 16, 16)
    boxes = torch.tensor([0.0, 0, 16, 16]).expand(2, 3, 4)
    # region 1 on a flipped crop of region 0 must answer with region 0's points, flipped, in its own order
    crops[:, 1] = crops[:, 0].flip(-1)
    with torch.inference_mode():
        left, right, _ = adc.forward_crops(crops, boxes)
    order = [REGIONS[0].index(MIRROR[i]) for i in REGIONS[1]]
    torch.testing.assert_close(right.unit_BK2[..., 0], 1 - left.unit_BK2[:, order, 0])
    torch.testing.assert_close(right.unit_BK2[..., 1], left.unit_BK2[:, order, 1])


@pytest.mark.parametrize(("kind", "reaches"), [("none", False), ("uncrop", True), ("full", True)])
def test_box_gradients_reach_the_global_network_only_when_asked(kind: str, reaches: bool) -> None:
    adc = model(box_grad=kind).train()
    output = adc(torch.rand(2, 3, 32, 32) * 255)
    sum(region.xy_BK2.sum() for region in output.regions).backward()  # type: ignore[union-attr]
    gradient = sum(p.grad.abs().sum() for p in adc.overview.parameters() if p.grad is not None)
    assert bool(gradient) == reaches


class _Ideal(nn.Module):
    """Finds where the ramps of the first two channels reach given values: it is never wrong, whatever the crop."""

    def forward(self, picture_B3HW: Tensor) -> tuple[Tensor]:
        x, y = picture_B3HW[:, 0], picture_B3HW[:, 1]
        return ((-((x - 0.1) ** 2) - (y + 0.15) ** 2)[:, None] / 1e-3,)


@pytest.mark.parametrize(("kind", "largest"), [("full", 1e-6), ("uncrop", None)])
def test_a_perfect_detector_has_no_gradient_to_its_box(kind: str, largest: float | None) -> None:
    config = AdcConfig(((0,),), proxy=8, crop=64, box_grad=kind)  # type: ignore[arg-type]
    adc = AttentionDrivenCropping(1, config, lambda _: _Ideal(), lambda _: _Ideal()).train()
    ramp = centres(256, torch.zeros(1, dtype=torch.float64)) * 255
    source = torch.stack([ramp.expand(256, 256), ramp[:, None].expand(256, 256), ramp.expand(256, 256)])[None]
    boxes = torch.tensor([[[90.0, 60, 200, 170]]], dtype=torch.float64, requires_grad=True)
    answer = adc.forward_regions(source, boxes)[0]
    # values .1 and -.15 of -1..1 lie at 55 % and 42.5 % of the 256 columns and rows
    torch.testing.assert_close(
        answer.xy_BK2[0, 0], torch.tensor([0.55, 0.425], dtype=torch.float64) * 256, atol=0.05, rtol=0
    )
    (gradient,) = torch.autograd.grad(answer.xy_BK2.sum(), boxes)
    if largest is None:
        assert gradient.abs().max() > 0.3
    else:
        assert gradient.abs().max() < largest


def test_a_shifted_picture_shifts_the_answer() -> None:
    adc = model().eval()
    source = torch.zeros(1, 3, 96, 96)
    source[:, :, 30:60, 30:60] = 255 * torch.rand(1, 3, 30, 30)
    boxes = torch.tensor([[[28.0, 28, 60, 60]]])
    moved = source.roll((7, 5), (2, 3))
    before = adc.forward_regions(source, boxes, [0])[0].xy_BK2
    after = adc.forward_regions(moved, boxes + torch.tensor([5.0, 7, 5, 7]), [0])[0].xy_BK2
    torch.testing.assert_close(after - before, torch.tensor([5.0, 7.0]).expand_as(after), atol=1e-3, rtol=0)


def test_without_regions_the_model_is_holistic() -> None:
    holistic = AttentionDrivenCropping(4, AdcConfig((), proxy=16), network, network).eval()
    output = holistic(torch.rand(2, 3, 32, 32) * 255, iterations=3)
    assert output.regions == ()
    assert output.boxes_BR4.shape == (2, 0, 4)
    torch.testing.assert_close(output.xy_BL2, output.overview.xy_BL2 * 32)


def test_oblong_sources_are_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        model()(torch.rand(1, 3, 32, 40))


@pytest.mark.parametrize("scheme_name", ["studio-89", "ibug-68"])
def test_regions_come_from_the_scheme(scheme_name: str) -> None:
    scheme = load_scheme(scheme_name)
    adc = build(architecture("tiny", scheme)).eval()
    output = adc(torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8))
    assert [r.indices for r in output.regions] == [r.indices for r in scheme.regions]
    assert output.xy_BL2.shape == (1, scheme.size, 2)


def test_a_scheme_with_one_region_works(tmp_path: Path) -> None:
    file = tmp_path / "ear.toml"
    file.write_text(
        """schema = 1
name = "ear"
version = 1
title = "Ear"
landmarks = [
  { name = "top", region = "ear", mirror = "top" },
  { name = "lobe", region = "ear", mirror = "lobe" },
  { name = "chin", mirror = "chin" },
]
curves = []
[[regions]]
name = "ear"
title = "Ear"
colour = "#aabbcc"
mirror = "ear"
"""
    )
    adc = build(architecture("tiny", load_scheme(file), box={"margin": 0.25})).eval()
    assert adc.config.box == BoxRule(margin=0.25)
    assert adc(torch.rand(1, 3, 64, 64)).xy_BL2.shape == (1, 3, 2)
