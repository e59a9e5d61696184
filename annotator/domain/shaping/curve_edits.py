"""Curves as a whole: points evened out between the ones that stay, and a curve pulled between its points."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import FloatArray
from annotator.domain.scheme import Curve, LandmarkScheme
from annotator.domain.shaping.curve_line import CurveLine, line_through
from annotator.domain.shaping.transform import falloff

_REACH = 3.0  # points' spacings to which a pull reaches on either side
_MOST = 1.3  # times the hand's way that a landmark goes at most: close to a point that stays the curve lags a little
_KEPT_STEP = 0.1  # of the way from one point to the next is left at least, so that they keep their order


def fixed_points(scheme: LandmarkScheme, curve: Curve, xy: FloatArray) -> frozenset[int]:
    """The landmarks of a curve that stay while the others are evened out, or the curve is pulled.

    They are its anchors, where some of it slides. Where the scheme tells of none that slides: the ends of an open curve, the two
    that are farthest apart of a closed one (corners of an eye or a mouth), and those on the mid-line of the face.
    """
    members = np.array(curve.indices, np.int64)
    if scheme.is_sliding[members].any():
        return frozenset(members[~scheme.is_sliding[members]].tolist())
    middle = members[scheme.mirror[members] == members].tolist()
    if not curve.closed:
        return frozenset([*middle, curve.indices[0], curve.indices[-1]])
    placed = members[np.isfinite(xy[members]).all(-1)]
    if len(placed) < 2:
        return frozenset(middle)
    points = np.asarray(xy[placed], np.float64)
    apart = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    pair = np.unravel_index(int(apart.argmax()), apart.shape)
    return frozenset([*middle, *placed[list(pair)].tolist()])


def evened_out(
    scheme: LandmarkScheme, xy: FloatArray, selected: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Landmarks at even lengths along their curves, and where: int64 [K], float64 [K, 2].

    A stretch runs from one point that stays to the next. Where three or more of it are selected, it is what lies between the
    first and the last of them; where fewer are, all of it. The line is the one through the points as they are. A
    missing landmark leaves the room that it would take.

    Args:
        xy: [L, 2], NaN where missing. selected: only curves and stretches that they lie on are touched.
    """
    wanted = set(selected.tolist())
    places: dict[int, NDArray[np.float64]] = {}
    for curve in scheme.curves:
        if wanted.isdisjoint(curve.indices):
            continue
        for stretch in _stretches(scheme, curve, xy):
            inside = [place for place, index in enumerate(stretch) if index in wanted]
            if not any(0 < place < len(stretch) - 1 for place in inside):
                continue
            if len(inside) >= 3:
                stretch = stretch[inside[0] : inside[-1] + 1]
            places.update(_evened(stretch, xy))
    indices = np.array(sorted(places), np.int64)
    return indices, np.array([places[index] for index in indices.tolist()]).reshape(-1, 2)


def _stretches(scheme: LandmarkScheme, curve: Curve, xy: FloatArray) -> list[list[int]]:
    """From each point that stays to the next, both included; those that are missing do not count as staying."""
    order = list(curve.indices)
    stay = [i for i in order if i in fixed_points(scheme, curve, xy) and np.isfinite(xy[i]).all()]
    if curve.closed:
        if not stay:
            return []
        at = order.index(stay[0])
        order = [*order[at:], *order[:at], stay[0]]
    marks = [place for place, index in enumerate(order) if index in stay]
    return [order[a : b + 1] for a, b in pairwise(marks)]


def _evened(stretch: list[int], xy: FloatArray) -> dict[int, NDArray[np.float64]]:
    placed = [place for place, index in enumerate(stretch) if np.isfinite(xy[index]).all()]
    if len(placed) < 3 or placed[0] != 0 or placed[-1] != len(stretch) - 1:
        return {}
    line = line_through(xy[[stretch[place] for place in placed]], closed=False)
    shares = np.array(placed[1:-1]) / (len(stretch) - 1)
    return dict(zip((stretch[place] for place in placed[1:-1]), line.at(shares * line.length), strict=True))


@dataclass(frozen=True, eq=False)
class Grip:
    """A place of a curve between two of its points, taken hold of.

    Attributes:
        indices: int64 [K], the landmarks that come along, in the curve's order. weights: float64 [K], by how much.
        origin: float64 [K, 2], where they were. tangent: float64 [2], the curve's direction there.
        segment: the two landmarks that the place lies between.
    """

    indices: NDArray[np.int64]
    weights: NDArray[np.float64]
    origin: NDArray[np.float64]
    tangent: NDArray[np.float64]
    segment: tuple[int, int]

    def pulled(self, by: FloatArray) -> NDArray[np.float64]:
        """Where the landmarks are once the hand moved by [2]: they follow as far as they keep their order."""
        move = np.asarray(by, np.float64)
        along = self.tangent * float(move @ self.tangent)
        across = move - along
        base = self._most(np.zeros(2), across)
        step = base * across + self._most(base * across, along) * along
        return self.origin + self.weights[:, None] * step

    def _most(self, start: NDArray[np.float64], more: NDArray[np.float64]) -> float:
        """The largest share 0..1 of a further move at which no point passes its neighbour."""
        chords = np.diff(self.origin, axis=0)
        length = np.maximum(np.hypot(*chords.T), 1e-9)
        unit, change = chords / length[:, None], np.diff(self.weights)
        room = (1 - _KEPT_STEP) * length + change * (unit @ start)
        rate = change * (unit @ more)
        closing = rate < 0
        return float(np.clip((room[closing] / -rate[closing]).min(initial=1.0), 0.0, 1.0))


