"""Writes a dataset folder: frames, truth, calibration, manifest; resumable, readable at any time.

Every finished frame is one line of `annotations.jsonl` (frame pixels, house convention). When all frames exist,
`annotations.json` (COCO keypoints), `calibration.json` and `manifest.json` are made from these lines.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.rigs.files.registry import write_rig
from annotator.studio.dataset.annotation_files import append_record, finish_dataset, read_records, write_json
from annotator.studio.dataset.frame_files import frame_file, store_frame
from annotator.studio.dataset.jobs import (
    RANDOM,
    CaptureJob,
    RenderOptions,
    camera_names,
    capture_jobs,
    frames_of,
)
from annotator.studio.draw.crops import GRANULE, check_format
from annotator.studio.draw.image_files import EXTENSIONS
from annotator.studio.draw.renderer import shared_renderer
from annotator.studio.errors import StudioError
from annotator.studio.geometry.still_rig import still_rig

MIN_SIZE, MAX_SIZE = 256, 8192
RIG = "rig.json"


@dataclass(frozen=True)
class RenderSummary:
    """What a run did: frames written now, frames found finished, seconds, whether it was stopped."""

    out: Path
    written: int
    skipped: int
    seconds: float
    stopped: bool


def check_options(options: RenderOptions) -> None:
    """Refuses sizes, formats and counts that cannot be rendered."""
    if not MIN_SIZE <= options.size <= MAX_SIZE:
        raise StudioError(f"size {options.size} is outside {MIN_SIZE}..{MAX_SIZE} pixels")
    if options.format not in EXTENSIONS:
        raise StudioError(f"unknown format '{options.format}'; choose one of: {', '.join(EXTENSIONS)}")
    if options.crops:
        check_format(options.format)
        if options.crop_pixels < GRANULE:
            raise StudioError(f"crops of {options.crop_pixels} pixels are too small: at least {GRANULE}")
    if options.fixed_rig and options.cameras.startswith(f"{RANDOM}:"):
        raise StudioError("random views are no rig: name one to keep it fixed (annotator render --list)")
    if not options.subjects or not options.expressions or options.workers < 1 or options.takes < 1:
        raise StudioError("nothing to render: give at least one subject, expression, take and worker")


def render_dataset(
    out: Path, options: RenderOptions, progress: Progress = silent, stop: Stop = never
) -> RenderSummary:
    """Renders what of the set is not there yet into `out`; ends early, in good order, when `stop()` turns true."""
    check_options(options)
    options = replace(options, scheme=_versioned(options.scheme), also=tuple(map(_versioned, options.also)))
    scheme = load_scheme(options.scheme)
    jobs, names = capture_jobs(options), camera_names(options)
    out.mkdir(parents=True, exist_ok=True)
    _check_manifest(out, options)
    done = {file for file in read_records(out) if (out / file).is_file()}
    total, started = len(jobs) * len(names), time.monotonic()
    missing = [(job, _missing(job, names, options, done)) for job in jobs]
    todo = [(job, wanted) for job, wanted in missing if wanted]
    skipped = total - sum(len(wanted) for _, wanted in todo)
    written, stopped = 0, False
    for record in _records(out, options, scheme, todo, stop):
        append_record(out, record)
        written += 1
        seconds = time.monotonic() - started
        left = seconds / written * (total - skipped - written)
        progress(
            skipped + written,
            total,
            f"{record['file']}, {seconds / written:.2f} s a frame, {_clock(left)} left",
        )
    stopped = written + skipped < total
    if not stopped:
        finish_dataset(out, scheme, [load_scheme(name) for name in options.also])
        if options.fixed_rig:
            write_rig(still_rig(options.cameras, options.size), out / RIG, overwrite=True)
    return RenderSummary(out, written, skipped, time.monotonic() - started, stopped)


def _versioned(scheme: str) -> str:
    """The name of a shipped scheme with its version; a file stays as it is."""
    return scheme if Path(scheme).suffix == ".toml" else load_scheme(scheme).id


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def _missing(job: CaptureJob, names: tuple[str, ...], options: RenderOptions, done: set[str]) -> set[str]:
    return {name for name in names if frame_file(job, name, options) not in done}


def _records(
    out: Path,
    options: RenderOptions,
    scheme: LandmarkScheme,
    todo: list[tuple[CaptureJob, set[str]]],
    stop: Stop,
) -> Any:
    from annotator.studio.dataset.workers import records_in_processes

    if options.workers > 1 and len(todo) > 1:
        yield from records_in_processes(out, options, todo, stop)
        return
    for job, wanted in todo:
        if stop():
            return
        for frame in frames_of(job, options, scheme, shared_renderer(), wanted):
            yield store_frame(out, options, job, frame)
            if stop():
                return


def _check_manifest(out: Path, options: RenderOptions) -> None:
    """Keeps one folder for one set: the options that decide pixels must be those of the first run."""
    path = out / "manifest.json"
    wanted = {
        k: v for k, v in json.loads(json.dumps(asdict(options))).items() if k not in ("workers", "subjects")
    }
    if path.is_file():
        found = json.loads(path.read_text("utf-8")).get("options", {})
        if "@" not in found.get("scheme", "@"):  # rendered before schemes had a second version
            found["scheme"] += "@1"
        usual = json.loads(json.dumps(asdict(RenderOptions(()))))
        changed = sorted(key for key in wanted if found.get(key, usual[key]) != wanted[key])
        if changed:
            raise StudioError(
                f"{out} already holds a set rendered with other options ({', '.join(changed)}); choose another folder"
            )
    else:
        write_json(path, {"kind": "annotator-synthetic", "complete": False, "options": wanted})
