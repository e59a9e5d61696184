"""From a 4096x4096 JPEG to landmarks: decode, proxy, network and the whole, against decoding alone."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.proxy import area_resize, network_pixels, proxy
from annotator.imaging.reader import read_frame
from annotator.inference.mediapipe import MediaPipePredictor
from annotator.inference.predictor import Predictor
from annotator.research.bench.machine import machine
from annotator.research.bench.measure import StepTimes, Timing, peak_memory, repetitions
from annotator.training.photometry import background

_WARM_UP = 2
_CLOUDS = 4  # a seed that gives soft clouds of colour
_EMPTY = 256  # px of the soft colours that are enlarged to a frame without a face


@dataclass(frozen=True)
class PipelineFigures:
    """What `bench pipeline` reports; times in seconds, memory in bytes.

    Attributes:
        image: the file, with its size in pixels. model, device: what proposed, and where. notes: the predictor's.
        timings: `decode` (file to pixels; the reference of the ratios), `proxy` (exact area average),
            `network` (proposal from pixels, less the proxy), `no face` (the same for a frame without one) and `total` (file to
            landmarks); with MediaPipe also
            `mediapipe` (file to landmarks by it, in its own process).
        ratio_to_mediapipe: median `total` over median `mediapipe`; None without it.
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
    ratio_to_mediapipe: float | None = None


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
    mediapipe_python: Path | None = None,
    compiled: bool = False,
) -> PipelineFigures:
    """Measure every step on one file, step by step in turn, so that a busy machine slows all of them alike.

    Args:
        image: the frame's file. model: a model folder. device: as in `Predictor`.
        count: repetitions, after a warm-up that is not counted.
        mediapipe_python: an interpreter with MediaPipe, to which the total is compared; None leaves it out.
        compiled: as in `Predictor`; the warm-up then takes a minute or more.

    Raises:
        FrameReadError, ModelError: the file or the model cannot be read. Cancelled: `stop` asked for it.
    """
    before = peak_memory()
    predictor = Predictor(model, device=device, compiled=compiled)
    watch = StepTimes()
    pixels = read_frame(image)
    empty = area_resize(background(np.random.default_rng(_CLOUDS), _EMPTY), pixels.shape[1], pixels.shape[0])
    with _mesh(mediapipe_python, predictor.scheme) as mesh:
        for number in repetitions(_WARM_UP + count, stop):
            if number == _WARM_UP:
                watch.forget()
            _one_round(watch, image, empty, predictor)
            if mesh is not None:
                watch.time("mediapipe", lambda: mesh.propose(read_frame(image)))
            progress(number + 1, _WARM_UP + count, "")
    timings = watch.timings(reference="decode")
    return PipelineFigures(
        str(image),
        pixels.shape[1],
        pixels.shape[0],
        predictor.card.id,
        str(predictor.device),
        tuple(predictor.notes),
        timings,
        before,
        peak_memory(),
        machine(),
        timings["total"].median / timings["mediapipe"].median if "mediapipe" in timings else None,
    )


def _mesh(
    interpreter: Path | None, scheme: LandmarkScheme
) -> AbstractContextManager[MediaPipePredictor | None]:
    return nullcontext() if interpreter is None else MediaPipePredictor(interpreter, scheme)


def _one_round(watch: StepTimes, image: Path, empty: NDArray[np.uint8], predictor: Predictor) -> None:
    """One repetition of all steps; `total` is measured on its own run, not summed."""
    steps = StepTimes()
    pixels = watch.time("decode", lambda: read_frame(image))
    watch.time("proxy", lambda: proxy(network_pixels(pixels)))
    steps.time("propose", lambda: predictor.propose(pixels, heatmaps=False))
    steps.time("proxy", lambda: proxy(network_pixels(pixels)))
    taken = steps.timings()
    watch.add("network", max(taken["propose"].median - taken["proxy"].median, 0.0))
    watch.time("no face", lambda: predictor.propose(empty, heatmaps=False))
    watch.time("total", lambda: predictor.propose(read_frame(image), heatmaps=False))
