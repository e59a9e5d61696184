"""Networks translated by `torch.compile`: slow to begin, faster afterwards; their weights and names stay."""

import shutil

from annotator.domain.errors import ModelError
from annotator.nn.adc import AttentionDrivenCropping


def compile_networks(model: AttentionDrivenCropping, device: str) -> None:
    """Has every network of a model translated at its first call, once for each size of picture and batch.

    Args:
        model: a deep copy of it is not translated. device: kind of the device that it will run on, such as `cuda` or `cpu`.

    Raises:
        ModelError: it is a CPU and there is no C++ compiler.
    """
    if device == "cpu" and not any(shutil.which(name) for name in ("c++", "g++", "clang++", "cl")):
        raise ModelError(
            "compiling the networks needs a C++ compiler (Debian: g++); install one or leave --compile away"
        )
    for network in (model.overview, *model.regional):
        network.compile(dynamic=False)
