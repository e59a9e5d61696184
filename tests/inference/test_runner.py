"""What happens when memory runs out."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from annotator.domain.errors import AnnotatorError, ModelError
from annotator.domain.faces.confidence import sigma
from annotator.inference.decode import read_maps
from annotator.inference.predictor import Predictor
from annotator.inference.regions import box_affines
from annotator.inference.runner import Runner
from annotator.inference.test_time_views import FrameViews
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.outputs import GlobalOutput

from .conftest import build_module, paint


def _limited(module: AttentionDrivenCropping, most: int, kinds: tuple[str, ...]) -> list[tuple[int, str]]:
    """Makes the module run out of memory for more than `most` pictures, or on any device not in `kinds`; returns its calls."""
    calls: list[tuple[int, str]] = []
    plain = module.forward_global

    def forward_global(batch: Tensor) -> GlobalOutput:
        calls.append((len(batch), batch.device.type))
        if len(batch) > most or batch.device.type not in kinds:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return plain(batch)

    module.forward_global = forward_global  # type: ignore[method-assign]
    return calls


def test_smaller_batches_then_the_rest_at_that_size() -> None:
    module = build_module()
    calls = _limited(module, 2, ("cpu",))
    runner = Runner(module, torch.device("cpu"), 8)
    views = [paint(64, 64, (12.0, 10.0 + i), 36.0)[0] for i in range(5)]
    maps = runner.global_maps(views)
    assert [size for size, _ in calls] == [5, 2, 2, 1]
    assert len(runner.notes) == 1
    assert "2 pictures at a time" in runner.notes[0]
    tops = [own.xy[0, 1] * 64 for own in maps]
    assert np.diff(tops) == pytest.approx([1.0] * 4, abs=0.05)


def test_the_processor_takes_over_and_says_so() -> None:
    module = build_module()
    calls = _limited(module, 8, ("cpu",))
    runner = Runner(module, torch.device("meta"), 2)
    maps = runner.global_maps([paint(64, 64, (12.0, 10.0), 36.0)[0]])
    assert calls == [(1, "meta"), (1, "cpu")]
    assert maps[0].xy[0] * 64 == pytest.approx([12.0, 10.0], abs=0.1)
    assert runner.device.type == "cpu"
    assert "going on with the CPU" in runner.notes[0]


def test_compiled_networks_answer_alike_and_the_processor_gets_plain_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = paint(64, 64, (12.0, 10.0), 36.0)[0]
    (plain,) = Runner(build_module(), torch.device("cpu"), 2).global_maps([view])
    with torch.compiler.set_stance("force_eager"):  # the compiler itself takes minutes
        (compiled,) = Runner(build_module(), torch.device("cpu"), 2, compiled=True).global_maps([view])
    np.testing.assert_allclose(compiled.xy, plain.xy, atol=1e-6)
    whole = AttentionDrivenCropping.forward_global

    def forward_global(self: AttentionDrivenCropping, batch: Tensor) -> GlobalOutput:
        if batch.device.type == "meta":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return whole(self, batch)

    monkeypatch.setattr(AttentionDrivenCropping, "forward_global", forward_global)
    runner = Runner(build_module(), torch.device("meta"), 2, compiled=True)
    with torch.compiler.set_stance("fail_on_recompile"):  # a network that is still compiled would fail
        (fallen,) = runner.global_maps([view])
    np.testing.assert_allclose(fallen.xy, plain.xy, atol=1e-6)


def test_too_little_memory_everywhere_is_a_plain_error(make_predictor: Callable[..., Predictor]) -> None:
    module = build_module()
    _limited(module, 0, ("cpu",))
    with pytest.raises(AnnotatorError, match="close other programs"):
        make_predictor(module).propose(np.zeros((64, 64, 3), np.uint8))


def test_other_errors_are_not_taken_for_memory_trouble() -> None:
    module = build_module()

    def broken(_: Tensor) -> GlobalOutput:
        raise RuntimeError("shapes do not match")

    module.forward_global = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="shapes"):
        Runner(module, torch.device("cpu"), 1).global_maps([np.zeros((64, 64, 3), np.uint8)])


def _smooth_frame() -> np.ndarray:
    rng = np.random.default_rng(0)
    return cv2.GaussianBlur(rng.integers(0, 255, (300, 400, 3), np.uint8), (0, 0), 2.0)


BOXES = np.array([[250.3, 120.2, 330.9, 200.1], [160.0, 80.0, 390.0, 260.0], [350.0, 250.0, 450.0, 350.0]])


def test_crops_of_a_window_equal_crops_of_the_frame() -> None:
    runner = Runner(build_module(), torch.device("cpu"), 1)
    frame = _smooth_frame()
    whole = np.concatenate([BOXES, [[0.0, 0.0, 400.0, 300.0]]])
    crops = runner.device_crops(frame, BOXES)
    assert crops.shape == (3, 3, 64, 64)
    assert torch.allclose(crops, runner.device_crops(frame, whole)[:3], atol=2e-3)
    assert crops[2, :, -1, -1].abs().max() == 0.0
    outside = np.array([[500.0, 500.0, 600.0, 600.0]])
    assert runner.device_crops(frame, outside).abs().max() == 0.0
    assert runner.crops(FrameViews(frame), box_affines(outside, 0.0)).abs().max() == 0.0


def test_both_ways_of_cropping_see_the_same() -> None:
    runner = Runner(build_module(), torch.device("cpu"), 1)
    frame = _smooth_frame()
    difference = (
        runner.crops(FrameViews(frame), box_affines(BOXES, 0.0)) - runner.device_crops(frame, BOXES)
    ).abs()
    assert difference[:2].max() < 6.0  # a halving is a little softer than what it was made of
    assert difference.mean() < 0.6


@pytest.mark.parametrize("size", [(3200, 2400), (3203, 2401)])
def test_crops_of_a_large_frame_are_its_area_averages(size: tuple[int, int]) -> None:
    runner = Runner(build_module(), torch.device("cpu"), 1)
    frame = cv2.resize(_smooth_frame(), size, interpolation=cv2.INTER_CUBIC)
    boxes = BOXES[:2] * 8.0
    difference = (
        runner.crops(FrameViews(frame), box_affines(boxes, 0.0)) - runner.device_crops(frame, boxes)
    ).abs()
    assert difference.max() < 8.0
    assert difference.mean() < 1.0


def test_maps_keep_a_floor_of_uncertainty_and_refuse_what_is_no_number() -> None:
    logits = torch.full((2, 1, 8, 16), -40.0)
    logits[:, 0, 5, 3] = 40.0
    unit = torch.tensor([[[3.5 / 16, 5.5 / 8]]]).expand(2, -1, -1)
    first, second = read_maps(logits, unit)
    frame_from_unit = np.array([[160.0, 0.0, 100.0], [0.0, 160.0, 20.0]])
    points = first.in_frame(frame_from_unit, scale=4.0)
    assert points.xy[0] == pytest.approx([135.0, 130.0])
    assert points.covariance[0] == pytest.approx(4.0 * np.diag([1.0, 4.0]), abs=1e-4)
    assert sigma(points.covariance)[0] == pytest.approx(np.sqrt(10.0), abs=1e-4)
    assert np.array_equal(first.covariance, second.covariance)
    logits[0, 0, 0, 0] = float("nan")
    with pytest.raises(ModelError, match="weights are damaged"):
        read_maps(logits, unit)
