"""The papers' comparisons by name: which systems each trains, and at which sizes.

Source: Chandran et al., CVPR 2020, Table 4 (systems by resolution), Figure 8 (training resolution), the two ablations at 1024
(a stacked regional hourglass; other networks in place of the hourglass), and Table 2 (300-W).
"""

from collections.abc import Callable
from dataclasses import dataclass

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.errors import AnnotatorError
from annotator.nn.zoo import ARCHITECTURES

DLIB = "dlib"
HOLISTIC_SIZE = 256
LADDER = {256: (128, 8), 512: (128, 8), 1024: (256, 4), 2048: (192, 4), 4096: (256, 4)}
"""Training resolution: crop and batch of the paper; each rung starts from the weights of the one below."""


@dataclass(frozen=True)
class System:
    """One thing to train.

    Attributes:
        name: of its folder. row: its line in the table. architecture: name in the zoo, or `dlib`.
        size: side of the square pictures that it learns from. parent: name of the system whose weights it starts from.
    """

    name: str
    row: str
    architecture: str
    size: int
    parent: str | None = None

    @property
    def holistic(self) -> bool:
        """Whether it sees the proxy alone, so that its answers are scaled up to any size."""
        return self.architecture == DLIB or "regional" not in ARCHITECTURES[self.architecture]


@dataclass(frozen=True)
class Preset:
    """A comparison.

    Attributes:
        summary: for people. sizes: the paper's. make: systems for sizes, with or without progressive initialisation.
        scheme: of the landmarks. across: measure each system at every size, not only at its own. sets: subfolders of the
            test folder that are measured apart (empty: the folder itself).
    """

    summary: str
    sizes: tuple[int, ...]
    make: Callable[[tuple[int, ...], bool], tuple[System, ...]]
    scheme: str = DEFAULT_SCHEME
    across: bool = False
    sets: tuple[str, ...] = ()


_DLIB = System("dlib", "dlib shape predictor", DLIB, HOLISTIC_SIZE)
_HOURGLASS = System("hourglass-2", "holistic hourglass x2", "hourglass-2", HOLISTIC_SIZE)
_FAN = System("fan-4", "holistic hourglass x4 (FAN)", "fan-4", HOLISTIC_SIZE)


def _ladder(kind: str, sizes: tuple[int, ...], progressive: bool) -> tuple[System, ...]:
    """ADC at rising sizes, each from the weights of the one below."""
    architecture = "adc-light" if kind == "light" else "adc"
    rungs: list[System] = []
    for size in sorted(sizes):
        parent = rungs[-1].name if rungs and progressive else None
        rungs.append(System(f"adc-{kind}-{size}", f"ADC {kind}", architecture, size, parent))
    return tuple(rungs)


def _table4(sizes: tuple[int, ...], progressive: bool) -> tuple[System, ...]:
    ladders = _ladder("light", sizes, progressive) + _ladder("full", sizes, progressive)
    return (_DLIB, _HOURGLASS, _FAN, *ladders)


def _resolutions(sizes: tuple[int, ...], progressive: bool) -> tuple[System, ...]:
    return _ladder("light", sizes, progressive) + _ladder("full", sizes, progressive)


def _adc(name: str, row: str, architecture: str, sizes: tuple[int, ...]) -> tuple[System, ...]:
    return tuple(System(f"{name}-{size}", row, architecture, size) for size in sizes)


def _stacked(sizes: tuple[int, ...], _: bool) -> tuple[System, ...]:
    return _ladder("full", sizes, False) + _adc("adc-stacked", "ADC stacked", "adc-stacked", sizes)


def _backbones(sizes: tuple[int, ...], _: bool) -> tuple[System, ...]:
    return (
        _HOURGLASS,
        System("pose-machine-6", "holistic CPM, 6 stages", "pose-machine-6", HOLISTIC_SIZE),
        System("cnn6", "holistic CNN6", "cnn6", HOLISTIC_SIZE),
        System("cnn7", "holistic CNN7", "cnn7", HOLISTIC_SIZE),
        *_ladder("full", sizes, False),
        *_adc("adc-pose-machine", "ADC, CPM regions (1 stage)", "adc-pose-machine", sizes),
        *_adc("adc-cnn6", "ADC, CNN6 regions", "adc-cnn6", sizes),
        *_adc("adc-cnn7", "ADC, CNN7 regions", "adc-cnn7", sizes),
    )


PRESETS: dict[str, Preset] = {
    "paper-table4": Preset(
        "Table 4: dlib, two holistic hourglasses at 256 and ADC, by resolution",
        (256, 512, 2048, 4096),
        _table4,
    ),
    "resolution-ladder": Preset(
        "ADC full and light, trained at each resolution and measured at all (Figure 8)",
        tuple(LADDER),
        _resolutions,
        across=True,
    ),
    "ablation-stacked": Preset("One or two hourglasses in each region", (1024,), _stacked),
    "ablation-backbone": Preset(
        "Hourglass, CPM, CNN6 and CNN7 in the regions and holistic", (1024,), _backbones
    ),
    "300w": Preset(
        "Table 2: folders of .pts files, test/common and test/challenging, faces cut out at 256",
        (256,),
        _table4,
        scheme="ibug-68",
        sets=("common", "challenging"),
    ),
}
"""Every preset by name."""


def preset(name: str) -> Preset:
    """A preset; raises `AnnotatorError` where there is none of that name."""
    if name not in PRESETS:
        raise AnnotatorError(f"There is no experiment {name!r}; choose one of {', '.join(PRESETS)}.")
    return PRESETS[name]
