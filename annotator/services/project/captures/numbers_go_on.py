"""Frames that come to a camera of a take which was numbered anew: they go on with its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from annotator.domain.capture import one_spelling
from annotator.domain.takes.take import frame_number
from annotator.services.project.captures.capture_preview import MatchedFile
from annotator.store.project_store import ProjectStore

_Key = tuple[str, str, str]


def numbers_go_on(
    store: ProjectStore,
    prefix: str,
    every: Sequence[MatchedFile],
    fresh: Sequence[MatchedFile],
    notes: dict[str, str],
) -> list[MatchedFile]:
    """The fresh files, with the numbers that their camera's known ones were given (`annotator takes --number-from`).

    Args:
        prefix: from the project's capture root to the files' folder. every: known files and fresh ones. notes: gets a line of
            each file that keeps its own number, as the other would lie below 0.
    """
    shots = {_shot(match) for match in fresh}
    ids = {one_spelling(path): frame_id for path, frame_id in store.frames.by_path().items()}
    known: dict[_Key, tuple[int, str]] = {}  # a known frame's id, and its number by the file
    for match in every:
        frame_id = ids.get(one_spelling(prefix + match.path))
        if frame_id is not None and _shot(match) in shots:
            known.setdefault(_shot(match), (frame_id, match.frame))
    index = {
        frame.id: frame.index for frame in store.frames.of_ids([frame_id for frame_id, _ in known.values()])
    }
    shifts = {key: _shift(index.get(frame_id, ""), number) for key, (frame_id, number) in known.items()}
    return [_numbered(match, shifts, notes) for match in fresh]


def _shot(match: MatchedFile) -> _Key:
    return match.subject, match.take, match.camera


def _shift(index: str, by_file: str) -> tuple[int, int]:
    """(what is added to a file's number, digits); (0, 0) where its frames are called as their files say."""
    number = frame_number(by_file)
    if number is None or index == by_file or not (index.isascii() and index.isdigit()):
        return 0, 0
    return int(index) - number, len(index)


def _numbered(
    match: MatchedFile, shifts: Mapping[_Key, tuple[int, int]], notes: dict[str, str]
) -> MatchedFile:
    shift, digits = shifts.get(_shot(match), (0, 0))
    number = frame_number(match.frame)
    if not digits or number is None:
        return match
    if number + shift < 0:
        notes[match.path] = (
            f"is before frame 0 as this camera is numbered in the project, so it keeps its own number {match.frame}; number the "
            "camera anew (annotator takes --number-from)"
        )
        return match
    return replace(match, frame=f"{number + shift:0{digits}d}")
