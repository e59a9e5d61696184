"""Brings a folder tree of captures, images and movies, into a project, after a preview of what a pattern matches.

Files are only looked at (their headers), never copied or changed; the project keeps paths relative to its capture root.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from annotator.domain.capture import Frame, one_spelling
from annotator.domain.errors import ProjectError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.takes.movie_path import MOVIE_EXTENSIONS, is_movie, movie_frame
from annotator.domain.takes.take import TakeSettings
from annotator.imaging.movies import movie
from annotator.imaging.probe import FRAME_EXTENSIONS, FrameReadError, probe
from annotator.services.project.captures.capture_preview import ImportPreview, MatchedFile, preview_import
from annotator.services.project.captures.numbers_go_on import numbers_go_on
from annotator.store.project_store import ProjectStore

__all__ = ["ImportPreview", "ImportSummary", "import_captures", "preview_import"]

_BATCH: Final = 2000
_THREADS: Final = (
    8  # opening a file waits for the drive far longer than it computes, most of all on a network
)


@dataclass(frozen=True)
class ImportSummary:
    """What an import did: frames added, those the project had already, files that could not be used, with the reason, and what
    to check of frames that were added (path: note)."""

    preview: ImportPreview
    added: int
    known: int
    failures: tuple[FrameReadError, ...]
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Probed:
    frame: Frame
    note: str


def import_captures(
    store: ProjectStore,
    folder: str | Path,
    pattern: str | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    only: Collection[str] = (),
) -> ImportSummary:
    """Adds the files that `preview_import` matches to the project; those it has already are skipped.

    The folder must lie inside the project's capture root; a project without frames takes the folder as its root.
    `only`: paths below the folder, all others are passed over. A file that cannot be used is reported and left out.
    Previews are made later, when a frame is first shown.
    Raises ProjectError (outside the root, or nothing matched), PatternError, StoreWriteError; Cancelled on
    stop, what was added stays.
    """
    preview = preview_import(folder, pattern)
    if not preview.matched:
        raise ProjectError(_nothing(preview))
    prefix = _prefix(store, preview.folder)
    known = {one_spelling(path) for path in store.frames.by_path()}
    wanted = [match for match in preview.matched if not only or match.path in only]
    failures: list[FrameReadError] = []
    notes: dict[str, str] = {}
    every, rates = _frames_of(preview.folder, wanted, failures, notes, progress, stop)
    fresh = [match for match in every if one_spelling(prefix + match.path) not in known]
    if fresh and len(fresh) < len(every):
        fresh = numbers_go_on(store, prefix, every, fresh, notes)
    added = 0
    for start in range(0, len(fresh), _BATCH):
        frames: list[Frame] = []
        for done, result in enumerate(
            _probe_all(preview.folder, prefix, fresh[start : start + _BATCH]), start + 1
        ):
            if stop():
                raise Cancelled(f"import stopped; {added} frames were added")
            if isinstance(result, FrameReadError):
                failures.append(result)
            else:
                frames.append(result.frame)
                if result.note:
                    notes[result.frame.path] = result.note
            if done % 50 == 0 or done == len(fresh):
                path = result.path if isinstance(result, FrameReadError) else result.frame.path
                progress(done, len(fresh), str(path))
        added += store.frames.add(frames)
    _set_rates(store, rates)
    return ImportSummary(preview, added, len(every) - len(fresh), tuple(failures), notes)


def _frames_of(
    folder: Path,
    matches: Sequence[MatchedFile],
    failures: list[FrameReadError],
    notes: dict[str, str],
    progress: Progress,
    stop: Stop,
) -> tuple[list[MatchedFile], dict[tuple[str, str], Fraction]]:
    """The files with every movie as its frames, and the rates of takes that movies tell."""
    movies = sum(is_movie(match.path) for match in matches)
    every: list[MatchedFile] = []
    rates: dict[tuple[str, str], Fraction] = {}
    for match in matches:
        if not is_movie(match.path):
            every.append(match)
            continue
        if stop():
            raise Cancelled("import stopped; no frames were added")
        progress(len(rates), movies, match.path)
        try:
            found = movie(folder / match.path)
        except FrameReadError as error:
            failures.append(error)
            continue
        rates.setdefault((match.subject, match.take), found.rate)
        if not found.is_even:
            notes[match.path] = (
                f"its frames do not last alike; they are numbered from 1 to {len(found)}, and the take has their mean rate of "
                f"{float(found.rate):.3f} a second"
            )
        for number in range(1, len(found) + 1):
            path = movie_frame(match.path, number)
            every.append(replace(match, path=path, frame=path.rpartition("/")[2]))
    return every, rates


def _set_rates(store: ProjectStore, rates: Mapping[tuple[str, str], Fraction]) -> None:
    """Takes of which nobody said anything yet have the rate of their movie."""
    for key, rate in rates.items():
        settings = store.takes.get(*key)
        if settings == TakeSettings() and rate != settings.rate:
            store.takes.set(*key, replace(settings, rate=rate))


def _nothing(preview: ImportPreview) -> str:
    if not preview.unmatched_count:
        wanted = ", ".join(sorted(FRAME_EXTENSIONS | MOVIE_EXTENSIONS))
        return f"{preview.folder} holds no images or movies (looked for {wanted})"
    first = preview.unmatched[0]
    wanted = f"the pattern {preview.pattern!r} matches none" if preview.pattern else "none can be taken"
    return f"{preview.folder}: {wanted} of {preview.unmatched_count} images. For example {first.path}: {first.reason}"


def _prefix(store: ProjectStore, folder: Path) -> str:
    """From the capture root to the folder: "" or with a slash at its end. A project without frames takes it as root."""
    root = store.frames.capture_root
    for base, inner in (
        (Path(os.path.normpath(root)), Path(os.path.normpath(folder))),
        (root.resolve(), folder.resolve()),
    ):
        if inner.is_relative_to(base):
            inside = inner.relative_to(base).as_posix()
            return "" if inside == "." else f"{inside}/"
    if store.frames.count() == 0:
        store.frames.relink(folder)
        return ""
    raise ProjectError(
        f"{folder} lies outside this project's captures ({root}). Import a folder inside it, move the captures there, or make "
        f"a new project for {folder}"
    )


def _probe_all(folder: Path, prefix: str, matches: list[MatchedFile]) -> Iterator[_Probed | FrameReadError]:
    """The frames of some matches in order, read by several threads; closing the iterator drops what has not begun."""
    with ThreadPoolExecutor(_THREADS, "probe") as pool:
        try:
            yield from pool.map(lambda match: _probe(folder, prefix, match), matches)
        finally:
            pool.shutdown(cancel_futures=True)


def _probe(folder: Path, prefix: str, match: MatchedFile) -> _Probed | FrameReadError:
    try:
        info = probe(folder / match.path)
        tokens = (match.subject, match.take, match.camera, match.frame)
        return _Probed(Frame(0, prefix + match.path, *tokens, info.width, info.height), info.note)
    except FrameReadError as error:
        return error
    except ValueError:
        return FrameReadError(
            folder / match.path, "has a name that a project cannot keep; rename it without backslashes"
        )
