"""Which annotated frames train and which measure: decided once for each subject or frame, kept in the project, never changed.

A validation frame that moved into training would make every later "after" look better than it is. So the decision is
written into the project's settings when a subject (or, in a project of one subject, a frame) is first seen with human
landmarks; what comes later fills up the side that is short.
"""

import hashlib
from collections.abc import Mapping, Sequence
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
    """Frame ids of both sides, in capture order; `by` is "subject" or "frame"."""

    training: tuple[int, ...]
    validation: tuple[int, ...]
    by: str


def frozen_split(store: ProjectStore, frames: Sequence[Frame], validation_share: float = SHARE) -> Split:
    """The split of the annotated `frames`; new subjects or frames are decided now and written into the project.

    A project that cannot be written gets the same decision without keeping it. Raises ProjectError when the kept
    decision is damaged.
    """
    kept = _kept(store)
    subjects = {frame.subject for frame in frames if frame.subject}
    by = str(kept.get("by") or ("subject" if len(subjects) > 1 else "frame"))
    sides: dict[str, str] = dict(kept.get("sides", {}))
    before = dict(sides)
    groups: dict[str, list[int]] = {}
    for frame in frames:
        groups.setdefault(_key(frame, by), []).append(frame.id)
    _decide(groups, sides, validation_share)
    if sides != before and not store.read_only:
        store.settings.set(SETTING, {"by": by, "sides": sides})
    of = {frame.id: sides[_key(frame, by)] for frame in frames}
    return Split(
        tuple(frame.id for frame in frames if of[frame.id] == TRAINING),
        tuple(frame.id for frame in frames if of[frame.id] == VALIDATION),
        by,
    )


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


def _kept(store: ProjectStore) -> dict[str, Any]:
    kept = store.settings.get(SETTING, {})
    if not isinstance(kept, dict) or not isinstance(kept.get("sides", {}), dict):
        raise ProjectError(
            "The project's setting of training and validation frames is damaged. Restore a backup."
        )
    return kept
