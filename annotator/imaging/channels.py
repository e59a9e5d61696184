"""Which channels of a file are a frame's red, green and blue, told by the names of its parts and channels.

An EXR holds layers (`diffuse.R`) in one part or in several. The main picture comes first: channels without a layer, then
`rgba`, `beauty`, `combined` and their like, whatever comes before them in the file; then layers whose names say nothing; then
passes such as `albedo`. Layers that hold no colours (normals, depth, motion, ids) are never a picture.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from annotator.domain.errors import AnnotatorError

_COLOURS: Final = {"r": 0, "red": 0, "g": 1, "green": 1, "b": 2, "blue": 2}
_GREYS: Final = frozenset({"y", "l", "i", "luminance", "luma", "lum", "grey", "gray", "intensity"})
_MAIN: Final = (
    "rgba",
    "rgb",
    "beauty",
    "combined",
    "main",
    "color",
    "colour",
    "c",
    "image",
    "final",
    "master",
    "composite",
)
_PASSES: Final = frozenset(
    re.findall(
        r"\w+",
        """
    albedo diffuse diff dif spec specular reflect reflection refl refraction refr refract transmission trans transm
    glossy gloss coat sheen sss subsurface emission emit emissive env environment ao occlusion shadow shadows direct
    indirect gi lighting light key fill rim bounce volume denoising denoised noisy raw background bg variance
    filter clearcoat caustics holdout catcher
    """,
    )
)
_DATA: Final = frozenset(
    re.findall(
        r"\w+",
        """
    normal normals nrm norm position pos pworld pref uv uvs st depth zdepth z motion vector vectors velocity mv crypto
    cryptomatte id ids index mask masks matte mattes alpha a n p nn pp ng nz pz disparity deep sample samples
    samplecount flow displacement tangent bitangent barycentric
    """,
    )
)
_VIEWS: Final = frozenset({"left", "right", "l", "r"})

Place = tuple[int, int]
"""A part of a file and a channel in it."""


class ExrPart(NamedTuple):
    """A part of a file: its name ("" where it has none) and the names of its channels."""

    name: str
    channels: Sequence[str]


@dataclass(frozen=True)
class ColourChannels:
    """Where red, green and blue are; three times the same place for a grey picture. `note`: what a person should check."""

    places: tuple[Place, Place, Place]
    note: str = ""


class NoColours(AnnotatorError):
    """A file holds no colours; the message says what it holds, to follow the file's name."""


@dataclass
class _Layer:
    name: str
    colours: dict[int, Place] = field(default_factory=dict)

    @property
    def places(self) -> tuple[Place, Place, Place] | None:
        found = self.colours
        return (found[0], found[1], found[2]) if len(found) == 3 else None


def colours_of(parts: Sequence[ExrPart]) -> ColourChannels:
    """The channels to show of a file's parts; raises NoColours where none are colours, which it names."""
    layers = _layers(parts)
    whole = [layer for layer in layers.values() if layer.places is not None]
    pictures = sorted(
        (layer for layer in whole if _rank(layer.name) < _NO_PICTURE), key=lambda layer: _rank(layer.name)
    )
    if pictures and pictures[0].places is not None:
        return ColourChannels(pictures[0].places, _note(pictures))
    names = [name for part in parts for name in part.channels]
    if any(_words(name)[-1:] in (["ry"], ["by"]) for name in names):
        raise NoColours("is a luminance-chroma EXR; save it with R, G and B channels")
    joined = None if whole else _joined(layers)
    grey = joined or _grey(parts)
    if grey is not None:
        return grey
    shown = ", ".join(
        f"{part.name}: {' '.join(part.channels)}" if part.name else ", ".join(part.channels) for part in parts
    )
    raise NoColours(f"holds no colours, only the channels {_short(shown)}; save it with R, G and B channels")


def plain_colours(names: Sequence[str]) -> ColourChannels:
    """The channels of a format without layers: R, G, B where they are, else a grey that is repeated."""
    here = {name.upper(): (0, place) for place, name in reversed(list(enumerate(names)))}
    if all(colour in here for colour in "RGB"):
        return ColourChannels((here["R"], here["G"], here["B"]))
    grey = next((here[name] for name in ("Y", "L", "I") if name in here), None)
    if grey is None and len(names) <= 2:
        grey = (0, 0)
    if grey is None:
        raise NoColours(
            f"holds {len(names)} channels that are no colours ({_short(', '.join(names))}); save it as RGB"
        )
    return ColourChannels((grey, grey, grey))


