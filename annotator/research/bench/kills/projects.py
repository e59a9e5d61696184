"""Operations on projects that the kill matrix ends at every write."""

import json
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import simplejpeg

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.errors import FormatError
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.report import Report, write_report
from annotator.formats.base import manifest_of
from annotator.formats.registry import format_named
from annotator.research.bench.kills.matrix import Operation
from annotator.services.models.active_model import ensure_active_model
from annotator.services.project.captures.import_captures import import_captures
from annotator.services.project.copies.convert_project import convert_project
from annotator.services.project.copies.merge_copies import merge_copies
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.sample_project import PROJECT_NAME, ensure_sample_project
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.studio.dataset.annotation_files import append_record, finish_dataset, write_json

PROJECT: Final = "show.annotator"
SCHEME: Final = "ibug-68"
_FRAMES: Final = 3
_SIDE: Final = 96
_THEIRS: Final = "theirs.annotator"
_OLDER: Final = "studio-89@1"


def make_captures(folder: Path) -> Path:
    """A few small pictures of noise."""
    captures = folder / "captures"
    captures.mkdir()
    for number in range(_FRAMES):
        noise = np.random.default_rng(number).integers(0, 255, (_SIDE, _SIDE, 3), np.uint8)
        (captures / f"ada_{number}.jpg").write_bytes(simplejpeg.encode_jpeg(noise, colorspace="RGB"))
    return captures


def make_project(folder: Path, scheme: str = SCHEME, placed: int = _FRAMES) -> Path:
    """A project of them; all landmarks of the first `placed` frames stand on a ring."""
    captures = make_captures(folder)
    with ProjectStore.create(folder / PROJECT, load_scheme(scheme), captures) as store:
        import_captures(store, captures)
        _place(store, list(range(1, placed + 1)))
    return folder / PROJECT


def _place(store: ProjectStore, frame_ids: list[int], shift: float = 0.0) -> None:
    """All landmarks of these frames, in one transaction."""
    turn = np.linspace(0, 2 * np.pi, store.scheme.size, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], 1) * 30 + _SIDE / 2 + shift
    changes = []
    for frame_id in frame_ids:
        before = store.annotations.get(frame_id)
        after = edits.apply(edits.move(range(store.scheme.size), ring + frame_id), before)[0]
        changes.append(Change(frame_id, before, after, "Place all"))
    store.annotations.commit_all(changes)


def seen_project(path: Path) -> object:
    """What a reader sees of a project; None where there is none. SQLite itself finds it whole."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as raw:
        if raw.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise FormatError("damaged")
    with ProjectStore.open(path) as store:
        listed = [(row.frame.path, row.counts.corrected) for row in store.frames.list()]
        active = store.models.active()
        points = [(i, _points(own)) for i, own in store.annotations.items()]
        return listed, active and active.id, points, len(store.ledger.entries())


def _points(annotation: Annotation) -> tuple[bytes, bytes]:
    return annotation.xy.tobytes(), annotation.state.tobytes()


def _first_import(folder: Path) -> None:
    with ProjectStore.making(folder / PROJECT, load_scheme(_OLDER), folder / "captures") as store:
        ensure_active_model(store)
        import_captures(store, folder / "captures")


def _edit(frames: list[int], folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store:
        if store.annotations.get(frames[0]).xy[0, 0] < _SIDE:
            _place(store, frames, _SIDE)


def _worked_on_apart(folder: Path) -> None:
    """A project, and a copy of it in which somebody moved everything."""
    with ProjectStore.open(make_project(folder)) as store:
        store.copy_to(folder / _THEIRS)
    with ProjectStore.open(folder / _THEIRS) as store:
        _place(store, [1, 2, 3], _SIDE)


def _merge(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store, ProjectStore.open(folder / _THEIRS) as theirs:
        merge_copies(store, theirs)


def _proposed(folder: Path) -> None:
    """A project whose frames a model proposed."""
    with ProjectStore.open(make_project(folder)) as store:
        size = store.scheme.size
        xy, wide = np.full((size, 2), 30, np.float32), np.tile(np.eye(2, dtype=np.float32), (size, 1, 1))
        rois = np.zeros((len(store.scheme.regions), 4), np.float32)
        own = Proposal("m", store.scheme.id, xy, wide, np.ones(size, np.float32), rois, xy, wide)
        store.proposals.save_all((frame_id, own) for frame_id in range(1, _FRAMES + 1))


def _agree(folder: Path) -> None:
    """What the cameras say of all frames, taken in place of the model's points."""
    with ProjectStore.open(folder / PROJECT) as store:
        size = store.scheme.size
        xy, wide = np.full((size, 2), 60, np.float32), np.tile(np.eye(2, dtype=np.float32), (size, 1, 1))
        flat, none = np.full(size, 0.5, np.float32), np.zeros(size, np.uint8)
        value = FrameConsensus(1, "m", xy, wide, flat, flat, flat, none > 0, none, none == 0, taken=True)
        store.consensus.save_all((frame_id, value) for frame_id in range(1, _FRAMES + 1))


