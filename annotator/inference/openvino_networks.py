"""A model's networks by OpenVINO on the CPU (extra `openvino`, Apache-2.0): the same answers in about half of torch's time.

Each network is tried once beside torch; where one answers otherwise, OpenVINO is not used. What OpenVINO makes of a network,
which takes seconds, is kept in the user's cache folder.
"""

import hashlib
import importlib
import importlib.util
import platform
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch
from torch import Tensor, nn

from annotator.domain.errors import AnnotatorError, ModelError
from annotator.files import write_whole
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.axis_logits import Stages
from annotator.nn.device import choose_device, fast_type
from annotator.nn.heatmap_tracker import Heatmap1dTracker
from annotator.nn.portable import LastMaps, onnx_bytes, portable
from annotator.nn.soft_argmax import soft_argmax

DEVICE = "openvino"
"""The device of this name is the CPU by OpenVINO."""
_BY = " by OpenVINO"
_SAME = 0.02  # px of the network's picture by which a point may lie beside torch's
_SAME_NARROW = 0.5  # the same in bfloat16
_KEPT = 60  # networks in the cache; a model has three to six


def has_openvino() -> bool:
    """Whether the extra is installed."""
    return all(importlib.util.find_spec(name) is not None for name in (DEVICE, "onnx"))


def place(
    model: AttentionDrivenCropping, device: str, precise: bool = False, compiled: bool = False
) -> tuple[torch.device, str, list[str]]:
    """Decide what computes a model: its device, " by OpenVINO" or "", and what there is to say to the artist.

    Args:
        device: as for `choose_device`, or "openvino". "auto" takes OpenVINO on a CPU, where it is installed and answers as torch
            does. precise: as for `use_openvino`. compiled: the networks are to be translated by torch.

    Raises:
        AnnotatorError: the wanted device is not there, or cannot be had with `compiled`. ModelError: as `use_openvino`, where it
        was asked for by name.
    """
    where = choose_device("cpu" if device == DEVICE else device)
    if device == DEVICE:
        if compiled:
            raise AnnotatorError(
                "OpenVINO's networks cannot be compiled by torch as well; leave one of the two away."
            )
        use_openvino(model, precise)
        return where, _BY, []
    if device == "auto" and where.type == "cpu" and not compiled and has_openvino():
        try:
            use_openvino(model, precise)
        except Exception as error:  # whatever a runtime that nobody asked for does, torch is there
            return where, "", [f"Proposing by torch: {error}."]
        return where, _BY, []
    return where, "", []


def use_openvino(model: AttentionDrivenCropping, precise: bool = False) -> None:
    """Has every network of a model answered by OpenVINO from now on; a tracker's stays with torch.

    Args:
        model: on the CPU, for inference alone. precise: float32 also where bfloat16 is faster.

    Raises:
        AnnotatorError: OpenVINO is not installed. ModelError: a network's answers differ from torch's; nothing was changed then.
    """
    narrow = not precise and fast_type(torch.device("cpu")) is torch.bfloat16
    parts = [(model.overview, model.config.proxy), *((own, model.config.crop) for own in model.regional)]
    made = [
        network if isinstance(network, Heatmap1dTracker) else _tried(network.eval(), side, narrow)
        for network, side in parts
    ]
    model.overview = made[0]
    model.regional = nn.ModuleList(made[1:])


def _tried(network: nn.Module, side: int, narrow: bool) -> "_OpenVinoNetwork":
    """A network's twin, once it has answered as the network does."""
    picture = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    twin = _OpenVinoNetwork(network, side, narrow)
    with torch.inference_mode():
        apart = soft_argmax(twin(picture)[-1]) - soft_argmax(network(picture)[-1])
    difference = float(apart.abs().max()) * side
    if not difference <= (_SAME_NARROW if narrow else _SAME):
        raise ModelError(f"OpenVINO's answers differ from torch's by {difference:.2g} pixels")
    return twin


class _OpenVinoNetwork(nn.Module):
    """Answers as a network does: [B, 3, S, S] normalised pixels to its last stage."""

    def __init__(self, network: nn.Module, side: int, narrow: bool) -> None:
        super().__init__()
        openvino = openvino_library()
        core = openvino.Core()
        hints = {
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "INFERENCE_PRECISION_HINT": "bf16" if narrow else "f32",
        }
        kept = _cache() / f"{_name(network, side, f'{openvino.__version__} {hints}')}.blob"
        compiled = None
        with suppress(OSError, RuntimeError):  # there is none, or it is of no use here
            compiled = core.import_model(kept.read_bytes(), "CPU", hints)
        if compiled is None:
            content = onnx_bytes(LastMaps(portable(network)), side, ["heatmaps"])
            compiled = core.compile_model(core.read_model(content), "CPU", hints)
            _keep(kept, compiled.export_model().getvalue())
        self._compiled = compiled

    def forward(self, pixels_B3SS: Tensor) -> Stages:
        """The last stage alone."""
        answer = self._compiled(np.ascontiguousarray(pixels_B3SS.float().numpy()))[0]
        return (torch.from_numpy(np.asarray(answer, np.float32)),)


def openvino_library() -> Any:
    """The library, kept from reporting its use over the network. Raises AnnotatorError where it is not installed."""
    if not has_openvino():
        raise AnnotatorError("OpenVINO is not installed: pip install 'annotator-landmarks[openvino]'")
    # importing the reporter then fails, for which OpenVINO has a stand-in that reports nothing
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    return importlib.import_module(DEVICE)


def _cache() -> Path:
    return Path(platformdirs.user_cache_dir("annotator", appauthor=False)) / "openvino"


def _name(network: nn.Module, side: int, how: str) -> str:
    """A name that says which network it is, and for which program and processor it was made."""
    digest = hashlib.sha256(f"{network!r} {side} {how} {platform.machine()} {platform.processor()}".encode())
    for name, value in network.state_dict().items():
        digest.update(name.encode() + value.contiguous().numpy().tobytes())
    return digest.hexdigest()[:32]


def _keep(path: Path, content: bytes) -> None:
    """Into the cache, from which the oldest ones go; a cache that cannot be written is none."""
    with suppress(AnnotatorError, OSError):
        write_whole(path, content)
        newest = sorted(path.parent.glob("*.blob"), key=lambda own: own.stat().st_mtime, reverse=True)
        for old in newest[_KEPT:]:
            old.unlink(missing_ok=True)
