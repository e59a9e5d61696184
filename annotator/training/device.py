"""What the device can do: half precision only where it is a gain."""

import torch
from torch.backends import mps

from annotator.training.config import Precision


def usable_precision(wanted: Precision, accelerator: str) -> Precision:
    """The wanted precision, or `32-true` where the device has no fast arithmetic for it.

    Args:
        wanted: of a recipe. accelerator: as Fabric names it; `auto` takes CUDA, else MPS, else the CPU.
    """
    if wanted == "32-true":
        return wanted
    kind = device_kind(accelerator)
    if kind in ("cuda", "gpu"):
        fast = wanted == "16-mixed" or torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = kind == "cpu" and wanted == "bf16-mixed" and _cpu_has_bfloat16()
    return wanted if fast else "32-true"


def device_kind(accelerator: str) -> str:
    """The accelerator that is meant, as Fabric names it: for `auto` the fastest that is there."""
    if accelerator != "auto":
        return accelerator
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if mps.is_available() else "cpu"


def _cpu_has_bfloat16() -> bool:
    """True where the processor multiplies bfloat16 itself; emulated it is slower than float32."""
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(supported is not None and supported())
