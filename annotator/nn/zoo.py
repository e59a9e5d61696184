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
from annotator.nn.hourglass import HourglassConfig, HourglassNetwork

T = TypeVar("T")

BACKBONES: dict[str, Callable[[int, Mapping[str, Any]], nn.Module]] = {
    "hourglass": lambda landmarks, options: HourglassNetwork(landmarks, _config(HourglassConfig, options)),
}
"""Network families: (landmarks, options) -> module."""

_PAPER_HOURGLASS = {
    "backbone": "hourglass",
    "channels": 256,
    "depth": 5,
    "stride": 1,
    "norm": "batch",
    "init": "xavier",
}

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
    "adc": {
        "proxy": 256,
        "crop": 256,
        "overview": {"backbone": "hourglass", "channels": 128, "depth": 4, "stride": 2},
        "regional": {"backbone": "hourglass", "channels": 128, "depth": 4, "stride": 2},
    },
    "adc-light": {
        "proxy": 256,
        "crop": 256,
        "overview": {"backbone": "hourglass", "channels": 128, "depth": 4, "stride": 2, "light": True},
        "regional": {"backbone": "hourglass", "channels": 128, "depth": 4, "stride": 2, "light": True},
    },
    "adc-paper": {
        "proxy": 256,
        "crop": 256,
        "box_grad": "full",
        "overview": _PAPER_HOURGLASS,
        "regional": _PAPER_HOURGLASS,
    },
}
"""Architectures by name, still without a scheme. Without `regional` a model is holistic."""


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
    result = deepcopy(ARCHITECTURES[name])
    for key, value in changes.items():
        merged = isinstance(value, Mapping) and isinstance(result.get(key), dict)
        result[key] = {**result[key], **value} if merged else value
    regions = [list(region.indices) for region in scheme.regions] if "regional" in result else []
    return {
        "name": name,
        "landmarks": scheme.size,
        "regions": regions,
        "mirror": [int(i) for i in scheme.mirror],
        **result,
    }


def build(description: Mapping[str, Any]) -> AttentionDrivenCropping:
    """Makes a network with fresh weights.

    Args:
        description: what `architecture` gives, or a model card's `architecture`.

    Raises:
        ModelError: the description is incomplete, or asks for something that this version does not have.
    """
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
        overview = _backbone(description["overview"])
        regional = _backbone(description["regional"]) if config.regions else overview
        return AttentionDrivenCropping(int(description["landmarks"]), config, overview, regional)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelError(f"the model's architecture cannot be built: {error!r}") from error


def _backbone(options: Mapping[str, Any]) -> Backbone:
    kind = options["backbone"]
    if kind not in BACKBONES:
        raise ModelError(
            f"this version has no network {kind!r}; known are {', '.join(BACKBONES)}. Update Annotator."
        )
    rest = {key: value for key, value in options.items() if key != "backbone"}
    return lambda landmarks: BACKBONES[kind](landmarks, rest)


def _config(kind: type[T], options: Mapping[str, Any]) -> T:
    """A config dataclass from plain values; unknown names are an error, not ignored."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    strange = options.keys() - known
    if strange:
        raise ModelError(f"{kind.__name__} does not know {', '.join(sorted(strange))}. Update Annotator.")
    return kind(**options)
