"""What an import of a folder would take: the images and movies in it, matched against a pattern or guessed; changes nothing."""

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from annotator.domain.errors import ProjectError
from annotator.domain.takes.movie_path import is_movie
from annotator.domain.words import counted
from annotator.imaging.probe import FRAME_EXTENSIONS
from annotator.services.project.captures.path_pattern import PathPattern
from annotator.services.project.captures.sequence_gaps import gap_notes

_EXAMPLES: Final = 20
_OTHER: Final = "no image"


@dataclass(frozen=True)
class MatchedFile:
    """A file that will become a frame: its path relative to the searched folder (posix) and what the pattern read from it.

    Of a movie each frame becomes one; their numbers are counted, and `frame` is empty.
    """

    path: str
    subject: str
    take: str
    camera: str
    frame: str


@dataclass(frozen=True)
class UnmatchedFile:
    """An image that the pattern leaves out, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class ImportPreview:
    """What an import of a folder would take.

    Attributes:
        folder: absolute. pattern: the one in force, "" for the guess. note: what to know of it, or "".
        matched: in path order. unmatched: images left out, some examples of every reason. unmatched_count:
        all of them. other_files: files that are neither images nor movies by their extension. gaps: a line for each sequence that
    lacks frames.
    """

    folder: Path
    pattern: str
    note: str
    matched: tuple[MatchedFile, ...]
    unmatched: tuple[UnmatchedFile, ...]
    unmatched_count: int
    other_files: int
    gaps: tuple[str, ...] = ()

    @property
    def movies(self) -> int:
        """How many of the matched files are movies."""
        return sum(is_movie(match.path) for match in self.matched)

    @property
    def counts(self) -> str:
        """`96 frames`, `96 frames and 2 movies`, for people."""
        movies = self.movies
        frames = len(self.matched) - movies
        parts = [counted(frames, "frame")] if frames or not movies else []
        return " and ".join([*parts, counted(movies, "movie")] if movies else parts)

    def values(self, field: str) -> list[str]:
        """The different values of a field (subject, take, camera or frame), sorted, without the empty one."""
        return sorted({getattr(match, field) for match in self.matched} - {""})


def preview_import(folder: str | Path, pattern: str | None = None) -> ImportPreview:
    """What `import_captures` would take; looks at names only and changes nothing.

    pattern: see `path_pattern`; None takes every image, with the subject from the first folder (else from
    `folder` itself), take and camera from the next two, and the frame from the number that ends its name; a name
    without one is the camera's below two folders, else the frame's. Where several sequences lie in one folder, each is a take
    or a camera by its name. A movie's name is its take's, its camera's below two folders.
    Raises ProjectError for a folder that is missing, PatternError for a pattern that cannot be understood.
    """
    folder = Path(folder).absolute()
    if not folder.is_dir():
        raise ProjectError(f"{folder} is not a folder; choose the one that holds the captures")
    files = list(_images(folder, folder.resolve()))
    images = [path for path, reason in files if reason == ""]
    barred = [UnmatchedFile(path, reason) for path, reason in files if reason not in ("", _OTHER)]
    others = sum(reason == _OTHER for _, reason in files)
    if pattern is None or not pattern.strip():
        guessed = _told_apart([_guess(path, folder.name) for path in images])
        return ImportPreview(
            folder, "", "", guessed, tuple(barred[:_EXAMPLES]), len(barred), others, _gaps(guessed)
        )
    rule, note = PathPattern(pattern), ""
    matches = {path: rule.match(path) for path in images}
    fielded = rule.with_fields()
    if fielded is not None and not any(matches.values()):
        again = {path: fielded.match(path) for path in images}
        if any(again.values()):
            note = f"no file is called {pattern!r}; it was read as {fielded.text!r}"
            rule, matches = fielded, again
    matched = tuple(
        MatchedFile(path, **(fields | {"frame": ""} if is_movie(path) else fields))
        for path, fields in matches.items()
        if fields is not None
    )
    missed = [UnmatchedFile(path, rule.why_not(path)) for path, fields in matches.items() if fields is None]
    unmatched = _examples(barred + missed)
    left_out, gaps = len(barred) + len(missed), _gaps(matched, rule.frames)
    return ImportPreview(folder, rule.text, note, matched, unmatched, left_out, others, gaps)


def _images(folder: Path, real_root: Path) -> Iterator[tuple[str, str]]:
    """(posix path, why it is left out or "") of every visible file under a folder, in order.

    Links are followed, as studios publish by links; a folder is searched once, however many links lead to it.
    """
    stack = [folder]
    searched = [real_root]
    while stack:
        here = stack.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: _natural(entry.name))
        except OSError as error:
            yield _relative(here, folder), f"cannot be read ({error.strerror}); ask for permission"
            continue
        below = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            reason = _no_path(entry.name) or _no_file(entry, searched)
            if reason:
                yield (
                    (_relative(path, folder) if entry.name.isprintable() else ascii(_relative(path, folder))),
                    reason,
                )
            elif entry.is_dir():
                below.append(path)
                if entry.is_symlink():
                    searched.append(path.resolve())
            else:
                taken = path.suffix.lower() in FRAME_EXTENSIONS or is_movie(path)
                yield _relative(path, folder), "" if taken else _OTHER
        stack.extend(reversed(below))


def _no_path(name: str) -> str:
    """Why a name can be no frame's path; "" where it can. Every letter, space and joiner of Unicode may be in one."""
    if any(
        unicodedata.category(letter) in ("Cs", "Cc") for letter in name
    ):  # bytes that are no text; line breaks
        return "has a name with characters that are no text; rename it"
    return ""


