"""Bring a project's queues up to date: learn the usual shapes of its faces, then ask the questions anew where that matters.

Proposals and edits keep their own findings true as they are written. What is left for this use case: proposals of a project of
an older version, and the shape statistics, which come from the project as a whole.
"""

from dataclasses import dataclass

import numpy as np

from annotator.domain.annotation import Annotation
from annotator.domain.capture import evenly
from annotator.domain.faces.shape_statistics import LEAST_SHAPES, ShapeStatistics, fit_shapes
from annotator.domain.layers import displayed
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.store.findings import STATISTICS
from annotator.store.project_store import ProjectStore

_SEEN = "queues_seen"  # how many proposals there were at the last refresh
_MOST_SHAPES = 400
_BATCH = 100


@dataclass(frozen=True)
class RefreshSummary:
    """What was done: proposals asked anew, and how many faces the shape statistics were taken from (0: too few)."""

    asked: int
    shapes: int
    stopped: bool = False

    @property
    def text(self) -> str:
        """One line for people."""
        shapes = (
            f"usual shapes from {self.shapes} frames" if self.shapes else "too few frames for usual shapes"
        )
        return f"{self.asked} frames looked at, {shapes}" + (" (stopped)" if self.stopped else "")


def refresh_queues(store: ProjectStore, progress: Progress = silent, stop: Stop = never) -> RefreshSummary:
    """Fit the shape statistics to this project and bring every finding up to date; what is done stays when stopped.

    Raises:
        StoreWriteError: the project cannot be written; each batch that was written before stays.
    """
    statistics = learn_shapes(store)
    if statistics is not None:
        store.settings.set(STATISTICS, statistics.to_plain())
    active = store.models.active()
    seen = len(store.proposals.frame_ids(active.id)) if active is not None else 0
    store.settings.set(_SEEN, seen)
    keys = list(dict.fromkeys([*store.findings.outdated(), *store.findings.annotated()]))
    done = 0
    for start in range(0, len(keys), _BATCH):
        if stop():
            break
        store.findings.rescore(keys[start : start + _BATCH])
        done = min(start + _BATCH, len(keys))
        progress(done, len(keys), "looking for label errors")
    return RefreshSummary(done, statistics.shapes if statistics is not None else 0, done < len(keys))


def needs_refresh(store: ProjectStore) -> bool:
    """Whether a refresh has something to do that no write does by itself: old findings, or twice the proposals of last time."""
    if store.findings.outdated(1):
        return True
    active = store.models.active()
    wanted = max(LEAST_SHAPES, 2 * int(store.settings.get(_SEEN, 0)))
    return active is not None and store.proposals.has(active.id, wanted)


def learn_shapes(store: ProjectStore) -> ShapeStatistics | None:
    """The usual shapes, from at most 400 frames: a person's points where there are, over the active model's proposals.

    Frames that a person worked on come first; the others are spread evenly. A proposal that says that it found no face does
    not count. None where there are too few.
    """
    active = store.models.active()
    human = dict(store.annotations.items())
    proposed = sorted(store.proposals.frame_ids(active.id)) if active is not None else []
    known = set(proposed)
    chosen = evenly([i for i in human if i in known], _MOST_SHAPES)
    rest = [i for i in proposed if i not in human]
    chosen += evenly(rest, _MOST_SHAPES - len(chosen))
    faces, nobody = [], Annotation.empty(store.scheme)
    for frame_id, proposal in store.proposals.items(chosen, active.id) if active is not None else ():
        if proposal.message:
            continue
        shown = displayed(human.get(frame_id, nobody), proposal)
        faces.append(shown.xy.astype(np.float64))
    if active is None:  # imported annotations alone
        usable = [value for value in human.values() if value.is_human.any()]
        faces = [value.xy.astype(np.float64) for value in evenly(usable, _MOST_SHAPES)]
    return fit_shapes(store.scheme, np.array(faces)) if faces else None
