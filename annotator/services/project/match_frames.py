"""Finds the project's frame that an annotation file means, by relative path or by a file name that only one frame has."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from annotator.domain.capture import Frame, one_spelling
from annotator.domain.takes.movie_path import frame_name
from annotator.formats.base import ImportedFrame

Pair = tuple[Frame, ImportedFrame]


@dataclass(frozen=True, eq=False)
class Matches:
    """Pairs of a project's frame and what the file says of it.

    Attributes:
        pairs: in the file's order. unmatched: path in the file -> reason. notes: what a person should check.
    """

    pairs: tuple[Pair, ...]
    unmatched: Mapping[str, str]
    notes: tuple[str, ...] = ()


def match_frames(
    frames: Sequence[Frame], imported: Sequence[ImportedFrame], named_without_ending: bool = False
) -> Matches:
    """Pairs each imported frame with at most one of the project's, and each of the project's with at most one imported.

    A path means the frame of that path, or the only one that ends in it, or in as many of its last parts as
    lead to a single frame; the file name has to agree. `named_without_ending`: endings are not compared
    (`.pts` files beside images). A different size in pixels is no match.
    """
    index = _index(frames, named_without_ending)
    pairs: dict[int, Pair] = {}
    unmatched: dict[str, str] = {}
    exact = {one_spelling(frame.path) for frame in frames}
    # Full paths first: a mere file name must not take the frame that another entry names in full.
    for item in sorted(imported, key=lambda item: one_spelling(item.path) not in exact):
        found = _find(index, _key(item.path, named_without_ending))
        if isinstance(found, str):
            unmatched[item.path] = found
        elif found.id in pairs:
            unmatched[item.path] = f"{pairs[found.id][1].path} stands for the same frame, {found.path}"
        elif contrary := _contrary(found, item):
            unmatched[item.path] = contrary
        elif item.width and item.height and (item.width, item.height) != (found.width, found.height):
            unmatched[item.path] = (
                f"is {item.width} x {item.height} px in the file, but {found.path} is {found.width} x {found.height}"
            )
        else:
            pairs[found.id] = found, item
    order = {id(item): place for place, item in enumerate(imported)}
    matched = tuple(sorted(pairs.values(), key=lambda pair: order[id(pair[1])]))
    return Matches(matched, unmatched, _notes(matched, named_without_ending))


def _contrary(frame: Frame, item: ImportedFrame) -> str:
    """Why a frame cannot be the one that the file means, where the file names its subject, take, camera or index; else ""."""
    for token in ("subject", "take", "camera", "index"):
        ours, theirs = getattr(frame, token), getattr(item, token)
        if ours and theirs and _token(ours) != _token(theirs):
            return f"is of {token} {theirs} in the file, but {frame.path} is of {ours}"
    return ""


def _token(text: str) -> str:
    """A token as it is compared: spreadsheets drop the zeros before a number."""
    text = one_spelling(text.strip())
    return re.sub(r"\d+", lambda digits: digits[0].lstrip("0") or "0", text)


def _notes(pairs: Sequence[Pair], named_without_ending: bool) -> tuple[str, ...]:
    """Tells of pairs whose folders differ: only their file names spoke for them."""
    doubtful = []
    for frame, item in pairs:
        ours, theirs = _key(frame.path, named_without_ending), _key(item.path, named_without_ending)
        shared = min(len(ours), len(theirs))
        if ours[-shared:] != theirs[-shared:]:
            doubtful.append(f"{item.path} as {frame.path}")
    if not doubtful:
        return ()
    return (f"{len(doubtful)} frames were known by their file name alone, such as {doubtful[0]}; check them",)


def _key(path: str, named_without_ending: bool) -> tuple[str, ...]:
    pure = PurePosixPath(one_spelling(frame_name(path)))
    parts = [part for part in pure.parts if part not in ("/", ".")]
    return (*parts[:-1], pure.stem if named_without_ending else pure.name)


def _index(frames: Sequence[Frame], named_without_ending: bool) -> dict[tuple[str, ...], list[Frame]]:
    """Every ending of every path -> the frames that have it."""
    index: dict[tuple[str, ...], list[Frame]] = defaultdict(list)
    for frame in frames:
        key = _key(frame.path, named_without_ending)
        for start in range(len(key)):
            index[key[start:]].append(frame)
    return index


def _find(index: Mapping[tuple[str, ...], list[Frame]], key: tuple[str, ...]) -> Frame | str:
    """The frame that shares the most last parts with a path, or why there is none."""
    for start in range(len(key)):
        found = index.get(key[start:], [])
        whole = [frame for frame in found if len(PurePosixPath(frame.path).parts) == len(key) - start]
        if len(found) == 1 or len(whole) == 1:
            return (whole or found)[0]
        if found:
            return f"could be any of {len(found)} frames, such as {found[0].path} and {found[1].path}"
    return f"no frame is called {key[-1]}"
