"""Pose machines, plain CNNs and 1D heatmaps: their maths, stages and places in the zoo."""

import pytest
import torch

from annotator.nn.heatmap_1d import CoAttention, Heatmap1d, Heatmap1dConfig, joint, marginals
from annotator.nn.plain_cnn import PlainCnn, PlainCnnConfig, draw
from annotator.nn.pose_machine import PoseMachine, PoseMachineConfig
from annotator.nn.soft_argmax import soft_argmax, spatial_softmax


def test_logsumexp_marginals_are_those_of_the_2d_softmax() -> None:
    logits = 4 * torch.randn(2, 3, 9, 7, dtype=torch.float64)
    over_x, over_y = marginals(logits)
    probability = spatial_softmax(logits)
    torch.testing.assert_close(over_x.softmax(-1), probability.sum(-2))
    torch.testing.assert_close(over_y.softmax(-1), probability.sum(-1))


def test_the_joint_map_has_its_marginals_and_their_expectations() -> None:
    over_x, over_y = torch.randn(2, 3, 7, dtype=torch.float64), torch.randn(2, 3, 9, dtype=torch.float64)
    whole = joint(over_x, over_y)
    again_x, again_y = marginals(whole)
    torch.testing.assert_close(again_x.softmax(-1), over_x.softmax(-1))
    torch.testing.assert_close(again_y.softmax(-1), over_y.softmax(-1))
    x = (over_x.softmax(-1) * (torch.arange(7) + 0.5) / 7).sum(-1)
    torch.testing.assert_close(soft_argmax(whole)[..., 0], x)


def test_a_fresh_1d_detector_equals_its_2d_maps_interpolated() -> None:
    config = Heatmap1dConfig(
        32, scale=2, hourglass={"channels": 8, "depth": 2, "stride": 2, "init": "xavier"}
    )
    detector = Heatmap1d(3, config).eval()
    picture = torch.rand(2, 3, 32, 32)
    over_x, over_y = detector.marginals(picture)
    assert over_x.shape == over_y.shape == (2, 3, 32)
    coarse = soft_argmax(detector.network(picture)[-1])
    torch.testing.assert_close(soft_argmax(detector(picture)[-1]), coarse, atol=0.03, rtol=0)


def test_co_attention_starts_as_the_identity_and_then_mixes_the_other_axis() -> None:
    attention = CoAttention(6, 5, 4)
    own, other = torch.randn(2, 3, 6), torch.randn(2, 3, 5)
    torch.testing.assert_close(attention(own, other), own)
    torch.nn.init.normal_(attention.value.weight)
    changed = attention(own, other)
    assert not torch.allclose(changed, own)
    # landmarks of the other group reach every landmark of this one
    moved = other.clone()
    moved[:, 2] += torch.randn(5)
    assert (attention(own, moved) - changed).abs().amax(-1).min() > 0


def test_1d_maps_hold_what_2d_maps_would_take() -> None:
    config = Heatmap1dConfig(64, scale=4, hourglass={"channels": 8, "depth": 2, "stride": 4})
    over_x, over_y = Heatmap1d(5, config).marginals(torch.rand(1, 3, 64, 64))
    two = joint(over_x, over_y)
    assert over_x.numel() + over_y.numel() == two.numel() * 2 // 64


def test_pose_machine_refines_stage_by_stage() -> None:
    network = PoseMachine(4, PoseMachineConfig(channels=8, stages=3, stride=8, kernel=5))
    stages = network(torch.rand(2, 3, 64, 64))
    assert [tuple(s.shape) for s in stages] == [(2, 4, 8, 8)] * 3
    stages[-1].sum().backward()
    # the last head starts at zero, so only it learns at first; a later stage's gradient reaches the first one's head
    torch.nn.init.normal_(network.heads[1].out.weight)
    torch.nn.init.normal_(network.heads[0].out.weight)
    network.zero_grad()
    network(torch.rand(2, 3, 64, 64))[-1].square().sum().backward()
    assert network.first_head.out.bias is not None
    assert network.first_head.out.bias.grad is not None
    assert network.first_head.out.bias.grad.abs().sum() > 0
    with pytest.raises(ValueError, match="stride 4 or 8"):
        PoseMachine(4, PoseMachineConfig(stride=2))


def test_drawn_coordinates_come_back() -> None:
    points = torch.tensor([[[0.3, 0.62], [0.5, 0.5]], [[0.71, 0.4], [0.25, 0.75]]])
    torch.testing.assert_close(soft_argmax(draw(points, 32)), points, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("layers", "side"), [(6, 64), (7, 128)])
def test_plain_networks_start_at_the_centre_and_have_gradients(layers: int, side: int) -> None:
    network = PlainCnn(3, PlainCnnConfig(side, layers, channels=4, hidden=16))
    (maps,) = network(torch.rand(2, 3, side, side))
    assert maps.shape == (2, 3, side // 4, side // 4)
    torch.testing.assert_close(soft_argmax(maps), torch.full((2, 3, 2), 0.5))
    soft_argmax(maps).sum().backward()
    assert network.out.weight.grad is not None
    assert network.out.weight.grad.abs().sum() > 0
    with pytest.raises(ValueError, match="multiple of"):
        PlainCnn(3, PlainCnnConfig(50, layers))
