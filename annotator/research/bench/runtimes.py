"""A model's networks on the CPU by several runtimes: torch in its kinds, ONNX Runtime and OpenVINO where they are installed.

One thread; processor time rather than the clock, so that a busy machine does not decide. The product runs torch, or OpenVINO
where it is installed; this is here so that the choice can be checked again on other machines.
"""

import importlib.util
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from annotator.domain.progress import Stop, never
from annotator.imaging.proxy import proxy
from annotator.imaging.reader import read_frame
from annotator.inference.openvino_networks import has_openvino, openvino_library
from annotator.nn.adc import AttentionDrivenCropping, normalise, shrink
from annotator.nn.axis_logits import maps
from annotator.nn.checkpoint import load_model
from annotator.nn.portable import PIXELS, onnx_bytes, portable
from annotator.nn.roi_align import crop_boxes
from annotator.nn.soft_argmax import soft_argmax
from annotator.research.bench.measure import repetitions
from annotator.research.bench.pipeline import sample_image

_SOURCE = 1024
REFERENCE = "torch bfloat16, channels last"
"""What the predictor does on a CPU with bfloat16."""


@dataclass(frozen=True)
class RuntimeFigures:
    """One line: milliseconds of processor time (the least of all repetitions), ratio to the reference, and the greatest
    difference of a point to float32, in pixels of the network's picture."""

    network: str
    runtime: str
    milliseconds: float
    ratio: float
    difference: float


class _Answer(nn.Module):
    """Pixels 0..255 to the last stage's 2D logits."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels_B3SS: Tensor) -> Tensor:
        """Logits [B, K, h, w]."""
        return maps(self.network(normalise(pixels_B3SS))[-1])


def bench_runtimes(
    model: Path, count: int = 15, compiled: bool = False, stop: Stop = never
) -> list[RuntimeFigures]:
    """Measure the global network on the shipped sample, and the first regional network on a batch of two of its crops.

    Args:
        model: its folder. count: repetitions. compiled: also `torch.compile`, which takes minutes and a C++ compiler.

    Raises:
        ModelError: the model cannot be read. Cancelled: `stop` asked for it.
    """
    module, _ = load_model(model)
    assert isinstance(module, AttentionDrivenCropping)
    face = torch.from_numpy(proxy(read_frame(sample_image()), _SOURCE)[0]).permute(2, 0, 1)[None]
    module.eval()
    parts = [("global", module.overview, shrink(face, module.config.proxy))]
    if module.regions:
        with torch.inference_mode():
            boxes = module(face).boxes_BR4[:, :1]
        crops = crop_boxes(face, boxes.clone(), module.config.crop)[:, 0]
        parts.append(("regional", module.regional[0], crops.repeat(2, 1, 1, 1)))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [row for part in parts for row in _network(*part, count, compiled, stop)]
    finally:
        torch.set_num_threads(threads)


def _network(
    name: str, network: nn.Module, pixels: Tensor, count: int, compiled: bool, stop: Stop
) -> list[RuntimeFigures]:
    whole = _Answer(network).eval()
    with torch.inference_mode():
        true = soft_argmax(whole(pixels))
    found: dict[str, tuple[float, float]] = {}
    for runtime, run in _runtimes(whole, pixels, compiled):
        seconds = []
        for number in repetitions(count + 2, stop):
            start = time.process_time()
            answer = run()
            if number >= 2:
                seconds.append(time.process_time() - start)
        apart = (soft_argmax(answer.float()) - true).norm(dim=-1).max().item() * pixels.shape[-1]
        found[runtime] = (1e3 * min(seconds), apart)
    base = found[REFERENCE][0]
    return [RuntimeFigures(name, kind, ms, ms / base, apart) for kind, (ms, apart) in found.items()]


def _runtimes(whole: nn.Module, pixels: Tensor, compiled: bool) -> Iterator[tuple[str, Callable[[], Tensor]]]:
    """Each runtime by name, ready to run."""

    def plainly(module: Callable[..., Tensor], picture: Tensor, half: bool = False) -> Callable[[], Tensor]:
        def run() -> Tensor:
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, half):
                answer: Tensor = module(picture)
            return answer

        return run

    yield "torch float32", plainly(whole, pixels)
    last = whole.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    picture = pixels.to(memory_format=torch.channels_last)
    yield "torch float32, channels last", plainly(last, picture)
    yield REFERENCE, plainly(last, picture, half=True)
    if compiled:
        yield "torch float32, compiled", plainly(torch.compile(last), picture)
        yield "torch bfloat16, compiled", plainly(torch.compile(last), picture, half=True)
    if importlib.util.find_spec("onnxruntime") and importlib.util.find_spec("onnx"):
        yield "ONNX Runtime float32", _onnx_runtime(last, pixels)
    if has_openvino():
        for kind in ("f32", "bf16"):
            yield f"OpenVINO {kind}", _openvino(last, pixels, kind)


def _onnx_runtime(module: nn.Module, pixels: Tensor) -> Callable[[], Tensor]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    content = onnx_bytes(portable(module), pixels.shape[-1], ["heatmaps"])
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    values = pixels.numpy()
    return lambda: torch.from_numpy(np.asarray(session.run(None, {PIXELS: values})[0]))


def _openvino(module: nn.Module, pixels: Tensor, kind: str) -> Callable[[], Tensor]:
    core = openvino_library().Core()
    hints = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": kind}
    content = onnx_bytes(portable(module), pixels.shape[-1], ["heatmaps"])
    ready = core.compile_model(core.read_model(content), "CPU", hints)
    values = pixels.numpy()
    return lambda: torch.from_numpy(np.asarray(ready(values)[0]))