def _seen_agreement(folder: Path) -> object:
    """Which points are proposed, and how sure the lists call them: of all frames the same."""
    with ProjectStore.open(folder / PROJECT) as store:
        shown = {float(value.xy[0, 0]) for _, value in store.proposals.items(range(1, _FRAMES + 1), "m")}
        sure = set(store.proposals.confidences("m")[1][:, 0].tolist())
    if len(shown) != 1 or len(sure) != 1 or (shown == {60.0}) != (sure == {0.5}):
        raise FormatError(f"proposals are half old, half new: {shown}, {sure}")
    return shown


def _age(folder: Path) -> None:
    """A project as version 1 had it."""
    path = make_project(folder)
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(
            "DROP TRIGGER coverage_new; DROP TRIGGER coverage_change; DROP TABLE coverage; DROP TABLE finding; "
            "DROP TABLE assignment; DROP TABLE decision; ALTER TABLE model DROP COLUMN note; "
            "ALTER TABLE model DROP COLUMN removed; "
            "DROP TABLE review_note; DROP TABLE motion; DROP TABLE track; DROP TABLE track_run; DROP TABLE take; "
            "DROP TABLE consensus; DROP INDEX frame_of_moment; "
            "DROP TRIGGER rig_no_delete; DROP TRIGGER rig_no_update; DROP TABLE rig; "
            "ALTER TABLE correction DROP COLUMN origin; "
            "DROP INDEX frame_of_shot; DROP INDEX proposal_rules; ALTER TABLE proposal DROP COLUMN rules; "
            "PRAGMA user_version = 1"
        )


def _migrate(folder: Path) -> None:
    ProjectStore.open(folder / PROJECT).close()


def _migrated(folder: Path) -> object:
    """The version, and what is in it; every backup is whole."""
    found = []
    for path in [folder / PROJECT, *sorted(folder.glob("*.backup*"))]:
        with closing(sqlite3.connect(path)) as raw:
            whole = raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            placed = raw.execute("SELECT count(*) FROM annotation").fetchone()[0]
            found.append((raw.execute("PRAGMA user_version").fetchone()[0], placed))
        if not whole or (path.name != PROJECT and found[-1] != (1, _FRAMES)):
            raise FormatError(f"{path.name} is half made")
    return found[0], len(found) > 1 or found[0][0] == 1


def _convert(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT, read_only=True) as store:
        convert_project(store, folder / "newer.annotator")


def _older_copy(folder: Path) -> None:
    make_project(folder)
    _copy(folder)
    _edit([1], folder)


