"""Batches, prepared ahead in threads. Draw n of a run depends on the seed and n alone, so a resumed run gets the same batches."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from annotator.domain.scheme import LandmarkScheme
from annotator.training.augment import augment, generator
from annotator.training.clips import augment_clip
from annotator.training.config import TrainingConfig
from annotator.training.source import Sample, SampleSource, pick, pick_clip

_AHEAD = 2
_SIZES_STREAM = 1 << 32


@dataclass(frozen=True, eq=False)
class Batch:
    """Tensors of one step.

    Attributes:
        source_B3SS: uint8 pictures. xy_BL2: float32, their pixels, NaN where missing. weight_BL: float32.
    """

    source_B3SS: Tensor
    xy_BL2: Tensor
    weight_BL: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return Batch(self.source_B3SS.to(device), self.xy_BL2.to(device), self.weight_BL.to(device))


def collate(samples: list[Sample]) -> Batch:
    """Stacks samples of one size; landmarks without a place get weight 0."""
    pixels = np.stack([sample.image for sample in samples])
    xy = np.stack([sample.xy for sample in samples])
    weight = np.stack([np.where(sample.known, sample.weight, 0) for sample in samples])
    return Batch(
        torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(),
        torch.from_numpy(xy.astype(np.float32)),
        torch.from_numpy(weight.astype(np.float32)),
    )


def make_batch(
    config: TrainingConfig,
    scheme: LandmarkScheme,
    source: SampleSource,
    step: int,
    rank: int = 0,
    world: int = 1,
) -> Batch:
    """The batch of a step on one of `world` devices; with `config.clips` one run of frames after another."""
    side = side_at(config, step)
    first = (step * world + rank) * config.batch
    samples = []
    frames = config.clips.frames
    for number in range(first, first + config.batch):
        rng = generator(config.seed, number)
        if frames > 1:
            items = pick_clip(source, rng, frames)
            samples += augment_clip(rng, items, side, scheme, config.augment, config.clips)
        else:
            item = pick(source, rng)
            beside = config.neighbours > 0 and rng.random() < config.neighbours
            other = pick(source, rng) if beside else None
            samples.append(augment(rng, item, side, scheme, config.augment, other))
    return collate(samples)


def side_at(config: TrainingConfig, step: int) -> int:
    """Side of a step's pictures: the same on every device, so that all of them work equally long."""
    if not config.sizes:
        return config.source
    # keys of samples are the seed itself; this stream must not repeat theirs
    return int(generator(config.seed + _SIZES_STREAM, step).choice(config.sizes))


def batches(
    config: TrainingConfig,
    scheme: LandmarkScheme,
    source: SampleSource,
    first: int = 0,
    rank: int = 0,
    world: int = 1,
) -> Iterator[tuple[int, Batch]]:
    """(step, batch) from step `first` on, without end; close the iterator to stop the threads."""
    pool = ThreadPoolExecutor(config.workers, thread_name_prefix="samples")
    waiting: deque[tuple[int, Future[Batch]]] = deque()
    step = first
    try:
        while True:
            while len(waiting) < config.workers + _AHEAD - 1:
                waiting.append((step, pool.submit(make_batch, config, scheme, source, step, rank, world)))
                step += 1
            number, future = waiting.popleft()
            yield number, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
