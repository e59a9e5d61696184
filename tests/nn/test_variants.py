"""Pose machines, plain CNNs and 1D heatmaps: their maths, stages and places in the zoo."""

import pytest
import torch

from annotator.nn import losses
from annotator.nn.axis_logits import AxisLogits, cells, chunk, maps, mirrored
from annotator.nn.heatmap_1d import CoAttention, Heatmap1d, Heatmap1dConfig, marginals
from annotator.nn.plain_cnn import PlainCnn, PlainCnnConfig, draw
from annotator.nn.pose_machine import PoseMachine, PoseMachineConfig
from annotator.nn.soft_argmax import moments, soft_argmax, spatial_softmax


def test_logsumexp_marginals_are_those_of_the_2d_softmax() -> None:
    logits = 4 * torch.randn(2, 3, 9, 7, dtype=torch.float64)
    found = marginals(logits)
    over_x, over_y = found.over_x_BKw, found.over_y_BKh
    probability = spatial_softmax(logits)
    torch.testing.assert_close(over_x.softmax(-1), probability.sum(-2))
    torch.testing.assert_close(over_y.softmax(-1), probability.sum(-1))


def test_the_joint_map_has_its_marginals_and_their_expectations() -> None:
    over_x, over_y = torch.randn(2, 3, 7, dtype=torch.float64), torch.randn(2, 3, 9, dtype=torch.float64)
    whole = AxisLogits(over_x, over_y).joint()
    again = marginals(whole)
    torch.testing.assert_close(again.over_x_BKw.softmax(-1), over_x.softmax(-1))
    torch.testing.assert_close(again.over_y_BKh.softmax(-1), over_y.softmax(-1))
    x = (over_x.softmax(-1) * (torch.arange(7) + 0.5) / 7).sum(-1)
    torch.testing.assert_close(soft_argmax(whole)[..., 0], x)


def test_a_fresh_1d_detector_equals_its_2d_maps_interpolated() -> None:
    config = Heatmap1dConfig(
        32, scale=2, hourglass={"channels": 8, "depth": 2, "stride": 2, "init": "xavier"}
    )
    detector = Heatmap1d(3, config).eval()
    picture = torch.rand(2, 3, 32, 32)
    fine = detector.marginals(picture)
    assert fine.over_x_BKw.shape == fine.over_y_BKh.shape == (2, 3, 32)
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


def _pair(dtype: torch.dtype = torch.float64) -> AxisLogits:
    torch.manual_seed(0)
    over_x, over_y = 2 * torch.randn(2, 3, 7, dtype=dtype), 2 * torch.randn(2, 3, 9, dtype=dtype)
    return AxisLogits(over_x.requires_grad_(), over_y.requires_grad_())


@pytest.mark.parametrize("name", ["cross_entropy", "negative_log_likelihood", "l1"])
def test_losses_on_1d_maps_equal_those_on_their_2d_product(name: str) -> None:
    pair = _pair()
    true = torch.rand(2, 3, 2, dtype=torch.float64) * 0.8 + 0.1
    weight = torch.tensor([[1.0, 1.0, 0.0], [1.0, 0.5, 1.0]])

    def loss(stage: AxisLogits | torch.Tensor) -> torch.Tensor:
        if name == "l1":
            return losses.l1(soft_argmax(stage), true, weight)
        return getattr(losses, name)(stage, true, weight)

    gradients = []
    for value in (loss(pair), loss(pair.joint())):
        gradients.append((value, *torch.autograd.grad(value, (pair.over_x_BKw, pair.over_y_BKh))))
    for one, two in zip(*gradients, strict=True):
        torch.testing.assert_close(one, two, atol=1e-6, rtol=1e-5)


def test_1d_maps_decode_like_their_2d_product() -> None:
    pair = _pair()
    assert cells(pair) == (9, 7)
    for one, two in zip(moments(pair), moments(maps(pair)), strict=True):
        torch.testing.assert_close(one, two)
    for decode in ("window", "compensated"):
        torch.testing.assert_close(soft_argmax(pair, decode), soft_argmax(pair.joint(), decode))
    turned = mirrored(pair, [2, 0, 1])
    torch.testing.assert_close(maps(turned), mirrored(pair.joint(), [2, 0, 1]))
    halves = chunk(pair, 2)
    torch.testing.assert_close(torch.cat([maps(half) for half in halves]), pair.joint())


def test_jensen_shannon_of_1d_maps_lies_between_its_bounds() -> None:
    pair = _pair()
    true = torch.full((2, 3, 2), 0.5, dtype=torch.float64)
    assert 0 < losses.jensen_shannon(pair, true, torch.ones(2, 3)).item() < 2 * torch.tensor(2.0).log().item()
    across, down = losses.axis_targets(true, 9, 7, 1.0)
    perfect = AxisLogits(across.log(), down.log())
    assert losses.jensen_shannon(perfect, true, torch.ones(2, 3)).item() == pytest.approx(0, abs=1e-6)


def _kept_for_backward(detector: torch.nn.Module, picture: torch.Tensor) -> tuple[int, int]:
    """Elements of all tensors that backward needs, and of the largest one, behind the coarse maps' network."""
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.data_ptr()] = max(kept.get(tensor.data_ptr(), 0), tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        stage = detector(picture)[-1]
        true = torch.full((1, 5, 2), 0.4)
        losses.cross_entropy(stage, true, torch.ones(1, 5)).backward()
    return sum(kept.values()), max(kept.values())


def test_training_never_makes_2d_maps_of_the_output_s_resolution() -> None:
    config = Heatmap1dConfig(64, scale=4, hourglass={"channels": 4, "depth": 2, "stride": 4})
    detector = Heatmap1d(5, config)

    class Expanded(torch.nn.Module):
        def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return (detector.marginals(picture).joint(),)

    picture = torch.rand(1, 3, 64, 64)
    assert isinstance(detector.train()(picture)[-1], AxisLogits)
    own, largest = _kept_for_backward(detector, picture)
    expanded, _ = _kept_for_backward(Expanded(), picture)
    assert expanded - own > 0.9 * 5 * 64 * 64  # a full set of 2D maps, less a few 1D ones
    assert largest < 5 * 64 * 64
    answer = detector.eval()(picture)[-1]
    assert isinstance(answer, torch.Tensor)
    assert answer.shape == (1, 5, 64, 64)


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