def _no_file(entry: os.DirEntry[str], searched: Sequence[Path]) -> str:
    """Why an entry is neither a file nor a folder to search; "" where it is one."""
    if not entry.is_symlink():
        return "" if entry.is_dir() or entry.is_file() else "is no regular file"
    try:
        target = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        return "is a link that leads nowhere; mend or remove it"
    if target.is_dir() and any(target.is_relative_to(own) or own.is_relative_to(target) for own in searched):
        return "is a link to a folder that is searched anyway"
    return "" if target.is_dir() or target.is_file() else "is no regular file"


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _natural(name: str) -> list[tuple[int, int | str]]:
    """Sorts frame_2 before frame_10."""
    return [
        (0, int(part)) if part.isdigit() else (1, part.lower()) for part in re.split(r"(\d+)", name) if part
    ]


def _guess(path: str, folder_name: str) -> MatchedFile:
    *folders, name = path.split("/")
    stem = PurePosixPath(name).stem
    number = re.search(r"(\d+)$", stem)
    subject, take, camera = [*(folders or [folder_name])[:3], "", ""][:3]
    if is_movie(name):
        return MatchedFile(path, subject, take or stem, camera or (stem if take else ""), "")
    if number is None and len(folders) == 2:
        return MatchedFile(path, subject, take, stem, "")
    return MatchedFile(path, subject, take, camera, number[1] if number else stem)


def _told_apart(guessed: Sequence[MatchedFile]) -> tuple[MatchedFile, ...]:
    """Several sequences in one folder, such as `a.0001.jpg` and `b.0001.jpg`, are different takes, or cameras of one."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)  # of a folder and number, before the number
    for match in guessed:
        folder, name = _named(match)
        if name is not None:
            names[folder, match.frame].add(name)
    crowded = {folder for (folder, _number), found in names.items() if len(found) > 1}
    told = []
    for match in guessed:
        folder, name = _named(match)
        if name is not None and folder in crowded and not (match.take and match.camera):
            match = replace(match, camera=name) if match.take else replace(match, take=name)
        told.append(match)
    return tuple(told)


def _named(match: MatchedFile) -> tuple[str, str | None]:
    """The folder of a file, and what its name says before its number; None for one without a number."""
    pure = PurePosixPath(match.path)
    stem = pure.stem
    if is_movie(match.path) or not match.frame.isdigit() or not stem.endswith(match.frame):
        return str(pure.parent), None
    return str(pure.parent), stem.removesuffix(match.frame).strip("._- ")


def _gaps(matched: Sequence[MatchedFile], wanted: Collection[int] | None = None) -> tuple[str, ...]:
    frames = ((m.subject, m.take, m.camera, m.frame) for m in matched if not is_movie(m.path))
    return gap_notes(frames, wanted)


def _examples(unmatched: list[UnmatchedFile]) -> tuple[UnmatchedFile, ...]:
    """A few of every kind of reason before more of the same."""
    kinds: dict[str, int] = {}
    ranked: list[tuple[int, int, UnmatchedFile]] = []
    for file in unmatched:
        kind = re.sub(r"`[^`]*`|\d+", "", file.reason)
        kinds[kind] = kinds.get(kind, 0) + 1
        ranked.append((kinds[kind], len(ranked), file))
    return tuple(file for _, _, file in sorted(ranked, key=lambda item: item[:2])[:_EXAMPLES])
