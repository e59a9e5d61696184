"""A project in a newer version of its scheme: a new file beside the old one, which stays as it is."""

from dataclasses import dataclass
from pathlib import Path

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.schemes.conversion import load_conversion
from annotator.domain.schemes.scheme_file import newer_scheme
from annotator.domain.words import counted
from annotator.services.models.active_model import ensure_active_model
from annotator.store.history.changes import Change, Origin
from annotator.store.project_store import ProjectStore

_BATCH = 200


@dataclass(frozen=True)
class ConvertReport:
    """What a conversion made.

    Attributes:
        path: the new project. source, target: scheme ids. frames: all. annotated: with any landmark.
        kept: landmarks carried over as they were. proposed: placed by an offset, for people to look at. lost: set in the old
        project by people, and told by nothing in the new one. reopened: approved frames that need work again.
        model: the active model of the new project, None where none places the new scheme.
    """

    path: Path
    source: str
    target: str
    frames: int
    annotated: int
    kept: int
    proposed: int
    lost: int
    reopened: int
    model: str | None

    @property
    def text(self) -> str:
        """A few lines for people."""
        lines = [
            f"{self.path}: {counted(self.frames, 'frame')}, {self.annotated} of them annotated, in {self.target}",
            f"{counted(self.kept, 'landmark')} carried over, {self.proposed} moved and proposed, {self.lost} left to place anew",
        ]
        if self.reopened:
            lines.append(f"{counted(self.reopened, 'approved frame')} set back to needs work")
        if self.model is None:
            lines.append(f"No model of {self.target} is installed: nothing is proposed beyond that")
        return "\n".join(lines)


def convert_project(
    store: ProjectStore,
    path: Path,
    target_id: str | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> ConvertReport:
    """Makes the project `path` of the same captures, with the annotations of `store` in another version of its scheme.

    Landmarks that did not move keep their place and state. Those that did become proposed, by the offset measured on rendered
    faces. The newest version of each rig comes along. Models, their proposals and the ledger stay in the old project.

    Raises:
        AnnotatorError: there is no newer version, or no conversion to it. ProjectError: `path` is there already.
        Cancelled: asked to stop; the unfinished file is removed.
    """
    wanted = target_id or newer_scheme(store.scheme.id)
    if wanted is None:
        raise AnnotatorError(
            f"{store.scheme.id} is the newest version of its scheme; there is nothing to convert."
        )
    conversion = load_conversion(store.scheme, wanted)
    empty = Annotation.empty(conversion.target)
    kept = proposed = lost = reopened = annotated = 0
    frames = [summary.frame for summary in store.frames.list()]
    with ProjectStore.making(path, conversion.target, store.frames.capture_root) as new:
        new.frames.add(frames)
        ids = new.frames.by_path()
        paths = {frame.id: frame.path for frame in frames}
        changes = []
        for frame_id, old in store.annotations.items():
            if stop():
                raise Cancelled("Stopped; the unfinished project was removed.")
            after = conversion.annotation(old)
            told = after.state != LandmarkState.MISSING
            kept += int((told & ~conversion.moved).sum())
            proposed += int((told & conversion.moved).sum())
            lost += max(0, int((old.state != LandmarkState.MISSING).sum()) - int(told.sum()))
            reopened += old.review == ReviewState.APPROVED and after.review != old.review
            annotated += bool(told.any())
            label = f"Convert from {store.scheme.id}"
            changes.append(Change(ids[paths[frame_id]], empty, after, label, origin=Origin.IMPORT))
            if len(changes) == _BATCH:
                new.annotations.commit_all(changes)
                changes = []
            progress(annotated, len(frames), paths[frame_id])
        new.annotations.commit_all(changes)
        new.rigs.add(*(known.rig for known in store.rigs.list()))
        model = ensure_active_model(new)
    counts = (len(frames), annotated, kept, proposed, lost, reopened)
    return ConvertReport(path, store.scheme.id, wanted, *counts, model.id if model else None)
