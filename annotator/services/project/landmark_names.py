"""Which landmark each point of another program's file is: remembered by the project, or suggested by name and place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.faces.wild_points import typical_size
from annotator.domain.layers import displayed
from annotator.domain.scheme import LandmarkScheme
from annotator.files import write_whole
from annotator.formats.base import ImportedFrame
from annotator.formats.name_map import NOTHING, checked_map, map_text
from annotator.formats.named import AS_NAMED, order_of, spelling
from annotator.formats.registry import format_in, format_named
from annotator.services.project.match_frames import match_frames
from annotator.store.project_store import ProjectStore

_SETTING: Final = "landmark_names"
_NEAR: Final = 0.04  # of the face's size: as far as two conventions of one landmark lie apart
_MOST_FRAMES: Final = 30
_TOLD: Final = 8  # names in a message
_SAME: Final = {
    "l": "left",
    "r": "right",
    "eyebrow": "brow",
    "lip": "lips",
    "pt": "",
    "point": "",
    "landmark": "",
}


@dataclass(frozen=True)
class SuggestedNames:
    """Theirs -> ours, an empty text where nothing is suggested; `reasons` says why. `frames`: that were compared by place."""

    names: Mapping[str, str]
    reasons: Mapping[str, str]
    frames: int

    @property
    def text(self) -> str:
        """One line for people."""
        found = sum(bool(ours) for ours in self.names.values())
        by_place = sum(reason.startswith("by place") for reason in self.reasons.values())
        return f"{found} of the file's {len(self.names)} points are suggested, {by_place} of them by their place on the face"


def remembered_names(store: ProjectStore, format_name: str) -> dict[str, str]:
    """The map that was last used for a format; none where there is none that still fits."""
    kept = store.settings.get(_SETTING, {})
    try:
        return checked_map(
            kept.get(format_name, {}) if isinstance(kept, dict) else {}, store.scheme, "the project's map"
        )
    except FormatError:
        return {}


def remember_names(store: ProjectStore, format_name: str, names: Mapping[str, str]) -> None:
    """Keep a map for the next file of its format."""
    kept = store.settings.get(_SETTING, {})
    store.settings.set(_SETTING, {**(kept if isinstance(kept, dict) else {}), format_name: dict(names)})


def left_out_text(names: Mapping[str, str]) -> str:
    """Which of a file's points a map leaves out, for people; empty where it leaves out none."""
    lost = [theirs for theirs, ours in names.items() if ours == NOTHING]
    more = f" and {len(lost) - _TOLD} more" if len(lost) > _TOLD else ""
    return f"left out of the file's points: {', '.join(lost[:_TOLD])}{more}" if lost else ""


def suggest_names(store: ProjectStore, path: str | Path, format_name: str | None = None) -> SuggestedNames:
    """What each point of a file may be: by its name, by its number in an order that is known, or, on frames that both have, by
    the landmark that lies nearest to it (as annotated, or as the active model proposes). Raises FormatError as an import does.
    """
    path = Path(path).absolute()
    wanted = format_named(format_name) if format_name else format_in(path)
    dataset = wanted.read(path, AS_NAMED)
    theirs, scheme = dataset.scheme.names, store.scheme
    names, reasons = _by_name(theirs, scheme)
    pairs = match_frames(
        [summary.frame for summary in store.frames.list()], dataset.frames, dataset.without_endings
    ).pairs
    distance, frames = _distances(
        store, [(frame, item.in_pixels(frame)) for frame, item in pairs], len(theirs)
    )
    near = np.where(distance <= _NEAR, distance, np.inf)
    near[[at for at, name in enumerate(theirs) if name in names]] = np.inf
    near[:, [scheme.index(ours) for ours in names.values()]] = np.inf
    while np.isfinite(near).any():
        at, index = (int(each) for each in np.unravel_index(np.argmin(near), near.shape))
        names[theirs[at]] = scheme.names[index]
        reasons[theirs[at]] = f"by place: {100 * distance[at, index]:.1f} % of the face away"
        near[at], near[:, index] = np.inf, np.inf
    return SuggestedNames({name: names.get(name, NOTHING) for name in theirs}, reasons, frames)


def write_suggested(suggested: SuggestedNames, target: Path, source: Path) -> None:
    """As a map file for a person to check; raises FormatError where the file is there already."""
    if target.exists():
        raise FormatError(f"{target} exists already; choose another name for the map")
    write_whole(
        target, map_text(suggested.names, suggested.reasons, f"Suggested for {source.name}; check each line.")
    )


def _by_name(theirs: Sequence[str], scheme: LandmarkScheme) -> tuple[dict[str, str], dict[str, str]]:
    """By spelling, by the same words in another order, or by number."""
    found: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for key, reason in ((spelling, "by name"), (_words, "by the words of its name")):
        ours: dict[str, list[str]] = {}
        for name in scheme.names:
            ours.setdefault(key(name), []).append(name)
        for name in theirs:
            same = [each for each in ours.get(key(name), []) if each not in found.values()]
            if name not in found and len(same) == 1:
                found[name], reasons[name] = same[0], reason
    if not found and all(name.isdecimal() for name in theirs):
        for place, index in order_of(len(theirs), scheme).items():
            found[theirs[place]], reasons[theirs[place]] = scheme.names[index], "by its number"
    return found, reasons


def _words(name: str) -> str:
    return " ".join(sorted(filter(None, (_SAME.get(word, word) for word in spelling(name).split("_")))))


def _distances(
    store: ProjectStore, pairs: Sequence[tuple[Frame, ImportedFrame]], count: int
) -> tuple[NDArray[np.float64], int]:
    """float64 [count, L]: the median distance of each point from each landmark, in sizes of the face; infinite where unknown."""
    active = store.models.active()
    sheets = []
    for frame, item in pairs[:_MOST_FRAMES]:
        proposal = store.proposals.usable(frame.id, active.id) if active is not None else None
        annotation = store.annotations.get(frame.id)
        xy = (annotation if proposal is None else displayed(annotation, proposal)).xy.astype(np.float64)
        size = typical_size(xy)
        if size > 0:
            sheets.append(np.linalg.norm(item.xy[:, None].astype(np.float64) - xy[None], axis=-1) / size)
    if not sheets:
        return np.full((count, store.scheme.size), np.inf), 0
    return np.asarray(np.median(np.nan_to_num(np.stack(sheets), nan=np.inf), axis=0)), len(sheets)
