"""Which annotated frames train and which measure: decided once for each subject or frame, kept in the project, never changed.

A validation frame that moved into training would make every later "after" look better than it is. So the decision is
written into the project's settings when a subject (or, in a project of one subject, a frame) is first seen with human
landmarks; what comes later fills up the side that is short.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.store.project_store import ProjectStore

SETTING = "training.split"
SHARE = 0.2
"""Of the annotated frames, about this share is kept for validation."""
_LEAST = 3  # fewer frames than this are all needed for training
TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True)
class Split:
    """Frame ids of both sides, in capture order; `by` is "subject" or "frame". `untouched`: the same of frames that nobody
    touched, which the cameras of a rig agree on: those that train and those that measure."""

    training: tuple[int, ...]
    validation: tuple[int, ...]
    by: str
    untouched: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())


def frozen_split(
    store: ProjectStore,
    frames: Sequence[Frame],
    validation_share: float = SHARE,
    moments: Sequence[Sequence[Frame]] = (),
) -> Split:
    """The split of the annotated `frames`; new subjects or frames are decided now and written into the project.

    The frames of each of the `moments` show one face and stay together; those of `frames` among them are decided first, and
    one that measures keeps the whole moment out of training. A project that cannot be written gets the same decision without
    keeping it. Raises ProjectError when the kept decision is damaged.
    """
    kept = _kept(store)
    seen = [frame for moment in moments for frame in moment]
    subjects = {frame.subject for frame in (*frames, *seen) if frame.subject}
    by = str(kept.get("by") or ("subject" if len(subjects) > 1 else "frame"))
    sides: dict[str, str] = dict(kept.get("sides", {}))
    before = dict(sides)
    groups: dict[str, list[int]] = {}
    for frame in frames:
        groups.setdefault(_key(frame, by), []).append(frame.id)
    _decide(groups, sides, validation_share)
    _decide_together([[_key(frame, by) for frame in moment] for moment in moments], sides, validation_share)
    if sides != before and not store.read_only:
        store.settings.set(SETTING, {"by": by, "sides": sides})

    def on(side: str, some: Iterable[Frame]) -> tuple[int, ...]:
        return tuple(frame.id for frame in some if sides[_key(frame, by)] == side)

    annotated = {frame.id for frame in frames}
    kept_out = [moment for moment in moments if on(VALIDATION, moment)]
    learnt = [moment for moment in moments if not on(VALIDATION, moment)]
    apart = tuple(
        tuple(frame.id for moment in some for frame in moment if frame.id not in annotated)
        for some in (learnt, kept_out)
    )
    return Split(on(TRAINING, frames), on(VALIDATION, frames), by, (apart[0], apart[1]))


def _key(frame: Frame, by: str) -> str:
    """What is decided as one: a subject, or a frame by its path (also for a frame that names no subject)."""
    return f"subject:{frame.subject}" if by == "subject" and frame.subject else f"frame:{frame.path}"


def _decide(groups: Mapping[str, Sequence[int]], sides: dict[str, str], share: float) -> None:
    """Give each undecided group a side: validation until its share is reached, but never more than half of the frames.

    The order is that of a hash of the key, so that it says nothing about when a frame was shot or annotated.
    """
    total = sum(len(ids) for ids in groups.values())
    wanted = max(1, round(share * total)) if total >= _LEAST else 0
    held = sum(len(ids) for key, ids in groups.items() if sides.get(key) == VALIDATION)
    for key in sorted(groups.keys() - sides.keys(), key=lambda key: hashlib.sha256(key.encode()).digest()):
        count = len(groups[key])
        takes = held < wanted and held + count <= max(total // 2, 1)
        sides[key] = VALIDATION if takes else TRAINING
        held += count if takes else 0


def _decide_together(moments: Sequence[Sequence[str]], sides: dict[str, str], share: float) -> None:
    """Give the undecided keys of each moment the side that its others have, or else one for all of them."""
    groups: dict[str, list[int]] = {}
    sharing: dict[str, list[str]] = {}
    for keys in moments:
        decided = {sides[key] for key in keys if key in sides}
        if decided:
            side = VALIDATION if VALIDATION in decided else TRAINING
            sides.update({key: side for key in keys if key not in sides})
        else:
            name = min(keys)
            sharing.setdefault(name, []).extend(keys)
            groups.setdefault(name, []).extend(range(len(keys)))
    _decide(groups, sides, share)
    for name, keys in sharing.items():
        sides.update(dict.fromkeys(keys, sides[name]))


def _kept(store: ProjectStore) -> dict[str, Any]:
    kept = store.settings.get(SETTING, {})
    if not isinstance(kept, dict) or not isinstance(kept.get("sides", {}), dict):
        raise ProjectError(
            "The project's setting of training and validation frames is damaged. Restore a backup."
        )
    return kept
