"""Hourglasses: sizes, parameters, receptive field, resolutions, stages, recomputation."""

from dataclasses import replace

import pytest
import torch

from annotator.nn.blocks import Bottleneck, HierarchicalBlock, normalisation
from annotator.nn.hourglass import HourglassConfig, HourglassNetwork


def count(landmarks: int, config: HourglassConfig) -> float:
    return sum(p.numel() for p in HourglassNetwork(landmarks, config).parameters()) / 1e6


@pytest.mark.parametrize(
    ("channels", "stride", "full", "light"),
    [(64, 1, 0.224, 0.102), (128, 1, 0.872, 0.373), (128, 2, 0.875, 0.377), (256, 4, 3.44, 1.42)],
)
def test_parameters_follow_the_table_and_light_has_about_41_percent(
    channels: int, stride: int, full: float, light: float
) -> None:
    config = HourglassConfig(channels=channels, stride=stride)
    assert count(89, config) == pytest.approx(full, rel=0.01)
    assert count(89, replace(config, light=True)) == pytest.approx(light, rel=0.01)


@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize("block", ["bottleneck", "hierarchical"])
def test_heatmaps_have_the_picture_s_side_over_the_stride(stride: int, block: str) -> None:
    config = HourglassConfig(channels=8, depth=2, stride=stride, stacks=2, block=block)  # type: ignore[arg-type]
    stages = HourglassNetwork(5, config)(torch.rand(2, 3, 32, 48))
    assert [tuple(stage.shape) for stage in stages] == [(2, 5, 32 // stride, 48 // stride)] * 2


def test_one_set_of_weights_serves_several_crop_sizes() -> None:
    network = HourglassNetwork(3, HourglassConfig(channels=8, depth=3, stride=2)).eval()
    other = HourglassNetwork(3, network.config)
    other.load_state_dict(network.state_dict())
    for side in (128, 192, 256):
        assert other(torch.rand(1, 3, side, side))[-1].shape == (1, 3, side // 2, side // 2)


def test_a_side_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 16"):
        HourglassNetwork(3, HourglassConfig(channels=8, depth=2, stride=4))(torch.rand(1, 3, 40, 40))


@pytest.mark.parametrize(("stride", "depth", "whole"), [(1, 2, False), (2, 4, True), (4, 4, True)])
def test_receptive_field_by_the_support_of_the_gradient(stride: int, depth: int, whole: bool) -> None:
    # without normalisation, which mixes all pixels, the gradient's support is the receptive field
    config = HourglassConfig(channels=4, depth=depth, stride=stride, norm="none", init="xavier")
    network = HourglassNetwork(1, config).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()  # nothing cancels, no ReLU dies
    picture = torch.rand(1, 3, 256, 256, dtype=torch.float64, requires_grad=True)
    middle = 128 // stride
    network(picture)[-1][0, 0, middle, middle].backward()
    assert picture.grad is not None
    seen = (picture.grad[0].abs().sum(0) > 0).any(0)
    assert bool(seen.all()) == whole
    assert seen[128]


def test_the_zero_head_starts_flat_and_xavier_does_not() -> None:
    config = HourglassConfig(channels=8, depth=1, stride=2)
    picture = torch.rand(2, 3, 16, 16)
    assert not HourglassNetwork(3, config)(picture)[-1].any()
    assert HourglassNetwork(3, replace(config, init="xavier"))(picture)[-1].std() > 0


def test_recomputing_changes_no_gradient() -> None:
    config = HourglassConfig(channels=8, depth=2, stride=2, init="xavier")
    plain = HourglassNetwork(3, config)
    again = HourglassNetwork(3, replace(config, recompute=True))
    again.load_state_dict(plain.state_dict())
    picture = torch.rand(2, 3, 32, 32)
    for network in (plain, again):
        network.train()(picture)[-1].square().mean().backward()
    for a, b in zip(plain.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad)


def test_bfloat16_autocast_keeps_the_stream_narrow() -> None:
    network = HourglassNetwork(3, HourglassConfig(channels=8, depth=2, stride=2))
    with torch.autocast("cpu", torch.bfloat16):
        assert network.hourglasses[0](torch.rand(1, 8, 16, 16).bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize("block", [Bottleneck, HierarchicalBlock])
def test_blocks_are_residual(block: type[torch.nn.Module]) -> None:
    module = block(8, 8)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    x = torch.rand(2, 8, 5, 5)
    torch.testing.assert_close(module(x), x)


def test_group_norm_divides_any_width() -> None:
    for channels in (1, 6, 10, 48, 89, 256):
        assert normalisation(channels, "group")(torch.rand(2, channels, 3, 3)).shape[1] == channels
    with pytest.raises(ValueError, match="layer"):
        normalisation(8, "layer")  # type: ignore[arg-type]
