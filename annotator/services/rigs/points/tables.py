"""Points in space as CSV and JSON, and the points that each view should see as CSV; streams, so a take of any length fits."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.formats.cells import defused
from annotator.services.rigs.points.spatial import SpatialMoment

KIND: Final = "annotator-points"
_MOMENT: Final = ("subject", "take", "index")
_SPATIAL: Final = ("x", "y", "z", "xx", "xy", "xz", "yy", "yz", "zz")
_UPPER_3: Final = np.triu_indices(3)
_UPPER_2: Final = np.triu_indices(2)


def write_points_csv(
    file: IO[str], moments: Iterable[SpatialMoment], scheme: LandmarkScheme, cameras: Sequence[str]
) -> int:
    """A line a landmark of a moment; returns the count of points.

    Columns: subject, take, index, landmark, rig, version; x y z and the covariance's upper half, in the rig's unit; voted and
    disagree, cameras with semicolons between; `residual CAMERA`, standard deviations.
    """
    writer = csv.writer(file, lineterminator="\n")
    residuals = [defused(f"residual {camera}") for camera in cameras]
    writer.writerow([*_MOMENT, "landmark", "rig", "version", *_SPATIAL, "voted", "disagree", *residuals])
    count = 0
    for each in moments:
        own = each.moment
        about = [defused(text) for text in (own.subject, own.take, own.index)]
        for at in np.flatnonzero(np.isfinite(each.points).all(-1)):
            voted = [name for name, view in each.views.items() if view.voted[at]]
            against = [name for name, view in each.views.items() if view.disagrees[at]]
            left = [each.views[name].residuals[at] if name in each.views else np.nan for name in cameras]
            row = [*about, scheme.names[at], defused(own.rig.name), own.rig.version]
            row += _numbers(*each.points[at], *each.covariance[at][_UPPER_3])
            writer.writerow([*row, *(defused(";".join(some)) for some in (voted, against)), *_numbers(*left)])
            count += 1
    return count


def write_views_csv(file: IO[str], moments: Iterable[SpatialMoment], scheme: LandmarkScheme) -> int:
    """A line a landmark of a frame: where the view should see it. Returns the count of points.

    Columns: frame, subject, take, camera, index, landmark; x y in frame pixels (the first pixel's centre is at 0.5, 0.5) and the
    covariance xx xy yy, pixels squared; source (person, proposal or empty), voted, disagrees (0 or 1), residual.
    """
    writer = csv.writer(file, lineterminator="\n")
    columns = ("x", "y", "xx", "xy", "yy", "source", "voted", "disagrees", "residual")
    writer.writerow(["frame", "subject", "take", "camera", "index", "landmark", *columns])
    count = 0
    for each in moments:
        for view in each.views.values():
            frame = view.frame
            about = [
                defused(text) for text in (frame.path, frame.subject, frame.take, frame.camera, frame.index)
            ]
            for at in np.flatnonzero(np.isfinite(view.xy).all(-1)):
                place = _numbers(*view.xy[at], *view.covariance[at][_UPPER_2])
                said = [view.source[at], int(view.voted[at]), int(view.disagrees[at])]
                writer.writerow([*about, scheme.names[at], *place, *said, *_numbers(view.residuals[at])])
                count += 1
    return count


def write_points_json(
    file: IO[str], moments: Iterable[SpatialMoment], scheme: LandmarkScheme, model_id: str | None
) -> int:
    """An object with `landmarks` and a list of `moments`, each on a line; null where a landmark is not known. Returns the count
    of points."""
    head = {
        "kind": KIND,
        "schema": 1,
        "scheme": scheme.id,
        "model": model_id,
        "landmarks": list(scheme.names),
    }
    file.write(f'{json.dumps(head)[:-1]}, "moments": [')
    count = 0
    for number, each in enumerate(moments):
        file.write(f"{',' if number else ''}\n{json.dumps(_plain(each), allow_nan=False)}")
        count += int(np.isfinite(each.points).all(-1).sum())
    file.write("\n]}\n")
    return count


def _plain(each: SpatialMoment) -> dict[str, Any]:
    own = each.moment
    views = {
        name: {
            "frame": view.frame.path,
            "xy": _rows(view.xy),
            "covariance": _rows(view.covariance),
            "source": list(view.source),
            "voted": view.voted.tolist(),
            "disagrees": view.disagrees.tolist(),
            "residuals": [float(value) if np.isfinite(value) else None for value in view.residuals],
        }
        for name, view in each.views.items()
    }
    rig = {"rig": own.rig.name, "version": own.rig.version, "unit_mm": own.rig.rig.unit}
    about = {"subject": own.subject, "take": own.take, "index": own.index}
    return {
        **about,
        **rig,
        "points": _rows(each.points),
        "covariance": _rows(each.covariance),
        "views": views,
    }


def _rows(values: NDArray[np.float64]) -> list[Any]:
    """Plain lists, None for each landmark of which something is not known."""
    return [row.tolist() if np.isfinite(row).all() else None for row in values]


def _numbers(*values: float) -> Iterator[str]:
    """Cells that give the same number back; empty for NaN."""
    return (repr(float(value)) if np.isfinite(value) else "" for value in values)
