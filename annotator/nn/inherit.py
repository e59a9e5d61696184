"""Networks that go on from the weights of a simpler one in them: 1D heatmaps from an hourglass, a tracker from its detector."""

from torch import nn

from annotator.domain.errors import ModelError
from annotator.nn.heatmap_1d import Heatmap1d
from annotator.nn.heatmap_tracker import Heatmap1dTracker


def inherit(new: nn.Module, old: nn.Module) -> None:
    """Gives `new`, or the part of it that is of `old`'s kind, the weights of `old`; the rest of it stays as it is.

    Raises:
        ModelError: no part is of that kind, or its sizes differ.
    """
    part = new
    while type(part) is not type(old):
        if isinstance(part, Heatmap1dTracker):
            part = part.detector
        elif isinstance(part, Heatmap1d):
            part = part.network
        else:
            raise ModelError(f"a {type(new).__name__} cannot go on from a {type(old).__name__}")
    try:
        part.load_state_dict(old.state_dict())
    except RuntimeError as error:
        raise ModelError(f"the parent's global network does not fit this one: {error}") from error
