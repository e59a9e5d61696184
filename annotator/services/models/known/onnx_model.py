"""A model's networks as ONNX files for other programs, each checked against torch (extra `onnx`).

`global.onnx` reads the proxy, one file a region its upright crop; `onnx.json` says what goes in and comes out, and for which
landmarks each file answers. What is no network stays here: the face search, test-time views, boxes, calibration and shape prior.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotator.domain.errors import AnnotatorError, ModelError
from annotator.files import write_whole

CONTENTS = "onnx.json"
_SAME = 0.02  # px of the picture by which a point may lie beside torch's
_INPUT = "float32 [B, 3, side, side], RGB, 0 to 255 as displayed; B as you like"
_OUTPUTS = {
    "heatmaps": "float32 [B, K, h, w], before the softmax over each map",
    "points": "float32 [B, K, 2], x and y from 0 to 1 across the picture, pixels covering [i, i + 1)",
    "covariances": "float32 [B, K, 2, 2] of each map's softmax, in the points' unit squared; not calibrated",
}


def write_onnx(model: Path, folder: Path) -> list[str]:
    """Write the networks of a model folder into another folder; returns the names of the files.

    Raises:
        AnnotatorError: the extra `onnx` is not installed. ModelError: the model cannot be used, or ONNX Runtime answers otherwise
        than torch. FormatError: the folder cannot be written to.
    """
    from annotator.inference.inputs import scheme_of_model
    from annotator.nn.adc import AttentionDrivenCropping
    from annotator.nn.checkpoint import load_model
    from annotator.nn.portable import PortableAnswer, onnx_bytes

    module, card = load_model(model, "cpu")
    if not isinstance(module, AttentionDrivenCropping):
        raise ModelError(f"{model} holds a {type(module).__name__}, which cannot be written as ONNX here.")
    scheme = scheme_of_model(card.scheme, model, module)
    parts: list[tuple[str, int | None, Sequence[int]]] = [("global", None, range(scheme.size))]
    parts += [
        (own.name, number, own.indices) for number, own in enumerate(scheme.regions[: len(module.regions)])
    ]
    networks: list[dict[str, Any]] = []
    for name, region, indices in parts:
        network = PortableAnswer(module, region)
        content = onnx_bytes(network, network.side)
        _check(name, content, network)
        write_whole(folder / f"{name}.onnx", content)
        landmarks = [scheme.names[index] for index in indices]
        networks.append({"file": f"{name}.onnx", "side": network.side, "landmarks": landmarks})
    told = {
        "model": card.id,
        "scheme": card.scheme,
        "sha256": card.sha256,
        "input": {"pixels": _INPUT},
        "outputs": _OUTPUTS,
        "box": {
            name: getattr(module.config.box, name)
            for name in ("margin", "min_aspect", "min_size", "max_size")
        },
        "networks": networks,
    }
    write_whole(folder / CONTENTS, json.dumps(told, indent=2) + "\n")
    return [own["file"] for own in networks] + [CONTENTS]


def _check(name: str, content: bytes, network: Any) -> None:
    """Raises ModelError where ONNX Runtime places points elsewhere than torch."""
    import torch

    try:
        import onnxruntime
    except ImportError as error:
        raise AnnotatorError(
            "ONNX Runtime is not installed: pip install 'annotator-landmarks[onnx]'"
        ) from error
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 3, network.side, network.side)).astype(np.float32)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    points = np.asarray(session.run(["points"], {"pixels": pixels})[0])
    with torch.inference_mode():
        true = network(torch.from_numpy(pixels))[1].numpy()
    apart = float(np.abs(points - true).max()) * network.side
    if not apart <= _SAME:
        raise ModelError(
            f"{name}: the answers as ONNX differ from torch's by {apart:.2g} pixels; nothing was written."
        )
