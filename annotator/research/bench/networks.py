"""What every architecture costs: weights, milliseconds a frame, and the memory of a training step.

The same measurement answers three questions: how networks of the zoo compare, how 1D heatmaps compare with 2D ones of equal
resolution, and whether a training step at 4096 fits a card.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.nn.adc import AttentionDrivenCropping, shrink
from annotator.nn.axis_logits import cells
from annotator.nn.device import choose_device, fast_type
from annotator.nn.heatmap_tracker import TrackState
from annotator.nn.soft_argmax import soft_argmax
from annotator.nn.zoo import ARCHITECTURES, architecture, build
from annotator.research.bench.measure import StepTimes, Timing, repetitions, resident_peak
from annotator.training.batches import Batch
from annotator.training.config import TrainingConfig
from annotator.training.objective import Objective
from annotator.training.recipes import recipe

_POINTS = 4000
_SEQUENTIAL_FROM = 2048


@dataclass(frozen=True)
class Candidate:
    """A network to measure: the zoo's name and what is changed in it."""

    name: str
    architecture: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class NetworkBench:
    """How to measure.

    Attributes:
        size: side of the square frames. batch: frames of a training step; a tracker's are one run. count: timed repetitions.
        training: also run a training step (its memory is that of forward and backward; the optimiser's is two floats a weight).
    """

    size: int = 1024
    batch: int = 1
    count: int = 5
    device: str = "auto"
    training: bool = True


@dataclass(frozen=True)
class NetworkFigures:
    """One line of the table.

    Attributes:
        parameters: weights. cells: side of the answer's heatmaps (of the first region's, where there are regions).
        frame: time of one frame. step_bytes: most memory that a training step held, None where it was not asked for.
        step_resident: bytes by which the process grew at most in a training step, on a CPU under Linux.
        step_seconds: time of a training step, without counting memory. rounding: mean distance in proxy pixels between a point
            and the centre of its cell, what reading the greatest cell alone would cost. soft: the same for the soft-argmax of
            an ideal peak of one cell in half precision.
    """

    name: str
    parameters: int
    cells: int
    frame: Timing
    step_bytes: int | None
    step_resident: int | None
    step_seconds: float | None
    rounding: float
    soft: float


def candidates(
    names: Sequence[str], width: int | None, crop: int | None, recompute: bool = False
) -> list[Candidate]:
    """Networks of the zoo, narrowed, with another crop, or with activations computed again in the backward pass."""
    found = []
    for name in names:
        own = ARCHITECTURES.get(name, {})
        changes: dict[str, Any] = {}
        if width and "hourglass" in own.get("overview", {}):
            changes["overview"] = {"hourglass": {**own["overview"]["hourglass"], "channels": width}}
        for part in ("overview", "regional"):
            if own.get(part, {}).get("backbone") == "hourglass":
                extra = ({"channels": width} if width else {}) | ({"recompute": True} if recompute else {})
                changes |= {part: extra} if extra else {}
        if crop and "regional" in own and own["regional"].get("backbone") == "hourglass":
            changes["crop"] = crop
        found.append(Candidate(name, name, changes))
    return found


