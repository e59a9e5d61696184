"""How far an observed face is to be believed, before a shape prior weighs it: what lies where no face has it, is an outlier.

A network that reads a hand for an eye is sure of itself. So each landmark's error is taken to be heavy-tailed (Student's t,
fitted by reweighting: Lange, Little and Taylor, JASA 1989), and each group of landmarks (a region, or what lies outside all of
them) may have left the face as a whole: that is believed where it explains what was found better, by the mixture's evidence.

Legend: L landmarks, K components, D = 2L coordinates. Shape units as in `shape_prior`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_FREEDOM = 4.0  # degrees of freedom of a landmark's error
_ROUNDS = 2
_UNLIKELY = 1e-3  # components less likely than this are left out
_ANYHOW = 0.5  # standard deviation of shift, turn and scale while it is not known which landmarks to lay the face by
_USUAL = (
    0.73  # squared distance of an observation to the faces, a coordinate, up to which no group is suspected
)
_RARE = float(np.log(0.001))  # how likely a group is to have left the face
_MOST = 3  # groups that may have left it; with more there is no face to tell it by
_SHIFT, _SWELL, _SINGLE = 0.25, 0.15, 0.06
"""Standard deviations of how a group lies that left the face: shifted, turned or swollen, and each landmark by itself."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """Gaussians over faces: means float64[K,D], covariances [K,D,D], and the logarithms of their shares [K]."""

    means: torch.Tensor
    covariances: torch.Tensor
    logs: torch.Tensor

    def weighed(self, laid: Floats, spread: torch.Tensor) -> "Weighed":
        """What an observation [D] with the covariance [D,D] of its errors says of the components."""
        away = (torch.from_numpy(laid) - self.means)[..., None]
        factor = torch.linalg.cholesky(self.covariances + spread)
        length = torch.linalg.solve_triangular(factor, away, upper=False).square().sum((1, 2))
        volume = factor.diagonal(dim1=1, dim2=2).log().sum(1)
        return Weighed(self, factor, away, length, self.logs - length / 2 - volume)

    def only(self, likely: torch.Tensor) -> "Mixture":
        """Some of the components (bool [K])."""
        return Mixture(self.means[likely], self.covariances[likely], self.logs[likely])

    def lying_anyhow(self, mean: Floats) -> "Mixture":
        """The same for faces that are laid only roughly; `mean` [L,2] tells what shift, turn and scale do."""
        by = torch.from_numpy(_similarity_modes(mean, np.arange(len(mean)), _ANYHOW, _ANYHOW))
        return Mixture(self.means, self.covariances + by.T @ by, self.logs)


@dataclass(frozen=True, eq=False)
class Weighed:
    """A mixture beside an observation: Cholesky factors [K,D,D] of the covariances of both, the distance [K,D,1] to each mean,
    its squared Mahalanobis length [K], and the log-likelihood of each component [K], up to a constant."""

    mixture: Mixture
    factor: torch.Tensor
    away: torch.Tensor
    length: torch.Tensor
    logs: torch.Tensor

    @property
    def evidence(self) -> float:
        """Logarithm of how likely the observation is."""
        return float(torch.logsumexp(self.logs, 0))

    @cached_property
    def likely(self) -> torch.Tensor:
        """bool [K]: the components that count."""
        return torch.softmax(self.logs, 0) > _UNLIKELY

    @cached_property
    def _counted(self) -> tuple[torch.Tensor, ...]:
        """Of the likely components the shares, means, covariances, factors and distances."""
        parts = (self.mixture.means, self.mixture.covariances, self.factor, self.away)
        return torch.softmax(self.logs[self.likely], 0), *(own[self.likely] for own in parts)

    def answer(self) -> torch.Tensor:
        """The mean face behind the observation [D], without what `face` says besides."""
        share, means, known, factor, away = self._counted
        return share @ (means + (known @ torch.cholesky_solve(away, factor))[..., 0])

    def face(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The mean face behind the observation [D], how it moves with that [D,D], and its remaining covariance [D,D]."""
        share, means, known, factor, away = self._counted
        gains = torch.cholesky_solve(known, factor).mT
        answers = means + (gains @ away)[..., 0]
        answer = share @ answers
        apart = answers - answer
        left = known - gains @ known + apart[:, :, None] * apart[:, None]
        gain, rest = (torch.einsum("k,kij->ij", share, own) for own in (gains, left))
        return answer, gain, rest


@dataclass(frozen=True, eq=False)
class Errors:
    """The errors of an observation: `roots` float64[L,2,2] of each landmark's covariance, shape units, and `together` [D,D], how
    they go together where each is divided by its root."""

    roots: torch.Tensor
    together: torch.Tensor

    def spread(self, widened: Floats | None = None) -> torch.Tensor:
        """float64[D,D]: their covariance; `widened` [L] are factors on those of single landmarks."""
        count = len(self.roots)
        roots = (
            self.roots if widened is None else self.roots * torch.from_numpy(np.sqrt(widened))[:, None, None]
        )
        errors = self.together.view(count, 2, count, 2)
        return torch.einsum("iac,icjd,jbd->iajb", roots, errors, roots).reshape(2 * count, 2 * count)


