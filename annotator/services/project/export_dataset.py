"""Exports a project's landmarks to another program's format, with a manifest that says what they are.

Beside FILE stands FILE's name with `.manifest.json` (in a folder of files: `manifest.json`): counts, models,
scheme, pixel convention, filters, version and date. Files appear whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.version import __version__
from annotator.files import refuse_to_replace
from annotator.formats.base import (
    PLAIN,
    DatasetFrame,
    DatasetView,
    Format,
    WriteOptions,
    Written,
    columns_of,
    manifest_of,
)
from annotator.formats.registry import format_named, format_of
from annotator.imaging.probe import FRAME_EXTENSIONS
from annotator.services.models.frame_pictures import unusable
from annotator.services.project.export_filter import ExportFilter, count_states
from annotator.store.paths import located
from annotator.store.project_store import ProjectStore

_ALL: Final = ExportFilter()


@dataclass(frozen=True)
class ExportReport:
    """What was exported: the writer's account, the manifest's path, and frames that had no wanted landmark."""

    written: Written
    manifest: Path
    empty_frames: int

    @property
    def text(self) -> str:
        """One line for people."""
        parts = [f"{self.written.landmarks} landmarks of {self.written.frames} frames"]
        if self.empty_frames:
            parts.append(f"{self.empty_frames} frames had none to export")
        if self.written.skipped:
            parts.append(f"{len(self.written.skipped)} frames were left out")
        return "; ".join(parts)


def export_dataset(
    store: ProjectStore,
    path: str | Path,
    format_name: str | None = None,
    filters: ExportFilter = _ALL,
    options: WriteOptions = PLAIN,
    progress: Progress = silent,
    stop: Stop = never,
) -> ExportReport:
    """Writes the landmarks that the filters take, and the manifest.

    path: the file, for .pts the folder. format_name: see `formats.registry`; None tells it from the path.
    Proposals are those of the project's active model. Frames whose picture has another size than the project knows
    are left out, as their coordinates would be wrong; a picture that is away is no hindrance. Raises FormatError
    (unknown format, a path that must not be replaced, nothing to export, no model whose proposals could be included,
    what a format cannot hold, a full disk) and Cancelled; the files there are then as they were.
    """
    path = Path(path).absolute()
    wanted = format_named(format_name, to_write=True) if format_name else format_of(path)
    _check_path(store, path, wanted)
    model_id = _model(store, filters)
    columns = columns_of(store.scheme, options)
    items, empty = _collect(store, filters, model_id, columns, stop)
    if not items:
        raise FormatError(f"{_nothing(filters, empty)}; nothing was written")
    refused = unusable(store, [item.frame for item in items], stop, missing_too=False)
    if len(refused) == len(items):
        raise FormatError(
            f"{next(iter(refused.values()))}. So it is with all {len(items)} frames; nothing was written"
        )
    wrong = {item.frame.path: refused[item.frame.id] for item in items if item.frame.id in refused}
    items = tuple(item for item in items if item.frame.id not in refused)
    about = {"description": "Facial landmarks exported by Annotator", **_origin(store)}

    def whole(written: Written) -> Written:
        return replace(written, skipped={**wrong, **written.skipped})

    def manifest(written: Written) -> dict[str, Any]:
        exported = [item for item in items if item.frame.path not in written.skipped]
        return _manifest(store, wanted, filters, options, whole(written), exported, columns, empty)

    takes = {(item.frame.subject, item.frame.take) for item in items}
    rates = {take: store.takes.get(*take).rate for take in takes}
    view = DatasetView(store.scheme, items, about, manifest, rates)
    written = whole(wanted.write(view, path, options, progress, stop))
    return ExportReport(written, manifest_of(path, wanted.writes_folder), empty)


def exportable(store: ProjectStore, filters: ExportFilter, options: WriteOptions = PLAIN) -> tuple[int, str]:
    """How many frames an export with these filters writes, and why where it is none; pictures are not looked at.

    Raises FormatError where no model is active whose proposals could be included.
    """
    items, empty = _collect(store, filters, _model(store, filters), columns_of(store.scheme, options), never)
    return len(items), "" if items else _nothing(filters, empty)


def _check_path(store: ProjectStore, path: Path, wanted: Format) -> None:
    """Refuses the mistakes that would cost the user a project or a frame."""
    if path.suffix.lower() in FRAME_EXTENSIONS or path.suffix.lower() == store.path.suffix.lower():
        endings = " or ".join(wanted.extensions)
        raise FormatError(f"{path} looks like an image or a project; name the export with {endings}")
    if path.is_file():
        refuse_to_replace(path)
    if path.is_dir() and not wanted.writes_folder:
        raise FormatError(f"{path} is a folder; name a {wanted.extensions[0]} file in it")
    if path.is_file() and wanted.writes_folder:
        raise FormatError(f"{path} is a file; {wanted.title} needs the name of a folder")
    if wanted.writes_folder:  # the folder is replaced by a new one, under the feet of whatever lives in it
        for inside, what in ((store.path, "the project"), (Path.cwd(), "the folder you are in")):
            if inside.resolve().is_relative_to(path.resolve()):
                raise FormatError(f"{path} holds {what}; name a folder of its own for the export")


def _model(store: ProjectStore, filters: ExportFilter) -> str | None:
    active = store.models.active()
    if filters.proposals and active is None:
        raise FormatError(
            "no model is active, so there are no proposals to include; choose one or leave them out"
        )
    return active.id if active is not None and filters.proposals else None


def _collect(
    store: ProjectStore, filters: ExportFilter, model_id: str | None, columns: Sequence[int], stop: Stop
) -> tuple[tuple[DatasetFrame, ...], int]:
    """The frames with something to export among the landmarks that are written, in capture order, and how many had nothing."""
    summaries = [
        summary for summary in store.frames.list() if filters.takes_frame(summary.frame, summary.review)
    ]
    touched = dict(store.annotations.items([summary.frame.id for summary in summaries]))
    tracks = dict(store.tracks.items([summary.frame.id for summary in summaries])) if filters.tracks else {}
    nothing = Annotation.empty(store.scheme)
    items: list[DatasetFrame] = []
    for summary in summaries:
        if stop():
            raise Cancelled("export stopped; nothing was written")
        annotation = touched.get(summary.frame.id, nothing)
        proposal = None if model_id is None else store.proposals.usable(summary.frame.id, model_id)
        landmarks = filters.landmarks(annotation, proposal, tracks.get(summary.frame.id))
        states = landmarks.state[list(columns)]
        if (states > 0).any() and not (filters.complete and (states == 0).any()):
            proposed = (states == LandmarkState.PROPOSED).any()
            frame, sure = summary.frame, proposal.confidence if proposal is not None and proposed else None
            picture = located(store.frames.capture_root, frame.path)
            items.append(DatasetFrame(frame, landmarks, model_id if proposed else None, sure, picture))
    return tuple(items), len(summaries) - len(items)


def _nothing(filters: ExportFilter, empty: int) -> str:
    kind = "confirmed" if filters.include == "confirmed" else "corrected or confirmed"
    if not empty:
        return "no frame passes the filters"
    amount = "all landmarks" if filters.complete else "a landmark that is"
    more = (" or tracked" if filters.tracks else "") + (" or proposed" if filters.proposals else "")
    return f"none of the {empty} frames that pass the filters has {amount} {kind}{more}"


def _origin(store: ProjectStore) -> dict[str, Any]:
    return {
        "application": f"annotator {__version__}",
        "project": store.path.name,
        "date_created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _agreed(store: ProjectStore, exported: Sequence[DatasetFrame]) -> int:
    """Frames with proposed points whose places come from all cameras of the moment, rather than from the model alone."""
    taken = {
        model: store.consensus.frame_ids(model, taken=True)
        for model in {i.model_id for i in exported if i.model_id}
    }
    return sum(item.frame.id in taken.get(item.model_id or "", ()) for item in exported)


def _manifest(
    store: ProjectStore,
    wanted: Format,
    filters: ExportFilter,
    options: WriteOptions,
    written: Written,
    exported: list[DatasetFrame],
    columns: Sequence[int],
    empty: int,
) -> dict[str, Any]:
    active = store.models.active()
    states = count_states((item.annotation for item in exported), columns)
    placed = sum(count for name, count in states.items() if name != LandmarkState.MISSING.name.lower())
    return {
        **_origin(store),
        "format": wanted.name,
        "convention": wanted.convention,
        "scheme": store.scheme.id,
        "counts": {
            "frames": written.frames,
            "landmarks": written.landmarks,
            "states": states,
            "derived": written.landmarks - placed,  # points that follow from landmarks, as some of the 68 do
            "frames_without_landmarks": empty,
            "frames_left_out": len(written.skipped),
        },
        "models": {
            "active": None if active is None else {"id": active.id, "sha256": active.card.sha256},
            "proposals": sorted({item.model_id for item in exported if item.model_id}),
            "frames_agreed_by_cameras": _agreed(store, exported),
        },
        "subjects": sorted({item.frame.subject for item in exported}),
        "cameras": sorted({item.frame.camera for item in exported}),
        "filters": filters.as_text(),
        "options": asdict(options),
        "left_out": dict(written.skipped),
    }
