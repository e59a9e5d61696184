"""Runs the networks on batches, and finds a way on when memory runs out: smaller batches, then the CPU, and says so.

Legend: N pictures, R regions, S side of a picture in pixels.
"""

import copy
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.inference.decode import Maps, read_maps
from annotator.inference.test_time_views import FrameViews
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.compiled import compile_networks
from annotator.nn.device import fast_type, is_out_of_memory, release_memory
from annotator.nn.heatmap_tracker import TrackState
from annotator.nn.roi_align import crop_boxes

In = TypeVar("In")
Out = TypeVar("Out")
_EDGE = 4  # frame pixels kept round the boxes, more than interpolation reaches


class Runner:
    """A network on a device. `notes` holds what went otherwise than asked for, in words for the artist."""

    def __init__(
        self,
        module: AttentionDrivenCropping,
        device: torch.device,
        batch: int,
        precise: bool = False,
        compiled: bool = False,
    ) -> None:
        """Take a module to a device.

        Args:
            precise: convolve in float32 even where a narrower type is faster. compiled: translate the networks first.

        Raises:
            ModelError: there is no compiler.
        """
        self._module = module.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        if compiled:
            compile_networks(self._module, device.type)
        self.device = device
        self.batch = batch
        self.notes: list[str] = []
        self._precise = precise

    @torch.inference_mode()
    def global_maps(self, pictures: Sequence[NDArray[np.uint8]]) -> list[Maps]:
        """The global network on N views uint8[S,S,3]."""

        def run(part: Sequence[NDArray[np.uint8]]) -> list[Maps]:
            batch = torch.from_numpy(np.stack(part)).to(self.device).permute(0, 3, 1, 2)
            with self._arithmetic():
                answer = self._module.forward_global(batch)
            return read_maps(answer.logits_BLhw, answer.xy_BL2)

        return self._in_batches(pictures, run)

    @property
    def one_by_one(self) -> bool:
        """Whether pictures read together take nearly as long as one after the other: on CPUs."""
        return self.device.type == "cpu"

    @property
    def looks_back(self) -> bool:
        """Whether the global network can look back at the frame before."""
        return self._module.tracker is not None

    @torch.inference_mode()
    def track(self, picture: NDArray[np.uint8], before: TrackState | None) -> tuple[Maps, TrackState]:
        """The global network on a view uint8[S,S,3] of a take's next frame, looking back; and the state to hand on."""

        def run(part: Sequence[NDArray[np.uint8]]) -> list[tuple[Maps, TrackState]]:
            batch = torch.from_numpy(np.stack(part)).to(self.device).permute(0, 3, 1, 2)
            held = None if before is None else before.to(self.device)
            with self._arithmetic():
                answer, state = self._module.track(batch, held)
            return [(read_maps(answer.logits_BLhw, answer.xy_BL2)[0], state)]

        return self._in_batches([picture], run)[0]

    def crops(self, frame: FrameViews, frame_from_unit: NDArray[np.float64]) -> torch.Tensor:
        """Crops float32 [R,3,S,S] (0..255) of the parallelograms [R,2,3] of a frame.

        On the CPU by OpenCV, several times faster there and equal to within a grey level; upright ones elsewhere on the device.
        """
        upright = np.all(frame_from_unit[:, [0, 1], [1, 0]] == 0) and np.all(frame_from_unit[:, 0, 0] > 0)
        if self.device.type != "cpu" and upright:
            low, size = frame_from_unit[:, :, 2], frame_from_unit[:, [0, 1], [0, 1]]
            boxes = np.concatenate([low, low + size], axis=1)
            return self._in_batches([boxes], lambda part: [self.device_crops(frame.pixels, part[0])])[0]
        side = self._module.config.crop
        pictures = np.stack([frame.picture(own, side) for own in frame_from_unit])
        return torch.from_numpy(pictures).permute(0, 3, 1, 2).float()

    @torch.inference_mode()
    def device_crops(self, frame: NDArray[np.uint8], boxes: NDArray[np.float64]) -> torch.Tensor:
        """The same by the networks' own crop on the model's device; only the window that the boxes span is sent there."""
        height, width = frame.shape[:2]
        low = np.floor(boxes[:, :2].min(axis=0)) - _EDGE
        high = np.ceil(boxes[:, 2:].max(axis=0)) + _EDGE
        x0, y0 = np.clip(low, 0, [width, height]).astype(int)
        x1, y1 = np.clip(high, [x0, y0], [width, height]).astype(int)
        window = torch.from_numpy(np.ascontiguousarray(frame[y0:y1, x0:x1])).to(self.device).permute(2, 0, 1)
        local = torch.as_tensor(boxes - np.array([x0, y0, x0, y0]), dtype=torch.float32, device=self.device)
        return crop_boxes(window[None], local[None], self._module.config.crop)[0]

    @torch.inference_mode()
    def regional_maps(self, crops: Sequence[torch.Tensor], numbers: Sequence[int]) -> list[list[Maps]]:
        """The regional networks on each frame's crops [R,3,S,S], which belong to the regions `numbers`."""

        def run(part: Sequence[torch.Tensor]) -> list[list[Maps]]:
            batch = torch.stack([own.to(self.device) for own in part])
            unit_boxes = torch.tensor([0.0, 0.0, 1.0, 1.0], device=self.device).expand(
                len(part), len(numbers), 4
            )
            with self._arithmetic():
                answers = self._module.forward_crops(batch, unit_boxes, numbers)
            by_region = [read_maps(answer.logits_BKhw, answer.unit_BK2) for answer in answers]
            return [list(own) for own in zip(*by_region, strict=True)]

        return self._in_batches(crops, run) if numbers else [[] for _ in crops]

    @torch.inference_mode()
    def boxes(self, xy: NDArray[np.float64], frame_side: float) -> NDArray[np.float64]:
        """Boxes float64[R,4] of all regions round points [L,2], in their pixels."""
        points = torch.from_numpy(np.ascontiguousarray(xy, np.float64))[None]
        return np.asarray(self._module.boxes(points, frame_side)[0].numpy(), np.float64)

    def _arithmetic(self) -> AbstractContextManager[None]:
        kind = None if self._precise else fast_type(self.device)
        return nullcontext() if kind is None else torch.autocast(self.device.type, kind)

    def _in_batches(self, items: Sequence[In], run: Callable[[Sequence[In]], list[Out]]) -> list[Out]:
        """`run` over all items in batches that fit; raises AnnotatorError when one item does not fit on the CPU."""
        done: list[Out] = []
        while len(done) < len(items):
            part = items[len(done) : len(done) + self.batch]
            try:
                done += run(part)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                self._make_room(len(part), error)
        return done

    def _make_room(self, tried: int, error: BaseException) -> None:
        """Halve the batch, or move to the CPU, and note it."""
        release_memory(self.device)
        if tried > 1:
            self.batch = tried // 2
            self._note(f"{self.device} ran out of memory: going on with {self.batch} pictures at a time.")
        elif self.device.type != "cpu":
            self._note(
                f"{self.device} ran out of memory even for one picture: going on with the CPU, which is slower."
            )
            self.device = torch.device("cpu")
            self._module = copy.deepcopy(self._module.to(self.device))  # a copy is not compiled for the GPU
        else:
            raise AnnotatorError(
                "There is too little memory for this frame: close other programs and try again."
            ) from error

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