@dataclass(frozen=True, eq=False)
class Belief:
    """How far to believe an observation: `widened` float64[L], factors of at least 1 on the covariances of its landmarks;
    `astray`, the numbers of the groups that left the face; `elsewhere` [D,D], the covariance that this adds, shape units squared;
    `misfit` float64[L], squared distance of each landmark to the face, in deviations of its error; `face` [L,2], the face that is
    seen when it is believed so far."""

    widened: Floats
    astray: tuple[int, ...]
    elsewhere: torch.Tensor
    misfit: Floats
    face: Floats


def believe(
    loose: Mixture, mean: Floats, laid: Floats, errors: Errors, groups: Sequence[NDArray[np.int64]]
) -> Belief:
    """How far to believe an observation [D], laid as well as can be.

    Args:
        loose: faces that lie anyhow. mean: the mean face [L,2]. groups: landmarks that leave a face together.
    """
    spread = errors.spread()
    weighed = loose.weighed(laid, spread)
    astray: tuple[int, ...] = ()
    elsewhere = torch.zeros_like(spread)
    if float(weighed.length[weighed.logs.argmax()]) > _USUAL * len(laid):
        astray, elsewhere = _left_the_face(
            loose, weighed, laid, spread, [_moved(mean, own) for own in groups]
        )
        weighed = loose.weighed(laid, spread + elsewhere) if astray else weighed
    loose, size = loose.only(weighed.likely), len(mean)
    at, widened = np.arange(size), np.ones(size)
    blocks = spread.numpy().reshape(size, 2, size, 2)[at, :, at, :]
    for _ in range(_ROUNDS):
        answer, _, left = weighed.face()
        away = (laid - answer.numpy()).reshape(size, 2)
        rest = left.numpy().reshape(size, 2, size, 2)[at, :, at, :]
        misfit = _misfit(away, blocks, rest)
        widened = np.maximum((_FREEDOM + misfit) / (_FREEDOM + 2.0), 1.0)
        weighed = loose.weighed(laid, errors.spread(widened) + elsewhere)
    return Belief(widened, astray, elsewhere, misfit, weighed.answer().numpy().reshape(size, 2))


def _left_the_face(
    loose: Mixture, weighed: Weighed, laid: Floats, spread: torch.Tensor, moved: Sequence[torch.Tensor]
) -> tuple[tuple[int, ...], torch.Tensor]:
    """The groups without whose places the observation is a likelier one, one after the other, the most telling first; and what
    that adds to the covariance."""
    astray: tuple[int, ...] = ()
    elsewhere = torch.zeros_like(spread)
    evidence = weighed.evidence
    for _ in range(min(_MOST, len(moved) - 1)):
        open_ = [number for number in range(len(moved)) if number not in astray]
        found = [loose.weighed(laid, spread + elsewhere + moved[number]).evidence for number in open_]
        best = int(np.argmax(found))
        if found[best] + _RARE <= evidence:
            break
        evidence = found[best] + _RARE
        astray = (*astray, open_[best])
        elsewhere = elsewhere + moved[open_[best]]
    return astray, elsewhere


def _misfit(away: Floats, blocks: Floats, rest: Floats) -> Floats:
    """float64[L]: expected squared distance of each landmark to the face, in deviations of its error."""
    inverse = np.linalg.inv(blocks)
    length: Floats = np.einsum("li,lij,lj->l", away, inverse, away) + np.einsum("lij,lji->l", inverse, rest)
    return length


def _moved(mean: Floats, group: NDArray[np.int64]) -> torch.Tensor:
    """float64[D,D]: the covariance of a group that lies anywhere near."""
    by = torch.from_numpy(_similarity_modes(mean, group, _SHIFT, _SWELL))
    alone = torch.zeros(2 * len(mean), dtype=torch.float64)
    for axis in (0, 1):
        alone[torch.from_numpy(2 * group + axis)] = _SINGLE**2
    return by.T @ by + alone.diag()


def _similarity_modes(mean: Floats, group: NDArray[np.int64], shift: float, swell: float) -> Floats:
    """float64[4,D]: how some landmarks of the mean face move when they are shifted, scaled and turned, by one deviation each."""
    away = mean[group] - mean[group].mean(0)
    away = away / max(float(np.sqrt((away**2).sum(-1).mean())), 1e-9)
    modes = np.zeros((4, 2 * len(mean)))
    modes[0, 2 * group], modes[1, 2 * group + 1] = shift, shift
    modes[2, 2 * group], modes[2, 2 * group + 1] = swell * away[:, 0], swell * away[:, 1]
    modes[3, 2 * group], modes[3, 2 * group + 1] = -swell * away[:, 1], swell * away[:, 0]
    return modes
