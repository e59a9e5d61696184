"""Every architecture by name, as plain dicts that a model card can hold.

`architecture(name, scheme)` gives a complete dict; `build` makes the network from it, with fresh weights.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import fields
from typing import Any, TypeVar

from torch import nn

from annotator.domain.errors import ModelError
from annotator.domain.scheme import LandmarkScheme
from annotator.nn.adc import AdcConfig, AttentionDrivenCropping, Backbone
from annotator.nn.attention_crop import BoxRule
from annotator.nn.heatmap_1d import Heatmap1d, Heatmap1dConfig
from annotator.nn.heatmap_tracker import Heatmap1dTracker, Heatmap1dTrackerConfig
from annotator.nn.hourglass import HourglassConfig, HourglassNetwork
from annotator.nn.plain_cnn import PlainCnn, PlainCnnConfig
from annotator.nn.pose_machine import PoseMachine, PoseMachineConfig

T = TypeVar("T")

Options = Mapping[str, Any]

BACKBONES: dict[str, Callable[[int, int, Options], nn.Module]] = {
    "hourglass": lambda landmarks, _, options: HourglassNetwork(landmarks, _config(HourglassConfig, options)),
    "pose-machine": lambda landmarks, _, options: PoseMachine(landmarks, _config(PoseMachineConfig, options)),
    "plain-cnn": lambda landmarks, side, options: PlainCnn(
        landmarks, _config(PlainCnnConfig, {"side": side, **options})
    ),
    "heatmap-1d": lambda landmarks, side, options: Heatmap1d(
        landmarks, _config(Heatmap1dConfig, {"side": side, **options})
    ),
    "heatmap-1d-tracker": lambda landmarks, side, options: Heatmap1dTracker(
        landmarks, _config(Heatmap1dTrackerConfig, {"side": side, **options})
    ),
}
"""Network families: (landmarks, side of its pictures, options) -> module."""

_HOURGLASS = {"backbone": "hourglass", "channels": 128, "depth": 4, "stride": 2}
_LIGHT = {**_HOURGLASS, "light": True}
_PAPER = {
    "backbone": "hourglass",
    "channels": 256,
    "depth": 5,
    "stride": 1,
    "norm": "batch",
    "init": "xavier",
}
_ONE_DIMENSION = {
    "backbone": "heatmap-1d",
    "scale": 2,
    "hourglass": {"channels": 128, "depth": 4, "stride": 4},
}


def _adc(regional: dict[str, Any], overview: dict[str, Any] = _HOURGLASS, **more: Any) -> dict[str, Any]:
    return {"proxy": 256, "crop": 256, "overview": overview, "regional": regional, **more}


def _holistic(overview: dict[str, Any], proxy: int = 256) -> dict[str, Any]:
    return {"proxy": proxy, "overview": overview}


ARCHITECTURES: dict[str, dict[str, Any]] = {
    "tiny": {
        "proxy": 64,
        "crop": 32,
        "share_mirrored": True,
        "overview": {"backbone": "hourglass", "channels": 16, "depth": 2, "stride": 4},
        "regional": {"backbone": "hourglass", "channels": 16, "depth": 2, "stride": 2},
    },
    "starter": {
        "proxy": 256,
        "crop": 96,
        "share_mirrored": True,
        "overview": {"backbone": "hourglass", "channels": 48, "depth": 4, "stride": 4},
        "regional": {"backbone": "hourglass", "channels": 48, "depth": 3, "stride": 2},
    },
    "adc": _adc(_HOURGLASS),
    "adc-light": _adc(_LIGHT, _LIGHT),
    "adc-paper": _adc(_PAPER, _PAPER, box_grad="full"),
    "adc-shared": _adc(_HOURGLASS, share_mirrored=True),
    "adc-stacked": _adc({**_HOURGLASS, "stacks": 2}),
    "adc-pose-machine": _adc({"backbone": "pose-machine", "stages": 1, "stride": 4}),
    "adc-cnn6": _adc({"backbone": "plain-cnn", "layers": 6}, crop=64),
    "adc-cnn7": _adc({"backbone": "plain-cnn", "layers": 7}, crop=128),
    "adc-heatmap-1d": _adc(_ONE_DIMENSION),
    "hourglass-2": _holistic(
        {"backbone": "hourglass", "channels": 256, "depth": 4, "stride": 4, "stacks": 2}
    ),
    "fan-4": _holistic(
        {
            "backbone": "hourglass",
            "channels": 256,
            "depth": 4,
            "stride": 4,
            "stacks": 4,
            "block": "hierarchical",
        }
    ),
    "pose-machine-6": _holistic({"backbone": "pose-machine", "stages": 6, "stride": 8}),
    "cnn6": _holistic({"backbone": "plain-cnn", "layers": 6}, proxy=64),
    "cnn7": _holistic({"backbone": "plain-cnn", "layers": 7}, proxy=128),
    "heatmap-1d": _holistic(_ONE_DIMENSION),
    "heatmap-1d-tracker": _holistic({**_ONE_DIMENSION, "backbone": "heatmap-1d-tracker"}),
}
"""Architectures by name, still without a scheme. Without `regional` a model is holistic."""


_MOST = {
    "landmarks": 4096,
    "proxy": 2048,
    "crop": 2048,
    "channels": 2048,
    "depth": 10,
    "stride": 32,
    "stacks": 16,
    "stages": 16,
    "layers": 16,
    "hidden": 1 << 16,
    "kernel": 63,
    "scale": 8,
    "dimensions": 4096,
    "memory": 4096,
}
"""The most that a description may ask for."""


def architecture(name: str, scheme: LandmarkScheme, **changes: Any) -> dict[str, Any]:
    """A complete architecture for a scheme, ready for a model card.

    Args:
        name: one of `ARCHITECTURES`.
        scheme: gives landmarks, regions and mirror pairs.
        changes: top-level values to replace; a dict is merged into the dict that it meets.

    Raises:
        ModelError: there is no such architecture.
    """
    if name not in ARCHITECTURES:
        raise ModelError(f"there is no architecture {name!r}; known are {', '.join(ARCHITECTURES)}")
    result = changed(ARCHITECTURES[name], changes)
    regions = [list(region.indices) for region in scheme.regions] if "regional" in result else []
    return {
        "name": name,
        "landmarks": scheme.size,
        "regions": regions,
        "mirror": [int(i) for i in scheme.mirror],
        **result,
    }


def changed(description: Options, changes: Options) -> dict[str, Any]:
    """A copy of an architecture with some top-level values replaced; a dict is merged into the dict that it meets."""
    result: dict[str, Any] = deepcopy(dict(description))
    for key, value in changes.items():
        merged = isinstance(value, Mapping) and isinstance(result.get(key), dict)
        result[key] = {**result[key], **value} if merged else deepcopy(value)
    return result


def build(description: Options) -> AttentionDrivenCropping:
    """Makes a network with fresh weights.

    Args:
        description: what `architecture` gives, or a model card's `architecture`.

    Raises:
        ModelError: the description is incomplete, or asks for something that this version does not have.
    """
    _check_sizes(description, "")
    try:
        config = AdcConfig(
            regions=tuple(tuple(int(i) for i in region) for region in description["regions"]),
            mirror=tuple(int(i) for i in description["mirror"]),
            box=_config(BoxRule, description.get("box", {})),
            **{
                k: description[k]
                for k in ("proxy", "crop", "box_grad", "share_mirrored", "decode")
                if k in description
            },
        )
        overview = _backbone(description["overview"], config.proxy)
        regional = _backbone(description["regional"], config.crop) if config.regions else overview
        return AttentionDrivenCropping(int(description["landmarks"]), config, overview, regional)
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        ArithmeticError,
        RuntimeError,
    ) as error:
        raise ModelError(f"the model's architecture cannot be built: {error!r}") from error


def _check_sizes(description: Options, where: str) -> None:
    """Raises ModelError for numbers that no network of this version has: a card may not ask for any amount."""
    for key, value in description.items():
        if isinstance(value, Mapping):
            _check_sizes(value, f"{where}{key}.")
        elif key in _MOST and (type(value) is not int or not 1 <= value <= _MOST[key]):
            raise ModelError(
                f"the model's architecture cannot be built: {where}{key} must be 1 to {_MOST[key]}, not {value!r:.40}"
            )


def _backbone(options: Options, side: int) -> Backbone:
    kind = options["backbone"]
    if kind not in BACKBONES:
        raise ModelError(
            f"this version has no network {kind!r}; known are {', '.join(BACKBONES)}. Update Annotator."
        )
    rest = {key: value for key, value in options.items() if key != "backbone"}
    return lambda landmarks: BACKBONES[kind](landmarks, side, rest)


def _config(kind: type[T], options: Options) -> T:
    """A config dataclass from plain values; unknown names are an error, not ignored."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    strange = options.keys() - known
    if strange:
        raise ModelError(f"{kind.__name__} does not know {', '.join(sorted(strange))}. Update Annotator.")
    return kind(**options)