def heatmap_candidates(width: int = 128) -> list[Candidate]:
    """2D and 1D heatmaps of 64, 128 and 256 cells for a 256 picture, on hourglasses that all see the whole of it."""
    found = []
    for scale in (1, 2, 4):
        flat = {"channels": width, "stride": 4 // scale, "depth": 3 + scale.bit_length(), "stacks": 1}
        line = {"scale": scale, "hourglass": {"channels": width, "depth": 4, "stride": 4}}
        found.append(Candidate(f"2D, {64 * scale} cells", "hourglass-2", {"overview": flat}))
        found.append(Candidate(f"1D, {64 * scale} cells", "heatmap-1d", {"overview": line}))
    return found


def bench_networks(
    chosen: Sequence[Candidate],
    scheme: LandmarkScheme,
    options: NetworkBench,
    progress: Progress = silent,
    stop: Stop = never,
) -> list[NetworkFigures]:
    """Measure networks with fresh weights on random pictures.

    Raises:
        ModelError: there is no such architecture. Cancelled: `stop` asked for it. RuntimeError of torch: out of memory.
    """
    figures = []
    for number, candidate in enumerate(chosen):
        progress(number, len(chosen), candidate.name)
        figures.append(_measure(candidate, scheme, options, stop))
    progress(len(chosen), len(chosen), "")
    return figures


def _measure(
    candidate: Candidate, scheme: LandmarkScheme, options: NetworkBench, stop: Stop
) -> NetworkFigures:
    device = choose_device(options.device)
    torch.manual_seed(0)
    model = build(architecture(candidate.architecture, scheme, **candidate.changes)).to(device)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    frame, side = _time_frames(model, options, device, stop)
    step_bytes = resident = step_seconds = None
    if options.training:
        step_bytes, resident, step_seconds = _training_step(model, candidate, options, device)
    rounding, soft = quantisation(side, model.config.proxy)
    weights = sum(value.numel() for value in model.parameters())
    return NetworkFigures(
        candidate.name, weights, side, frame, step_bytes, resident, step_seconds, rounding, soft
    )


def _time_frames(
    model: AttentionDrivenCropping, options: NetworkBench, device: torch.device, stop: Stop
) -> tuple[Timing, int]:
    """Time of one frame from pixels on the device to points, and the side of its maps in cells."""
    picture = torch.randint(0, 256, (1, 3, options.size, options.size), dtype=torch.uint8, device=device)
    model.eval()
    watch = StepTimes()
    with torch.inference_mode(), _arithmetic(device):
        output = model(picture)
        work: Callable[[], object] = partial(model, picture)
        if model.tracker is not None:
            first = model.track(shrink(picture, model.config.proxy), None)[1]
            work = partial(_next_frame, model, picture, first)
        for _ in repetitions(options.count, stop):
            watch.time("frame", _finished(device, work))
    last = output.regions[0].stages[-1] if output.regions else output.overview.stages[-1]
    return watch.timings()["frame"], cells(last)[0]


def _next_frame(model: AttentionDrivenCropping, picture: torch.Tensor, before: TrackState) -> None:
    """A frame of a take by a tracker."""
    model.track(shrink(picture, model.config.proxy), before)


def _training_step(
    model: AttentionDrivenCropping, candidate: Candidate, options: NetworkBench, device: torch.device
) -> tuple[int, int | None, float]:
    """Most bytes that forward and backward of a batch hold, by which the process grows, and the seconds of the same."""
    config = replace(recipe("default"), name=candidate.name, source=options.size, batch=options.batch)
    if model.tracker is not None and options.batch > 1:  # the pictures are a run
        config = replace(config, clips=replace(config.clips, frames=options.batch, steady=0.5))
    objective = Objective(model, config).train()
    batch = _random_batch(model.landmarks, options, device)
    step = partial(_step, objective, batch, config, device)
    held = peak_bytes(device, step)
    model.zero_grad(set_to_none=True)
    watch = StepTimes()
    timed = partial(watch.time, "step", _finished(device, step))
    resident = resident_peak(timed)
    if device.type != "cpu":  # what the processor holds meanwhile says nothing
        resident = None
    return held, resident, watch.timings()["step"].median


def peak_bytes(device: torch.device, work: Callable[[], object]) -> int:
    """Run `work` and return the greatest number of bytes of tensors that it held at once.

    CUDA counts what its allocator handed out (`max_memory_allocated`), workspaces of libraries left out. On the CPU every
    allocation of a tensor is added up, which slows the work down: do not time it.
    """
    if device.type == "cuda":
        return _peak_on_cuda(device, work)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        work()
    results: Any = seen.profiler
    events = [event for event in results.kineto_results.events() if event.name() == "[memory]"]
    now = peak = 0
    for event in sorted(events, key=lambda event: int(event.start_ns())):
        now += int(event.nbytes())
        peak = max(peak, now)
    return peak


def _peak_on_cuda(device: torch.device, work: Callable[[], object]) -> int:
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    work()
    torch.cuda.synchronize(device)
    return int(torch.cuda.max_memory_allocated(device) - before)


def _step(objective: Objective, batch: Batch, config: TrainingConfig, device: torch.device) -> None:
    """Forward and backward as the loop runs them: region by region for large frames."""
    with _arithmetic(device):
        if config.source >= _SEQUENTIAL_FROM and objective.model.regions:
            objective.backward_by_region(batch, 1, 0, lambda loss: loss.backward())
            return
        loss = objective(batch.source_B3SS, batch.xy_BL2, batch.weight_BL, 1, 0)["loss"]
    loss.backward()


def _random_batch(landmarks: int, options: NetworkBench, device: torch.device) -> Batch:
    """Noise with points in the middle half, so that crops are about a quarter of the frame wide, as those of a real face."""
    shape = (options.batch, 3, options.size, options.size)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8, device=device)
    points = (torch.rand(options.batch, landmarks, 2, device=device) * 0.15 + 0.4) * options.size
    return Batch(pixels, points, torch.ones(options.batch, landmarks, device=device))


def quantisation(side: int, proxy: int) -> tuple[float, float]:
    """Mean errors in proxy pixels of maps of `side` cells: the greatest cell's centre; the soft-argmax of a bfloat16 peak."""
    true = torch.from_numpy(np.random.default_rng(0).uniform(0.2, 0.8, (1, _POINTS, 2))).float()
    nearest = (torch.floor(true * side) + 0.5) / side
    place = (torch.arange(side) + 0.5) / side
    found = []
    for part in true.split(50, 1):
        over = -(((place - part[..., None]) * side) ** 2) / 2
        maps = over[..., 1, :, None] + over[..., 0, None, :]
        found.append(soft_argmax(maps.bfloat16()))
    soft = (torch.cat(found, 1) - true).norm(dim=-1).mean().item() * proxy
    return (nearest - true).norm(dim=-1).mean().item() * proxy, soft


def _arithmetic(device: torch.device) -> AbstractContextManager[None]:
    kind = fast_type(device)
    return nullcontext() if kind is None else torch.autocast(device.type, kind)


def _finished(device: torch.device, work: Callable[[], object]) -> Callable[[], None]:
    """`work`, with the device's queue empty before it returns."""

    def run() -> None:
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return run
