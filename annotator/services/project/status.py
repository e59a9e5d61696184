"""Where a project stands: frames by review state, landmarks by who set them, proposals, models, time spent."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from annotator.domain.annotation import ReviewState
from annotator.domain.schemes.scheme_file import newer_scheme
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class ProjectStatus:
    """Counts over a whole project.

    Attributes:
        path, scheme, capture_root: the project. newer_scheme: the id of a newer version of its scheme, if there is one.
        captures_found: whether the capture root is there now.
        frames: all. subjects, takes, cameras: how many differ.
        reviews: frames by review state's name, all states named. touched: frames with a landmark set by a person.
        finished: frames with all landmarks set by a person.
        corrected, confirmed: landmarks. proposed: frames that the active model proposed.
        mean_confidence: of those proposals, 0..1; None without any.
        active_model, models: ids. edits: by people, imports left out. seconds: time that they took. last_edit: None before any.
    """

    path: Path
    scheme: str
    newer_scheme: str | None
    capture_root: Path
    captures_found: bool
    frames: int
    subjects: int
    takes: int
    cameras: int
    reviews: Mapping[str, int]
    touched: int
    finished: int
    corrected: int
    confirmed: int
    proposed: int
    mean_confidence: float | None
    active_model: str | None
    models: tuple[str, ...]
    edits: int
    seconds: float
    last_edit: datetime | None


def project_status(store: ProjectStore) -> ProjectStatus:
    """Count everything that `annotator status` shows; reads the frame list once and the ledger once."""
    reviews: Counter[ReviewState] = Counter()
    touched = finished = corrected = confirmed = 0
    for summary in store.frames.list():
        counts = summary.counts
        reviews[summary.review] += 1
        touched += counts.human > 0
        finished += counts.human == counts.total
        corrected += counts.corrected
        confirmed += counts.confirmed
    active = store.models.active()
    confidences = store.proposals.confidences(active.id)[1][:, 0] if active else ()
    ledger = [entry for entry in store.ledger.entries() if entry.origin.is_work]
    facets = store.frames.facets()
    return ProjectStatus(
        path=store.path,
        scheme=store.scheme.id,
        newer_scheme=newer_scheme(store.scheme.id),
        capture_root=store.frames.capture_root,
        captures_found=store.frames.capture_root.is_dir(),
        frames=store.frames.count(),
        subjects=len(facets["subject"]),
        takes=len(facets["take"]),
        cameras=len(facets["camera"]),
        reviews={state.name.lower(): reviews[state] for state in ReviewState},
        touched=touched,
        finished=finished,
        corrected=corrected,
        confirmed=confirmed,
        proposed=len(confidences),
        mean_confidence=float(sum(confidences)) / len(confidences) if len(confidences) else None,
        active_model=active.id if active else None,
        models=tuple(model.id for model in store.models.all()),
        edits=len(ledger),
        seconds=sum(entry.seconds for entry in ledger),
        last_edit=ledger[-1].at if ledger else None,
    )
