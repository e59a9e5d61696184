"""Which processor a model runs on, in which precision, and what to do when its memory runs out."""

import torch

from annotator.domain.errors import AnnotatorError

CHOICES = ("auto", "cuda", "mps", "cpu")


def choose_device(name: str = "auto") -> torch.device:
    """The device for "auto" (CUDA, else MPS, else CPU), "cuda", "cuda:1", "mps" or "cpu".

    Raises AnnotatorError when the wanted one is not there, with what to do.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind = name.split(":")[0]
    if kind not in CHOICES:
        raise AnnotatorError(
            f"Unknown device '{name}': choose one of {', '.join(CHOICES)}, or 'cuda:1' for the second GPU."
        )
    device = torch.device(name)
    if kind == "cuda" and not (torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()):
        raise AnnotatorError(
            f"There is no CUDA device '{name}' (torch sees {torch.cuda.device_count()}): install a CUDA build of torch "
            "and the driver, or choose 'auto' or 'cpu'."
        )
    if kind == "mps" and not torch.backends.mps.is_available():
        raise AnnotatorError(
            "MPS is not available here: it needs an Apple GPU and macOS 12.3. Choose 'auto' or 'cpu'."
        )
    return device


def fast_type(device: torch.device) -> torch.dtype | None:
    """The half-width type in which this device convolves faster than in float32, or None.

    bfloat16 where the processor has instructions for it (measured 1.8 times faster for the starter on such a CPU; heatmaps
    are still summed in float32). Without them it would be emulated, many times slower.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else None
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return torch.bfloat16 if device.type == "cpu" and supported is not None and supported() else None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch (CUDA, MPS or CPU allocator) or Python means that memory ran out."""
    if isinstance(error, torch.cuda.OutOfMemoryError | MemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)


def release_memory(device: torch.device) -> None:
    """Give cached blocks back before a smaller attempt."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
