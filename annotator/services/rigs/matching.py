"""Which of the project's cameras a calibration file means: by name, then by the same name written otherwise."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from annotator.domain.outside_files import parse_toml, read_outside_text
from annotator.domain.rigs.rig import RigError

_Tokens = tuple[str, ...]
_WORDS: Final = {"cam", "camera", "view", "c"}
"""Words before a camera's own name that tell nothing."""
_MOST_BYTES: Final = 2**20


@dataclass(frozen=True)
class CameraMatches:
    """Cameras of a file and of the project.

    Attributes:
        pairs: the file's name -> the project's. alike: those of the file whose name is not the very same.
        unmatched: the file's name -> why no camera of the project is meant.
    """

    pairs: Mapping[str, str]
    alike: tuple[str, ...]
    unmatched: Mapping[str, str]


def match_cameras(
    named: Sequence[str], cameras: Sequence[str], mapping: Mapping[str, str] | None = None
) -> CameraMatches:
    """Match each of a file's cameras to at most one of the project's, and the other way round.

    Names match when they are the same; then when they differ by case, separators or zeros before a number alone; then when one
    is the end of the other (`dome_A01`, `A01`; `cam3`, `Camera 03`). What could be several is matched to none.

    Args:
        mapping: the file's name -> the project's, of those that there are; it goes before all else.

    Raises:
        RigError: the mapping names one of the project's twice.
    """
    pairs = dict(mapping or {})
    if len(set(pairs.values())) < len(pairs):
        raise RigError("Two cameras of the file are said to be the same one of the project.")
    given, unmatched = set(pairs), dict[str, str]()
    for same in (lambda a, b: a == b, lambda a, b: _tokens(a) == _tokens(b), _tail_of_other):
        ours = [camera for camera in cameras if camera not in pairs.values()]
        theirs = [name for name in named if name not in pairs and name not in unmatched]
        pairs |= _one_to_one(theirs, ours, same, unmatched)
    for name in named:
        if name not in pairs:
            unmatched.setdefault(name, "no camera of the project has such a name")
    alike = tuple(name for name, camera in pairs.items() if name != camera and name not in given)
    return CameraMatches({name: pairs[name] for name in named if name in pairs}, alike, unmatched)


def read_mapping(path: Path) -> dict[str, str]:
    """A TOML file of lines such as `"cam 1" = "front"`: the file's name, the project's. Raises `RigError` for anything else."""
    try:
        values = parse_toml(read_outside_text(path, _MOST_BYTES, "utf-8-sig"))
    except OSError as error:
        raise RigError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ValueError as error:
        raise RigError(f'{path} must be TOML with lines such as "cam 1" = "front": {error}.') from None
    if not all(isinstance(camera, str) for camera in values.values()):
        raise RigError(
            f'{path} must have lines such as "cam 1" = "front" alone: the file\'s camera, the project\'s.'
        )
    return values


def _one_to_one(
    theirs: Sequence[str],
    ours: Sequence[str],
    same: Callable[[str, str], bool],
    unmatched: dict[str, str],
) -> dict[str, str]:
    meant = {name: [camera for camera in ours if same(name, camera)] for name in theirs}
    rivals = {camera: [name for name in theirs if camera in meant[name]] for camera in ours}
    pairs = {}
    for name, found in meant.items():
        if len(found) > 1:
            unmatched[name] = f"could be {' or '.join(found)}; say which"
        elif found and len(rivals[found[0]]) > 1:
            others = " and ".join(rival for rival in rivals[found[0]] if rival != name)
            unmatched[name] = f"could be {found[0]}, but so could {others}; say which"
        elif found:
            pairs[name] = found[0]
    return pairs


def _tokens(name: str) -> _Tokens:
    """Words and numbers of a name, whatever lies between them."""
    parts = re.findall(r"\d+|[^\W\d_]+", name.casefold())
    return tuple((part.lstrip("0") or "0") if part.isdecimal() else part for part in parts) or (name,)


def _tail_of_other(one: str, other: str) -> bool:
    a, b = _bare(_tokens(one)), _bare(_tokens(other))
    short, long = sorted((a, b), key=len)
    return long[len(long) - len(short) :] == short


def _bare(tokens: _Tokens) -> _Tokens:
    while len(tokens) > 1 and tokens[0] in _WORDS:
        tokens = tokens[1:]
    return tokens