def grip(
    scheme: LandmarkScheme, curve: Curve, xy: FloatArray, place: FloatArray
) -> tuple[Grip, float] | None:
    """Takes hold of the place of a curve that is nearest to `place` [2], and how far that is; None where less than two placed.

    A landmark takes part by its distance along the curve: from the hand it falls to nothing at the next landmark that stays, at
    most three points on. Between two that stay both move.

    Args:
        xy: float [L, 2], NaN where missing; a missing landmark ends the curve.
    """
    best: tuple[list[int], CurveLine, bool, float, float] | None = None
    for run, closed in placed_runs(curve, xy):
        if len(run) < 2:
            continue
        line = line_through(xy[run], closed)
        arc, away = line.nearest(place)
        if best is None or away < best[4]:
            best = (run, line, closed, arc, away)
    if best is None:
        return None
    run, line, closed, arc, away = best
    after = int(np.searchsorted(line.knots, arc, side="right"))
    first = min(max(after - 1, 0), len(run) - (1 if closed else 2))
    # the curve from the hand on, backwards and forwards: landmarks and their distance along it
    count = len(run)
    reach = count - 1 if closed else count
    forward = [first + 1 + k for k in range(reach) if closed or first + 1 + k < count]
    backward = [first - k for k in range(reach) if closed or first - k >= 0]
    stay = fixed_points(scheme, curve, xy)
    spacing = line.length / max(count if closed else count - 1, 1)
    weights: dict[int, float] = {}
    for steps, sign in ((forward, 1.0), (backward, -1.0)):
        gaps = [(sign * (_knot(line, step, count) - arc), run[step % count]) for step in steps]
        end = next((gap for gap, index in gaps if index in stay), None)
        limit = min(_REACH * spacing, end if end is not None else np.inf)
        for gap, index in gaps:
            if gap >= limit:
                break
            weights[index] = max(weights.get(index, 0.0), float(falloff(np.array(gap / limit))))
    between = (run[first], run[(first + 1) % count])
    if between[0] in stay and between[1] in stay:
        weights = dict.fromkeys(between, 1.0)
    order = [run[step % count] for step in (*reversed(backward), *forward)]
    indices = list(dict.fromkeys(index for index in order if weights.get(index, 0.0) > 0))
    return _grip(line, arc, first, between, indices, weights, xy), away


def _grip(
    line: CurveLine,
    arc: float,
    first: int,
    between: tuple[int, int],
    indices: list[int],
    weights: dict[int, float],
    xy: FloatArray,
) -> Grip:
    ends = line.knots[first], line.knots[first + 1] if first + 1 < len(line.knots) else line.length
    share = (arc - ends[0]) / max(ends[1] - ends[0], 1e-9)
    lever = (1 - share) * weights.get(between[0], 0.0) + share * weights.get(between[1], 0.0)
    shares = np.array([weights[index] for index in indices])
    values = shares / max(lever, float(shares.max(initial=0.0)) / _MOST, 1e-9)
    tangent = np.diff(line.at(np.clip(np.array([arc - 0.5, arc + 0.5]), 0, line.length)), axis=0)[0]
    tangent = tangent / max(float(np.hypot(*tangent)), 1e-9)
    members = np.array(indices, np.int64)
    return Grip(members, values, np.asarray(xy[members], np.float64).reshape(-1, 2), tangent, between)


def _knot(line: CurveLine, step: int, count: int) -> float:
    """The length at a point of the run, counted on past the end of a closed one."""
    rounds, place = divmod(step, count)
    return float(line.knots[place] + rounds * line.length)


def placed_runs(curve: Curve, xy: FloatArray) -> list[tuple[list[int], bool]]:
    """Stretches of a curve without a missing landmark, and whether the stretch closes."""
    order = list(curve.indices)
    placed = np.isfinite(xy[order]).all(-1)
    if placed.all():
        return [(order, curve.closed and len(order) > 2)]
    if curve.closed:  # start behind a gap, so that no stretch is cut by the list's ends
        start = int(np.flatnonzero(~placed)[0]) + 1
        order = order[start:] + order[:start]
    runs: list[tuple[list[int], bool]] = [([], False)]
    for index in order:
        if np.isfinite(xy[index]).all():
            runs[-1][0].append(index)
        else:
            runs.append(([], False))
    return [run for run in runs if run[0]]
