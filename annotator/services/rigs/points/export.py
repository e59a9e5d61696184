"""Landmarks in space into files: CSV, JSON or binary glTF by the ending, and where each view should see them as CSV."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.files import atomic_text, refuse_to_replace, write_whole
from annotator.services.rigs.moments import Moment
from annotator.services.rigs.points.gltf import points_glb
from annotator.services.rigs.points.spatial import spatial_moments, wanted_moments
from annotator.services.rigs.points.tables import write_points_csv, write_points_json, write_views_csv
from annotator.store.project_store import ProjectStore

ENDINGS = (".csv", ".json", ".glb")


@dataclass(frozen=True)
class PointsWishes:
    """What to export.

    Attributes:
        out: points in space, `.csv`, `.json` or `.glb`. views: where each view should see them, `.csv`. One of both is needed.
        model: id of the model whose proposals count where nobody set a point; None takes the active one.
        people: only people's points count. takes: patterns (`subject/take`); empty: all.
    """

    out: Path | None = None
    views: Path | None = None
    model: str | None = None
    people: bool = False
    takes: tuple[str, ...] = ()
    overwrite: bool = False


@dataclass(frozen=True)
class PointsExported:
    """What was written: moments that were seen, points in space and points in views, and whose proposals counted."""

    moments: int
    points: int
    view_points: int
    model: str | None


def export_points(
    store: ProjectStore, wishes: PointsWishes, progress: Progress = silent, stop: Stop = never
) -> PointsExported:
    """Write the files; each appears whole or not at all.

    Raises:
        AnnotatorError: there is no moment, no such model, a file is there already or has another ending. Cancelled: stopped.
    """
    _check(wishes)
    model_id = None if wishes.people else _model(store, wishes.model)
    wanted = wanted_moments(store, wishes.takes)
    if not wanted:
        raise AnnotatorError(
            "No moment was seen by two calibrated cameras. Import a rig (annotator rig import), or name other takes."
        )
    points = views = 0
    if wishes.out is not None:
        points = _written(store, wanted, model_id, wishes.out, progress, stop)
    if wishes.views is not None:
        with atomic_text(wishes.views, newline="") as file:
            views = write_views_csv(
                file, spatial_moments(store, wanted, model_id, progress, stop), store.scheme
            )
    return PointsExported(len(wanted), points, views, model_id)


def _written(
    store: ProjectStore, wanted: list[Moment], model_id: str | None, out: Path, progress: Progress, stop: Stop
) -> int:
    found, scheme = spatial_moments(store, wanted, model_id, progress, stop), store.scheme
    if out.suffix.lower() == ".glb":
        content, count = points_glb(found, scheme)
        write_whole(out, content)
        return count
    cameras = list(dict.fromkeys(name for moment in wanted for name in moment.rig.rig.cameras))
    write: Callable[[IO[str]], int] = (
        (lambda file: write_points_csv(file, found, scheme, cameras))
        if out.suffix.lower() == ".csv"
        else (lambda file: write_points_json(file, found, scheme, model_id))
    )
    with atomic_text(out, newline="") as file:
        return write(file)


def _check(wishes: PointsWishes) -> None:
    if wishes.out is None and wishes.views is None:
        raise AnnotatorError(
            "Name a file for the points in space (--out), for those in the views (--views), or both."
        )
    for path, endings in ((wishes.out, ENDINGS), (wishes.views, ENDINGS[:1])):
        if path is None:
            continue
        if path.suffix.lower() not in endings:
            raise AnnotatorError(f"{path} must end in {' or '.join(endings)}.")
        if path.exists() and not wishes.overwrite:
            raise AnnotatorError(f"{path} exists already; choose another name, or allow it to be replaced.")
        if path.is_dir():
            raise AnnotatorError(f"{path} is a folder; name a file in it.")
        refuse_to_replace(path)
    if wishes.out is not None and wishes.views is not None and wishes.out.resolve() == wishes.views.resolve():
        raise AnnotatorError(f"{wishes.out} cannot hold both tables; name two files.")


def _model(store: ProjectStore, name: str | None) -> str | None:
    """The id of the model that was named, or of the active one; None where no model is active."""
    if name is None:
        active = store.models.active()
        return None if active is None else active.id
    known = [model.id for model in store.models.all()]
    if name not in known:
        raise AnnotatorError(
            f"The project has no proposals of {name}; it knows {', '.join(known) or 'no model'}."
        )
    return name
