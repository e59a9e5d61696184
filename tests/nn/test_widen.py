"""Widening keeps the answers, and lets the copies learn apart."""

from dataclasses import replace

import pytest
import torch

from annotator.domain.errors import ModelError
from annotator.nn.hourglass import HourglassConfig, HourglassNetwork
from annotator.nn.widen import widen

NARROW = HourglassConfig(channels=16, depth=2, stride=2)


def shaken(config: HourglassConfig) -> HourglassNetwork:
    """A network whose every parameter matters, heads included."""
    torch.manual_seed(4)
    network = HourglassNetwork(5, config)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return network


@pytest.mark.parametrize("changes", [{}, {"light": True}, {"stacks": 2}, {"norm": "batch"}, {"norm": "none"}])
@pytest.mark.parametrize("times", [2, 3])
def test_a_wider_network_begins_with_the_same_answers(changes: dict[str, object], times: int) -> None:
    narrow = shaken(replace(NARROW, **changes))  # type: ignore[arg-type]
    wide = HourglassNetwork(5, replace(narrow.config, channels=16 * times))
    pictures = torch.rand(2, 3, 32, 48)
    widen(wide, narrow, pictures)
    for old, new in zip(narrow(pictures), wide(pictures), strict=True):
        torch.testing.assert_close(new, old, rtol=1e-3, atol=1e-3)


def test_the_copies_of_a_channel_learn_apart() -> None:
    narrow = shaken(NARROW)
    wide = HourglassNetwork(5, replace(NARROW, channels=32))
    widen(wide, narrow, torch.rand(2, 3, 32, 32))
    wide(torch.rand(2, 3, 32, 32))[-1].square().sum().backward()
    bias = wide.features[0][1].bias.grad
    assert bias is not None
    assert not torch.allclose(bias[:16], bias[16:], rtol=1e-2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"channels": 24}, "whole multiples"),
        ({"channels": 32, "depth": 3}, "differs in its form"),
        ({"channels": 32, "block": "hierarchical"}, "differs in its form"),
    ],
)
def test_what_cannot_grow_is_refused(changes: dict[str, object], reason: str) -> None:
    wide = HourglassNetwork(5, replace(NARROW, **changes))  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=reason):
        widen(wide, shaken(NARROW), torch.rand(1, 3, 32, 32))


def test_concatenated_channels_are_refused_by_their_answers() -> None:
    narrow = shaken(replace(NARROW, block="hierarchical"))
    wide = HourglassNetwork(5, replace(narrow.config, channels=32))
    with pytest.raises(ModelError, match="cannot grow by repeating"):
        widen(wide, narrow, torch.rand(2, 3, 32, 32))
