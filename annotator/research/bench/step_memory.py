"""The most memory that a piece of work holds at once, beyond what was there before it: tensors on the CPU or on a CUDA device."""

from collections.abc import Callable
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile


def peak_bytes(device: torch.device, work: Callable[[], object]) -> int:
    """Run `work` and return the greatest number of bytes of tensors that it held at once.

    CUDA counts what its allocator handed out (`max_memory_allocated`), workspaces of libraries left out. On the CPU every
    allocation of a tensor is added up, which slows the work down: do not time it.
    """
    if device.type == "cuda":
        return _cuda(device, work)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        work()
    results: Any = seen.profiler
    events = [event for event in results.kineto_results.events() if event.name() == "[memory]"]
    now = peak = 0
    for event in sorted(events, key=lambda event: int(event.start_ns())):
        now += int(event.nbytes())
        peak = max(peak, now)
    return peak


def _cuda(device: torch.device, work: Callable[[], object]) -> int:
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    work()
    torch.cuda.synchronize(device)
    return int(torch.cuda.max_memory_allocated(device) - before)