def _copy(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store:
        store.copy_to(folder / "copy.annotator")


def _older_export(kind: str, folder: Path) -> None:
    make_project(folder, placed=_FRAMES - 1)
    _export(kind, folder)
    with ProjectStore.open(folder / PROJECT) as store:
        _place(store, list(range(1, _FRAMES + 1)), _SIDE)


def _export(kind: str, folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT, read_only=True) as store:
        export_dataset(store, _exported(kind, folder), kind)


def _exported(kind: str, folder: Path) -> Path:
    return folder / "out" / {"pts": "points", "coco": "a.json", "csv": "a.csv"}[kind]


def _seen_export(kind: str, folder: Path) -> object:
    """The points; a manifest that is there tells of them."""
    path = _exported(kind, folder)
    frames = format_named(kind).read(path, load_scheme(SCHEME)).frames
    manifest = manifest_of(path, kind == "pts")
    if manifest.is_file() and json.loads(manifest.read_text("utf-8"))["counts"]["frames"] != len(frames):
        raise FormatError("it stands beside another export's manifest")
    if kind == "pts" and not manifest.is_file():
        raise FormatError("it lacks its manifest")
    return [(frame.path, frame.xy.tobytes()) for frame in frames]


def _report(title: str, folder: Path) -> None:
    write_report(Report(title, [], notes=[title] * 50), folder / "report")


def _seen_report(folder: Path) -> object:
    title = json.loads((folder / "report/report.json").read_text("utf-8"))["title"]
    if (folder / "report/report.html").read_text("utf-8").count(title) < 50:
        raise FormatError("page and figures are of two reports")
    return title


def _rendered(folder: Path, frames: int) -> None:
    scheme = load_scheme(SCHEME)
    for number in range(frames):
        record: dict[str, Any] = {
            "file": f"{number}.jpg", "width": 9, "height": 9, "xy": [[number, 2]] * scheme.size,
            "state": [2] * scheme.size, "calibration": {"f": number}, "subject": "s", "look": "l",
        }  # fmt: skip
        append_record(folder, record)


def _prepare_render(folder: Path) -> None:
    write_json(folder / "manifest.json", {"complete": False})
    _rendered(folder, 2)
    _finish(folder)
    _rendered(folder, 4)


def _finish(folder: Path) -> None:
    finish_dataset(folder, load_scheme(SCHEME))


def _seen_render(folder: Path) -> object:
    """How many frames a complete set has; one that is being finished says so, and counts as the older one."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    told = json.loads((folder / "annotations.json").read_text("utf-8"))
    lenses = json.loads((folder / "calibration.json").read_text("utf-8"))
    if not manifest["complete"]:
        return 2
    if not manifest["frames"] == len(told["images"]) == len(lenses):
        raise FormatError("its files are of two runs")
    return manifest["frames"]


def _nothing(_: Path) -> None:
    """Begins in an empty folder."""


def _sees(name: str) -> Any:
    return lambda folder: seen_project(folder / name)


OPERATIONS: Final = {
    "first import": Operation(make_captures, _first_import, _sees(PROJECT)),
    "sample project": Operation(_nothing, ensure_sample_project, _sees(PROJECT_NAME)),
    "edit": Operation(make_project, partial(_edit, [1]), _sees(PROJECT)),
    "edits of many frames": Operation(make_project, partial(_edit, [1, 2, 3]), _sees(PROJECT)),
    "merge of copies": Operation(_worked_on_apart, _merge, _sees(PROJECT)),
    "cameras that agree": Operation(_proposed, _agree, _seen_agreement),
    "migration": Operation(_age, _migrate, _migrated),
    "conversion": Operation(partial(make_project, scheme=_OLDER), _convert, _sees("newer.annotator")),
    "copy": Operation(_older_copy, _copy, _sees("copy.annotator")),
    **{
        f"export {kind}": Operation(
            partial(_older_export, kind), partial(_export, kind), partial(_seen_export, kind)
        )
        for kind in ("coco", "csv", "pts")
    },
    "report": Operation(partial(_report, "older"), partial(_report, "newer"), _seen_report),
    "render's annotations": Operation(_prepare_render, _finish, _seen_render),
}
"""By name."""
