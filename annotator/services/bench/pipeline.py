"""From a 4096x4096 JPEG to landmarks: decode, proxy, network and the whole, against decoding alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.imaging.proxy import network_pixels, proxy
from annotator.imaging.reader import read_frame
from annotator.inference.predictor import Predictor
from annotator.services.bench.machine import machine
from annotator.services.bench.measure import Stopwatch, Timing, peak_memory, repetitions

_WARM_UP = 2


@dataclass(frozen=True)
class PipelineFigures:
    """What `bench pipeline` reports; times in seconds, memory in bytes.

    Attributes:
        image: the file, with its size in pixels. model, device: what proposed, and where. notes: the predictor's.
        timings: `decode` (file to pixels; the reference of the ratios), `proxy` (exact area average),
            `network` (proposal from pixels, less the proxy) and `total` (file to landmarks).
        memory_before: resident peak before the model was loaded. memory_peak: at the end.
    """

    image: str
    width: int
    height: int
    model: str
    device: str
    notes: tuple[str, ...]
    timings: dict[str, Timing]
    memory_before: int
    memory_peak: int
    machine: dict[str, Any]


def sample_image() -> Path:
    """The first shipped sample frame.

    Raises:
        AnnotatorError: there is none.
    """
    folder = asset("resources/samples")
    found = sorted(folder.rglob("*.jpg"))
    if not found:
        raise AnnotatorError(f"There are no samples in {folder}. Name a frame of your own: --image FILE")
    return found[0]


def bench_pipeline(
    image: Path,
    model: Path,
    device: str = "auto",
    count: int = 20,
    progress: Progress = silent,
    stop: Stop = never,
) -> PipelineFigures:
    """Measure every step on one file, step by step in turn, so that a busy machine slows all of them alike.

    Args:
        image: the frame's file. model: a model folder. device: as in `Predictor`.
        count: repetitions, after a warm-up that is not counted.

    Raises:
        FrameReadError, ModelError: the file or the model cannot be read. Cancelled: `stop` asked for it.
    """
    before = peak_memory()
    predictor = Predictor(model, device=device)
    watch = Stopwatch()
    pixels = read_frame(image)
    for number in repetitions(_WARM_UP + count, stop):
        if number == _WARM_UP:
            watch.forget()
        _one_round(watch, image, predictor)
        progress(number + 1, _WARM_UP + count, "")
    return PipelineFigures(
        str(image),
        pixels.shape[1],
        pixels.shape[0],
        predictor.card.id,
        str(predictor.device),
        tuple(predictor.notes),
        watch.timings(reference="decode"),
        before,
        peak_memory(),
        machine(),
    )


def _one_round(watch: Stopwatch, image: Path, predictor: Predictor) -> None:
    """One repetition of all steps; `total` is measured on its own run, not summed."""
    steps = Stopwatch()
    pixels = watch.time("decode", lambda: read_frame(image))
    watch.time("proxy", lambda: proxy(network_pixels(pixels)))
    steps.time("propose", lambda: predictor.propose(pixels, heatmaps=False))
    steps.time("proxy", lambda: proxy(network_pixels(pixels)))
    taken = steps.timings()
    watch.add("network", max(taken["propose"].median - taken["proxy"].median, 0.0))
    watch.time("total", lambda: predictor.propose(read_frame(image), heatmaps=False))