def _layers(parts: Sequence[ExrPart]) -> Mapping[str, _Layer]:
    """Layers by name, in the file's order, with the colours that each has; a part of one colour is a piece of its layer."""
    layers: dict[str, _Layer] = {}
    for number, part in enumerate(parts):
        for place, channel in enumerate(part.channels):
            layer, last = _split(channel)
            colour = _COLOURS.get(last)
            if colour is None and len(part.channels) == 1 and last in _GREYS:
                layer, last = _split(part.name)  # a part that is called after its colour
                colour = _COLOURS.get(last)
            elif colour is not None and not layer:
                rest, last_of_part = _split(part.name)
                layer = rest if len(part.channels) == 1 and last_of_part in _COLOURS else part.name
            if colour is not None:
                layers.setdefault(layer.casefold(), _Layer(layer)).colours.setdefault(colour, (number, place))
    return layers


def _split(name: str) -> tuple[str, str]:
    """Layer and last word of a channel's or part's name: `View.Combined.R` is `View.Combined` and `r`."""
    layer, _, last = re.sub(r"[:/_\s-]+(?=[^.:/_\s-]+$)", ".", name.strip(". ")).rpartition(".")
    return layer, last.casefold()


def _words(name: str) -> list[str]:
    """The words of a name in lower case, also where only capitals part them."""
    return [word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


_UNKNOWN, _PASS, _NO_PICTURE = 100, 200, 300


def _rank(layer: str) -> int:
    """How likely a layer is the picture: less is likelier; `_NO_PICTURE` is never one."""
    words = [word for word in _words(layer) if word not in _VIEWS]
    last = [word for word in _words(re.split(r"[.:/]", layer)[-1]) if word not in _VIEWS] or words
    if not words:
        return 0
    for own in (last, words):  # the last name says more than the folder-like ones before it
        if any(word in _DATA or word.startswith("crypto") for word in own):
            return _NO_PICTURE
        if any(word in _PASSES for word in own):
            return _PASS
        main = [_MAIN.index(word) for word in own if word in _MAIN]
        if main:
            return 1 + min(main)
    return _UNKNOWN


def _note(pictures: Sequence[_Layer]) -> str:
    """A word where the choice was no more than a guess."""
    rank = _rank(pictures[0].name)
    alike = [layer for layer in pictures if _rank(layer.name) == rank]
    if rank < _UNKNOWN or (len(alike) == 1 and rank < _PASS):
        return ""
    others = ", ".join(layer.name for layer in pictures[1:])
    beside = f" beside {_short(others)}" if others else ""
    return f"has no layer that is called beauty, rgba or combined: {pictures[0].name} is shown{beside}"


def _joined(layers: Mapping[str, _Layer]) -> ColourChannels | None:
    """One picture of colours that lie in layers of different names, where each of the three is there just once."""
    found: dict[int, Place] = {}
    for layer in layers.values():
        if _rank(layer.name) >= _NO_PICTURE:
            continue
        for colour, place in layer.colours.items():
            if colour in found:
                return None
            found[colour] = place
    return ColourChannels((found[0], found[1], found[2])) if len(found) == 3 else None


def _grey(parts: Sequence[ExrPart]) -> ColourChannels | None:
    """A channel of brightness, the likeliest layer's; else the only channel of a file, unless its name says that it is none."""
    vectors = {
        (part.name, _split(name)[0]) for part in parts for name in part.channels if _split(name)[1] == "x"
    }
    found = [
        (_rank(layer or part.name), (number, place))
        for number, part in enumerate(parts)
        for place, channel in enumerate(part.channels)
        for layer, last in [_split(channel)]
        if last in _GREYS and (part.name, layer) not in vectors  # the y of x, y, z is no brightness
    ]
    found = sorted((item for item in found if item[0] < _NO_PICTURE), key=lambda item: item[0])
    if found:
        return ColourChannels((found[0][1],) * 3)
    every = [
        (number, place, channel)
        for number, part in enumerate(parts)
        for place, channel in enumerate(part.channels)
        if _split(channel)[1] not in ("a", "alpha")
    ]
    if (
        len(every) == 1
        and _rank(every[0][2]) < _NO_PICTURE
        and _split(every[0][2])[1] not in ("x", "u", "v", "w")
    ):
        return ColourChannels(
            (every[0][:2],) * 3, f"holds one channel only, {every[0][2]}: it is shown as grey"
        )
    return None


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:160]} ..."
