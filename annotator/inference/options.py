"""What a model's card says about how to run it (`preprocessing` in `model.toml`), with the defaults for what it leaves out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import ModelError
from annotator.domain.scheme import LandmarkScheme
from annotator.inference.expected_error import ExpectedError
from annotator.inference.sanity import UsualValues, upright
from annotator.inference.test_time_views import FACE_FILL

GLOBAL = "global"
MOST_ITERATIONS, MOST_VIEWS = 5, 6
ADAPTIVE, FULL = "adaptive", "full"
"""Efforts: a second look only where the first one leaves doubt, or every look everywhere."""


@dataclass(frozen=True)
class OptionChanges:
    """What a user asks for in place of the card: more accuracy for more time, or less; None leaves it."""

    views: int | None = None
    iterations: int | None = None
    flip: bool | None = None
    shape_prior: bool | None = None
    effort: str | None = None


@dataclass(frozen=True)
class InferenceOptions:
    """How to run a model.

    Attributes:
        refine_face: read a view round the face when the first view frames it otherwise than `face_fill`.
        face_fill: longer side of the landmarks' box over the view's side in training.
        search: search windows of the frame when no face is found in the whole of it.
        views: test-time views of the face that the global network averages, 1 to 6 (`looks` in the card); every second one is
            mirrored.
        iterations: how often the regions are cropped, each time round the points found before; their points are averaged.
            flip: read the crops of the last iteration in a mirror too.
        effort: "full", or "adaptive": views and iterations beyond the first only where it leaves doubt, and no small windows all
            over a frame that shows no face. On a GPU it is always full: views are read together there.
        shape_prior: weigh the points by what whole faces look like, where the model knows it (`shapes` in the card).
            shape_scale: float64[L] or None, the factor on the covariances that are left after that. expected_error: takes its
            place where the card holds it.
        covariance_scale: calibration factor by network, "global" or a region's name. covariance_floor: by network, the least
            standard deviation as a share of the face size. landmark_scale: float64[L] or None, a further factor each.
        mean_shape: float64[L,2] or None. limits: usual values of the face checks.
    """

    refine_face: bool = True
    face_fill: float = FACE_FILL
    search: bool = True
    views: int = 4
    iterations: int = 2
    flip: bool = False
    effort: str = ADAPTIVE
    shape_prior: bool = True
    shape_scale: NDArray[np.float64] | None = None
    expected_error: ExpectedError | None = None
    covariance_scale: Mapping[str, float] | None = None
    covariance_floor: Mapping[str, float] | None = None
    landmark_scale: NDArray[np.float64] | None = None
    mean_shape: NDArray[np.float64] | None = None
    limits: UsualValues = field(default_factory=UsualValues)

    @classmethod
    def from_card(cls, preprocessing: Mapping[str, Any], scheme: LandmarkScheme) -> "InferenceOptions":
        """Those of a card. Raises ModelError for values that cannot be used."""
        try:
            shape = preprocessing.get("mean_shape")
            factors = preprocessing.get("landmark_scale")
            left = preprocessing.get("shape_scale")
            floors = preprocessing.get("covariance_floor", {})
            options = cls(
                refine_face=bool(preprocessing.get("refine_face", True)),
                face_fill=float(preprocessing.get("face_fill", FACE_FILL)),
                search=bool(preprocessing.get("search", True)),
                views=int(preprocessing.get("looks", 4)),
                iterations=int(preprocessing.get("iterations", 2)),
                flip=bool(preprocessing.get("flip", False)),
                effort=str(preprocessing.get("effort", ADAPTIVE)),
                shape_prior=bool(preprocessing.get("shapes", True)),
                shape_scale=None if left is None else np.asarray(left, np.float64),
                expected_error=ExpectedError.from_card(preprocessing, scheme.size),
                covariance_scale={k: float(v) for k, v in preprocessing.get("covariance_scale", {}).items()},
                covariance_floor={k: float(v) for k, v in floors.items()},
                landmark_scale=None if factors is None else np.asarray(factors, np.float64),
                mean_shape=None if shape is None else np.asarray(shape, np.float64),
                limits=UsualValues.from_card(preprocessing),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"model.toml: [preprocessing] cannot be used: {error}") from error
        if options.mean_shape is not None and options.mean_shape.shape != (scheme.size, 2):
            raise ModelError(f"model.toml: mean_shape must hold {scheme.size} points of {scheme.id}")
        for name in ("landmark_scale", "shape_scale"):
            given = getattr(options, name)
            if given is not None and given.shape != (scheme.size,):
                raise ModelError(f"model.toml: {name} must hold {scheme.size} factors for {scheme.id}")
        if not 0.05 <= options.face_fill <= 1.0:
            raise ModelError("model.toml: face_fill must be 0.05 to 1")
        options.check_counts("model.toml: ")
        if options.mean_shape is None:
            return options
        # calibration leaves the shape turned like the face that it began with
        return replace(options, mean_shape=upright(options.mean_shape, scheme.mirror))

    def changed(self, changes: "OptionChanges") -> "InferenceOptions":
        """These with what a user asked for in place of the card's. Raises ModelError for values out of range."""
        wanted = {name: value for name, value in vars(changes).items() if value is not None}
        options = replace(self, **wanted)
        options.check_counts()
        return options

    @property
    def is_adaptive(self) -> bool:
        """Whether a second look is taken only where the first one leaves doubt."""
        return self.effort == ADAPTIVE

    def check_counts(self, where: str = "") -> None:
        """Raises ModelError where views, iterations or effort are out of their range; `where` says who asked for them."""
        if self.effort not in (ADAPTIVE, FULL):
            raise ModelError(f"{where}effort must be {ADAPTIVE} or {FULL}, not {self.effort!r}")
        if not (1 <= self.iterations <= MOST_ITERATIONS and 1 <= self.views <= MOST_VIEWS):
            raise ModelError(
                f"{where}iterations must be 1 to {MOST_ITERATIONS}, and test-time views (looks) 1 to {MOST_VIEWS}"
            )

    def scale(self, network: str) -> float:
        """The covariance factor of "global" or of a region; 1 where nothing was calibrated."""
        return (self.covariance_scale or {}).get(network, 1.0)

    def floors(self, scheme: LandmarkScheme, regional: Sequence[str]) -> NDArray[np.float64]:
        """float64[L]: each landmark's least standard deviation as a share of the face size; `regional` are the regions whose
        own networks placed them."""
        known = self.covariance_floor or {}
        result = np.full(scheme.size, known.get(GLOBAL, 0.0))
        for name in regional:
            result[list(scheme.region(name).indices)] = known.get(name, 0.0)
        return result
