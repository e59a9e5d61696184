"""The tracker's temporal refinement: shapes, a shut gate is the detector, gradients, the state over frames and windows."""

import pytest
import torch

from annotator.domain.errors import ModelError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.axis_logits import AxisLogits
from annotator.nn.heatmap_1d import Heatmap1d
from annotator.nn.heatmap_tracker import (
    Heatmap1dTracker,
    Heatmap1dTrackerConfig,
    TemporalRefinement,
    TrackState,
    shifted,
)
from annotator.nn.hourglass import HourglassNetwork
from annotator.nn.inherit import inherit
from annotator.nn.soft_argmax import soft_argmax
from annotator.nn.zoo import architecture, build

HOURGLASS = {"channels": 8, "depth": 2, "stride": 4, "init": "xavier"}
SIDE, CELLS, POINTS = 32, 16, 3


def tracker(pixels: bool = True, open_gate: bool = False) -> Heatmap1dTracker:
    torch.manual_seed(0)
    config = Heatmap1dTrackerConfig(SIDE, scale=2, memory=8, pixels=pixels, hourglass=HOURGLASS)
    network = Heatmap1dTracker(POINTS, config).eval()
    if open_gate:
        torch.nn.init.normal_(network.temporal.gate_of_landmark)
    return network


def peaks(x: float, y: float, spread: float = 1.5) -> AxisLogits:
    """Maps of one landmark with a Gaussian at cells x, y."""
    place = torch.arange(CELLS, dtype=torch.float64) + 0.5
    return AxisLogits(
        *(-((place - at) ** 2 / (2 * spread**2))[None, None] for at in (x, y)),
    )


@pytest.mark.parametrize("pixels", [True, False])
def test_a_shut_gate_is_the_detector_exactly(pixels: bool) -> None:
    network, pictures = tracker(pixels), torch.rand(6, 3, SIDE, SIDE) * 2 - 1
    alone, followed = network.detector.marginals(pictures), network.track(pictures, 3)
    assert torch.equal(followed.over_x_BKw, alone.over_x_BKw)
    assert torch.equal(followed.over_y_BKh, alone.over_y_BKh)
    assert torch.equal(network(pictures)[-1], network.detector(pictures)[-1])


@pytest.mark.parametrize("pixels", [True, False])
def test_an_open_gate_changes_all_frames_but_the_first_of_each_run(pixels: bool) -> None:
    network, pictures = tracker(pixels, open_gate=True), torch.rand(6, 3, SIDE, SIDE) * 2 - 1
    followed = network.track(pictures, 3)
    assert followed.over_x_BKw.shape == followed.over_y_BKh.shape == (6, POINTS, CELLS)
    away = (followed.over_x_BKw - network.detector.marginals(pictures).over_x_BKw).abs().amax((1, 2))
    assert torch.equal(away > 0, torch.tensor([False, True, True] * 2))
    with pytest.raises(ValueError, match="runs of 4"):
        network.track(pictures, 4)


def test_frame_by_frame_is_the_same_as_a_run_and_forgets_at_a_cut() -> None:
    network, pictures = tracker(open_gate=True), torch.rand(4, 3, SIDE, SIDE) * 2 - 1
    whole = network.track(pictures, 4)
    state = None
    for number in range(4):
        state = network.step(pictures[number : number + 1], state)
        torch.testing.assert_close(state.maps.over_x_BKw[0], whole.over_x_BKw[number], atol=1e-4, rtol=1e-4)
    fresh = network.step(pictures[3:], None)
    torch.testing.assert_close(fresh.maps.over_x_BKw, network.detector.marginals(pictures[3:]).over_x_BKw)
    assert not torch.allclose(fresh.maps.over_x_BKw, state.maps.over_x_BKw)


@pytest.mark.parametrize("pixels", [True, False])
def test_gradients_are_those_of_differences(pixels: bool) -> None:
    torch.manual_seed(1)
    refinement = TemporalRefinement(POINTS, CELLS, 4, pixels).double()
    for value in refinement.parameters():
        torch.nn.init.normal_(value, std=0.3)
    grey = torch.rand(1, 1, SIDE, SIDE, dtype=torch.float64)
    before = TrackState(
        AxisLogits(*(torch.randn(1, POINTS, CELLS, dtype=torch.float64) for _ in range(2))), grey.roll(1, -1)
    )
    names = [name for name, _ in refinement.named_parameters()]

    def answer(x: torch.Tensor, y: torch.Tensor, *values: torch.Tensor) -> torch.Tensor:
        maps = torch.func.functional_call(
            refinement, dict(zip(names, values, strict=True)), (AxisLogits(x, y), grey, before)
        )
        return torch.cat([maps.over_x_BKw, maps.over_y_BKh], -1)

    inputs = [torch.randn(1, POINTS, CELLS, dtype=torch.float64) for _ in range(2)]
    if pixels:  # patches are read where the maps of before are; the first guess is the median of the moves, without gradient
        inputs = [value.requires_grad_(False) for value in inputs]
    else:
        inputs = [value.requires_grad_() for value in inputs]
    values = [value.detach().clone().requires_grad_() for value in refinement.parameters()]
    assert torch.autograd.gradcheck(answer, (*inputs, *values), atol=1e-5, rtol=1e-3)


