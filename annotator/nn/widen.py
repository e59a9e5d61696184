"""Function-preserving widening: a wider network that begins with exactly the answers of the one it grew from.

After Net2WiderNet (Chen et al., "Net2Net", ICLR 2016): every channel is repeated, and what reads the copies shares their weight
out unevenly, so that the copies learn different things from the first step on.
"""

import torch
from torch import Tensor, nn

from annotator.domain.errors import ModelError

_CLOSE = 1e-3


@torch.no_grad()
def widen(wide: nn.Module, narrow: nn.Module, picture_B3HW: Tensor, seed: int = 1) -> None:
    """Gives a network the weights of a narrower one of the same form.

    Args:
        wide: its weights are replaced. Every width is a whole multiple of the narrow one's.
        narrow: stays as it is.
        picture_B3HW: float pictures that both take; on them their answers are compared.
        seed: of the uneven shares.

    Raises:
        ModelError: the forms differ, a width is no multiple, or the answers would differ (such as where groups of a
            normalisation or concatenated channels do not repeat).
    """
    random = torch.Generator().manual_seed(seed)
    have = narrow.state_dict()
    wanted = wide.state_dict()
    if have.keys() != wanted.keys():
        raise ModelError("only the width of a network can grow; this one differs in its form")
    wide.load_state_dict({name: _grown(have[name], wanted[name].shape, random) for name in wanted})
    before, after = narrow.eval()(picture_B3HW), wide.eval()(picture_B3HW)
    for old, new in zip(before, after, strict=True):
        if not torch.allclose(old, new, atol=_CLOSE * float(old.abs().max() + 1)):
            raise ModelError("a network of this form cannot grow by repeating its channels")


def _grown(value: Tensor, shape: torch.Size, random: torch.Generator) -> Tensor:
    """A parameter repeated to a shape: dimension 0 (what is made) is copied, dimension 1 (what is read) shared out."""
    if value.ndim != len(shape) or any(new % old for new, old in zip(shape, value.shape, strict=True)):
        raise ModelError(f"widths must be whole multiples: {tuple(value.shape)} cannot become {tuple(shape)}")
    if value.ndim == 0 or shape[2:] != value.shape[2:]:
        if shape != value.shape:
            raise ModelError("only the width of a network can grow; its kernels differ")
        return value.clone()
    copied = value.repeat(shape[0] // value.shape[0], *([1] * (value.ndim - 1)))
    if value.ndim == 1 or shape[1] == value.shape[1]:
        return copied
    times = shape[1] // value.shape[1]
    shares = 0.5 + torch.rand((times, *copied.shape), generator=random)
    parts = copied * (shares / shares.sum(0))
    return torch.cat(list(parts), 1)