def test_a_map_of_before_is_carried_along_with_the_face() -> None:
    refinement = TemporalRefinement(1, CELLS, 4, pixels=False).double()
    torch.nn.init.constant_(refinement.gate_of_landmark, 0.8)
    grey = torch.zeros(1, 1, SIDE, SIDE, dtype=torch.float64)
    before = TrackState(peaks(6.0, 9.0), grey)
    # a single landmark's own move takes its map exactly there, so that the answer stays and is surer
    found = refinement(peaks(8.0, 8.5), grey, before)
    place = soft_argmax(found)[0, 0] * CELLS
    torch.testing.assert_close(place, torch.tensor([8.0, 8.5], dtype=torch.float64), atol=0.05, rtol=0)
    assert found.over_x_BKw.softmax(-1).max() > peaks(8.0, 8.5).over_x_BKw.softmax(-1).max()


def test_shifted_rows_keep_their_ends() -> None:
    row = torch.arange(5.0)[None, None]
    assert shifted(row, torch.tensor([[1.0]])).tolist() == [[[0, 0, 1, 2, 3]]]
    assert shifted(row, torch.tensor([[-1.5]])).tolist() == [[[1.5, 2.5, 3.5, 4, 4]]]


def test_a_state_is_seen_from_another_window_of_the_frame() -> None:
    grey = torch.linspace(-1, 1, SIDE, dtype=torch.float64).expand(1, 1, SIDE, SIDE)
    state = TrackState(peaks(6.0, 9.0, 1.0), grey)
    same = state.seen_from(1.0, 0.0, 0.0)
    torch.testing.assert_close(same.maps.over_x_BKw, state.maps.over_x_BKw)
    torch.testing.assert_close(same.grey_B1HW, grey)
    # a window of the right lower part, half as wide: unit places u become u / 2 + .25
    close = state.seen_from(0.5, 0.25, 0.25)
    place = soft_argmax(close.maps)[0, 0]
    expected = (torch.tensor([6.0, 9.0]) / CELLS - 0.25) / 0.5
    torch.testing.assert_close(place, expected.double(), atol=0.05, rtol=0)
    assert close.grey_B1HW[0, 0, 0, 0] == pytest.approx(-0.5, abs=0.05)


def test_the_zoo_has_it_and_adc_hands_the_state_on() -> None:
    scheme = load_scheme("ibug-68")
    small = {"hourglass": {"channels": 8, "depth": 2, "stride": 4}}
    model = build(architecture("heatmap-1d-tracker", scheme, proxy=64, overview=small)).eval()
    pictures = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    first, state = model.track(pictures[:1], None)
    second, _ = model.track(pictures[1:], state)
    together = model.forward_global(pictures, frames=2)
    torch.testing.assert_close(torch.cat([first.xy_BL2, second.xy_BL2]), together.xy_BL2, atol=1e-4, rtol=0)
    assert first.logits_BLhw.shape == (1, 68, 32, 32)
    still = build(architecture("tiny", scheme))
    assert still.tracker is None
    with pytest.raises(ValueError, match="look back"):
        still.track(pictures, None)


def test_a_network_inherits_the_weights_of_the_one_inside_it() -> None:
    network = tracker()
    hourglass, detector = HourglassNetwork(POINTS, network.detector.network.config), tracker().detector
    inherit(network, hourglass)
    assert all(
        torch.equal(value, network.detector.network.state_dict()[name])
        for name, value in hourglass.state_dict().items()
    )
    inherit(network, detector)
    assert isinstance(network.detector, Heatmap1d)
    with pytest.raises(ModelError, match="cannot go on"):
        inherit(hourglass, detector)
    assert isinstance(build(architecture("tiny", load_scheme("ibug-68"))), AttentionDrivenCropping)
